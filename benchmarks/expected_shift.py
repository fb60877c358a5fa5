"""What the shift meter shows on a base's own kind of data, by number of examples.

    THAW_DATA=… python benchmarks/expected_shift.py

For picture bases: draws n photographs at random from `imagenet_one_per_class` (one per source
class, not part of this project). For text bases: draws n sentences of English prose by other
authors than those that `source_norms.py` took the statistics from. 4 draws for each n; the mean
shift goes to `tl_core/evidence/expected_shift.json`. Only these derived numbers are kept.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from measuring import folder_dataset, text_dataset
from prose import prose
from shifts import shift_of

from tl_core import catalog, files
from tl_core.data.dataset import Dataset
from tl_core.engine.modality import Modality
from tl_core.engine.modality.text import TEXT
from tl_core.engine.modality.vision import VISION
from tl_core.evidence import shift as meter

SIZES = (16, 32, 64, 128)
DRAWS = 4
OUT = Path(meter.__file__).with_name("expected_shift.json")


def of_bases(modality: Modality, dataset: Dataset) -> dict[str, list[dict[str, float]]]:
    """Measure every base of the catalog that reads this kind of data."""
    table: dict[str, list[dict[str, float]]] = {}
    for base in catalog.rank(modality.name):
        backbone = modality.load_backbone(base, size=None, pretrained=True)
        examples = modality.open_examples(dataset, range(len(dataset.examples)), backbone)
        rng = np.random.default_rng(0)
        table[base.id] = []
        for n in SIZES:
            draws = []
            for _ in range(DRAWS):
                chosen = rng.choice(len(examples), n, replace=False).tolist()
                found = shift_of(backbone, examples, chosen)
                draws.append([found.early, found.middle, found.late])
            early, middle, late = np.mean(draws, axis=0).round(4).tolist()
            table[base.id].append({"n": n, "early": early, "middle": middle, "late": late})
            print(base.id, table[base.id][-1], flush=True)
    return table


def main() -> None:
    """Measure every base and write the table."""
    torch.manual_seed(0)
    photographs = folder_dataset(files.data_root() / "imagenet_one_per_class")
    sentences = text_dataset(prose(held_out=True), name="prose")
    table = of_bases(VISION, photographs) | of_bases(TEXT, sentences)
    OUT.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
