"""Sets of pictures that are made: from packages, by drawing, or by changing others.

    python benchmarks/made_sets.py [NAME …]

Each is written once, as class folders of PNG files below THAW_HOME; equal calls write equal files.
The changed ones hold what a picture shows and take away what a base may know of it, by steps: grey
photographs, colours turned about, and pixels put in an order that no photograph has.
"""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from tl_core import files

Made = Iterator[tuple[str, Image.Image]]
"""Each picture with its place: part, class and name."""

DIGIT_PX, DIGIT_WHITE = 32, 16
GRATINGS_PER_CLASS, GRATING_PX, ORIENTATIONS = 260, 96, 8
GRATING_CONTRAST, GRATING_NOISE, GRATING_SLACK_DEGREES = 34.0, 42.0, 8.0
SEED = 7


def folder(name: str) -> Path:
    """Return the folder of a made set, which is written where it is not there yet.

    Raises:
        KeyError: if there is no such set.
    """
    make = MAKERS[name]
    root = files.home() / "made" / name
    if not root.exists():
        root.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=root.parent))
        for place, picture in make():
            path = draft / place
            path.parent.mkdir(parents=True, exist_ok=True)
            picture.save(path)
        try:
            draft.rename(root)
        except OSError:  # another process was sooner
            shutil.rmtree(draft)
    return root


def digits() -> Made:
    """Yield the 1,797 scanned digits that scikit-learn brings, enlarged smoothly."""
    from sklearn.datasets import load_digits

    scans = load_digits()
    for number, (ink, label) in enumerate(zip(scans.images, scans.target, strict=True)):
        grey = Image.fromarray(np.rint(ink * (255 / DIGIT_WHITE)).astype(np.uint8))
        edges = (DIGIT_PX, DIGIT_PX)
        yield f"all/{label}/{number:04d}.png", grey.resize(edges, Image.Resampling.BICUBIC)


def _cells() -> Iterator[tuple[str, str, Path]]:
    """Yield the 2,624 solar cells of elpv-dataset: kind, label, picture.

    A cell counts as defective from a probability of one half.
    """
    found = importlib.util.find_spec("elpv_dataset")
    if found is None or not found.submodule_search_locations:
        raise SystemExit("pip install elpv-dataset")
    root = Path(next(iter(found.submodule_search_locations))) / "data"
    for line in (root / "labels.csv").read_text(encoding="utf-8").splitlines():
        name, probability, kind = line.split()
        yield kind, "defective" if float(probability) >= 0.5 else "intact", root / name


def solar() -> Made:
    """Yield all solar cells."""
    for _kind, label, path in _cells():
        with Image.open(path) as picture:
            yield f"all/{label}/{path.name}", picture.convert("L")


def solar_kinds() -> Made:
    """Yield the solar cells by what they are made of: single crystals (mono) or many (poly)."""
    for kind, label, path in _cells():
        with Image.open(path) as picture:
            yield f"{kind}/{label}/{path.name}", picture.convert("L")


def gratings() -> Made:
    """Yield faint stripes in noise, of eight orientations; only the orientation tells."""
    rng = np.random.default_rng(SEED)
    y, x = np.mgrid[:GRATING_PX, :GRATING_PX]
    for label in range(ORIENTATIONS):
        for number in range(GRATINGS_PER_CLASS):
            slack = rng.uniform(-GRATING_SLACK_DEGREES, GRATING_SLACK_DEGREES)
            angle = np.deg2rad(label * 180 / ORIENTATIONS + slack)
            along = np.cos(angle) * x + np.sin(angle) * y
            wave = np.sin(2 * np.pi * (along / rng.uniform(6, 14) + rng.uniform()))
            values = 128 + GRATING_CONTRAST * wave + GRATING_NOISE * rng.standard_normal(x.shape)
            grey = np.clip(np.rint(values), 0, 255).astype(np.uint8)
            yield f"all/{label * 180 // ORIENTATIONS:03d}/{number:03d}.png", Image.fromarray(grey)


def changed(
    parts: dict[str, str], change: Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.uint8]]
) -> Made:
    """Yield the pictures of folders below the data root, each put through `change`."""
    for part, place in parts.items():
        for path in sorted((files.data_root() / place).glob("*/*")):
            with Image.open(path) as picture:
                pixels = np.asarray(picture.convert("RGB"))
            yield f"{part}/{path.parent.name}/{path.stem}.png", Image.fromarray(change(pixels))


CIFAR = {"train": "cifar10/train", "val": "cifar10/test"}
ANTS = {"train": "ants_bees/train", "val": "ants_bees/val"}


def ants_bees_grey() -> Made:
    """Yield the ants and bees without their colours."""
    return changed(ANTS, lambda p: np.asarray(Image.fromarray(p).convert("L").convert("RGB")))


def cifar10_turned() -> Made:
    """Yield the small photographs as negatives with their colour channels swapped about."""
    return changed(CIFAR, lambda p: 255 - p[..., [2, 0, 1]])


def cifar10_scrambled() -> Made:
    """Yield the small photographs with their pixels in another order, the same for all."""
    order = np.random.default_rng(SEED).permutation(32 * 32)
    return changed(CIFAR, lambda p: p.reshape(-1, 3)[order].reshape(p.shape))


MAKERS: dict[str, Callable[[], Made]] = {
    "digits": digits,
    "solar": solar,
    "solar_kinds": solar_kinds,
    "gratings": gratings,
    "ants_bees_grey": ants_bees_grey,
    "cifar10_turned": cifar10_turned,
    "cifar10_scrambled": cifar10_scrambled,
}
"""Every set by its name."""


def main() -> None:
    """Write sets, and say how many pictures each has."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(MAKERS)}; default: all")
    for name in parser.parse_args().names or MAKERS:
        root = folder(name)
        print(f"{name}: {sum(1 for _ in root.glob('*/*/*'))} pictures in {root}")


if __name__ == "__main__":
    main()
