"""What the shift meter shows on a base's own kind of picture, by number of pictures.

    THAW_DATA=… python benchmarks/expected_shift.py

Draws n photographs at random from `imagenet_one_per_class` (one per source class, not part of
this project), 4 times for each n, and writes the mean shift to
`tl_core/evidence/expected_shift.json`. Only these derived numbers are kept.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from measuring import folder_dataset

from tl_core import catalog, files
from tl_core.engine import precision
from tl_core.engine.modality.vision import VISION
from tl_core.evidence import shift as meter

SIZES = (16, 32, 64, 128)
DRAWS = 4
OUT = Path(meter.__file__).with_name("expected_shift.json")


def main() -> None:
    """Measure every picture base and write the table."""
    dataset = folder_dataset(files.data_root() / "imagenet_one_per_class")
    table: dict[str, list[dict[str, float]]] = {}
    for base in catalog.rank("picture"):
        backbone = VISION.load_backbone(base, size=None, pretrained=True)
        rows = range(len(dataset.examples))
        examples = VISION.open_examples(dataset, rows, backbone)
        rng = np.random.default_rng(0)
        table[base.id] = []
        for n in SIZES:
            draws = []
            for _ in range(DRAWS):
                chosen = rng.choice(len(examples), n, replace=False).tolist()
                with (
                    meter.watching(backbone.body) as moments,
                    torch.inference_mode(),
                    precision.autocast(),
                ):
                    for start in range(0, n, 64):
                        backbone.body(examples.inputs(chosen[start : start + 64]))
                found = meter.shift(moments, backbone)
                assert found is not None
                draws.append([found.early, found.middle, found.late])
            early, middle, late = np.mean(draws, axis=0).round(4).tolist()
            table[base.id].append({"n": n, "early": early, "middle": middle, "late": late})
            print(base.id, table[base.id][-1], flush=True)
    OUT.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
