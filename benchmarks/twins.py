"""Where the borders between twins and mere likeness lie: hashes and features of both.

    THAW_DATA=… python benchmarks/twins.py

`pairs` takes all pairs of pictures of a set (two million of hand signs): how many the hashes
propose, how near the features of those are, by bits of 256 that differ, and how many pass as twins.
Hand signs are photographs of different people before one wall, small photographs are unrelated, and
magnet surfaces hold many shots of the same piece. `copies` takes 200 pictures of each set and their
copies as people make them; `passes` is the share that is called a twin. Features as in
`tl_core.evidence.twins`, in fp32; nothing is timed.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

os.environ |= {"THAW_HOME": tempfile.mkdtemp(prefix="thaw-twins-"), "THAW_PRECISION": "fp32"}

import numpy as np
import numpy.typing as npt
from measuring import folder_dataset, write_results
from PIL import Image
from planted_data import changed

from tl_core import catalog, files
from tl_core.data import alike
from tl_core.data.dataset import Dataset, Example
from tl_core.data.traits import TRAIT, Traits, trait_of
from tl_core.engine import features
from tl_core.engine.modality import modality_of
from tl_core.evidence.twins import EDGE_PX, SAME_BITS, SAME_COSINE, SHOT_COSINE

SETS = {
    "ants and bees": "ants_bees/train",
    "hand signs": "sign_digits",
    "small photographs": "cifar10/train",
    "magnet surfaces": "magnetic_tile",
}
MOST = 2100
COPIES = 200
BANDS = (0, 20, 40, 50, 60, 70)


def trimmed(picture: Image.Image, share: float) -> Image.Image:
    """Return a picture without so much of each edge."""
    w, h = picture.size
    return picture.crop((int(share * w), int(share * h), w - int(share * w), h - int(share * h)))


KINDS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "saved anew (JPEG 60)": lambda picture: changed(picture, "saved anew"),
    "at three quarters": lambda picture: changed(picture, "smaller"),
    "brighter by 15 %": lambda picture: changed(picture, "brighter"),
    "3 % off each edge": lambda picture: trimmed(picture, 0.03),
    "10 % off each edge": lambda picture: trimmed(picture, 0.10),
    "grey": lambda picture: picture.convert("L").convert("RGB"),
    "mirrored": lambda picture: picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
}

Floats = npt.NDArray[np.float32]


def seen(paths: Sequence[Path]) -> tuple[Traits, Floats]:
    """Return the traits of pictures, and their features at unit length."""
    traits = []
    for path in paths:
        with Image.open(path) as picture:
            traits.append(trait_of(picture.convert("RGB"), is_turned=False, size_bytes=0))
    examples = tuple(Example(str(p), p, 0, "", "", p.name) for p in paths)
    dataset = Dataset("twins", "twins", ("any",), examples, "", 0.0, "twins")
    modality = modality_of("picture")
    base = catalog.find(catalog.default_base("picture"))
    backbone = modality.load_backbone(base, size=EDGE_PX, pretrained=True)
    opened = modality.open_examples(dataset, tuple(range(len(paths))), backbone)
    vectors = features.compute(backbone.chain, opened, lambda done, total: None).numpy()
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.array(traits, dtype=TRAIT), vectors


def passes(bits: Any, cosine: Any) -> Any:
    """Tell which pairs are called twins once they are proposed."""
    same = (bits <= SAME_BITS) & (cosine >= SAME_COSINE)
    return (same | (cosine >= SHOT_COSINE)) & (bits <= alike.FINE_BITS)


def pairs(traits: Traits, vectors: Floats) -> dict[str, Any]:
    """Describe what hashes propose among all pairs of a set."""
    proposed, bits = alike.candidates(traits)
    cosine = (vectors[proposed[:, 0]] * vectors[proposed[:, 1]]).sum(1)
    bands = {}
    for low, high in pairwise(BANDS):
        own = cosine[(bits > low - (low == 0)) & (bits <= high)]
        spread = np.quantile(own, (0.1, 0.5, 0.9)).round(3).tolist() if len(own) else None
        bands[f"to {high} bits"] = {"pairs": len(own), "cosine at 10, 50, 90 %": spread}
    n = len(traits)
    return {
        "pictures": n,
        "pairs": n * (n - 1) // 2,
        "proposed": len(proposed),
        "twins": int(passes(bits, cosine).sum()),
        "by bits": bands,
    }


def copies(paths: Sequence[Path], traits: Traits, vectors: Floats) -> dict[str, Any]:
    """Describe how near copies lie to their originals, by the kind of copy."""
    chosen = np.random.default_rng(0).permutation(len(paths))[:COPIES]
    found = {}
    for kind, make in KINDS.items():
        with tempfile.TemporaryDirectory() as folder:
            made = [Path(folder) / f"{number}.png" for number in range(len(chosen))]
            for target, place in zip(made, chosen, strict=True):
                with Image.open(paths[place]) as picture:
                    make(picture.convert("RGB")).save(target)
            others, their_vectors = seen(made)
        coarse = np.bitwise_count(traits["coarse"][chosen] ^ others["coarse"])
        bits = np.bitwise_count(traits["fine"][chosen] ^ others["fine"]).sum(1)
        cosine = (vectors[chosen] * their_vectors).sum(1)
        is_twin = passes(bits, cosine) & (coarse <= alike.COARSE_BITS)
        found[kind] = {
            "passes": round(float(is_twin.mean()), 3),
            "bits of 64 at 50, 90 %": np.quantile(coarse, (0.5, 0.9)).tolist(),
            "bits of 256 at 50, 90 %": np.quantile(bits, (0.5, 0.9)).tolist(),
            "cosine at 5, 50 %": np.quantile(cosine, (0.05, 0.5)).round(3).tolist(),
        }
    return found


def main() -> None:
    """Run everything."""
    results: dict[str, Any] = {"pairs": {}, "copies": {}}
    for name, place in SETS.items():
        examples = folder_dataset(files.data_root() / place).examples
        paths = [e.path for e in examples[:: -(-len(examples) // MOST)]]
        traits, vectors = seen(paths)
        results["pairs"][name] = pairs(traits, vectors)
        results["copies"][name] = copies(paths, traits, vectors)
        print(name, results["pairs"][name], results["copies"][name], flush=True)
    write_results(__file__, "python benchmarks/twins.py", results)


if __name__ == "__main__":
    main()
