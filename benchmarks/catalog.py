"""The numbers of the catalog: parameters, multiply-adds, stages, top-1 on the source.

    THAW_DATA=… python benchmarks/catalog.py

Top-1 is on `imagenet_one_per_class` (1,000 photographs, one per class, not part of this
project), so its 95 % interval is about two points wide to either side. The test of the catalog
compares `bases.toml` with the committed results.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import timm
import torch
from measuring import folder_dataset, write_results

from tl_core import catalog, files
from tl_core.engine import features
from tl_core.engine.modality.text import TEXT
from tl_core.engine.modality.vision import VISION
from tl_core.engine.scores import accuracy
from tl_core.engine.stages import count_multiply_adds


def main() -> None:
    """Measure every base."""
    results = {base.id: of_text(base) for base in catalog.rank("text")}
    dataset = folder_dataset(files.data_root() / "imagenet_one_per_class")
    labels = torch.tensor([e.label for e in dataset.examples])
    for base in catalog.rank("picture"):
        backbone = VISION.load_backbone(base, size=None, pretrained=True)
        rows = range(len(dataset.examples))
        examples = VISION.open_examples(dataset, rows, backbone)
        found = features.pooled(backbone, examples, lambda done, total: None).last
        assert backbone.source_head is not None
        right = int((backbone.source_head(found).argmax(1) == labels).sum())
        whole = timm.create_model(base.architecture)
        results[base.id] = {
            "source_accuracy": asdict(accuracy(right, len(labels))),
            "parameters": sum(p.numel() for p in whole.parameters()),
            "macs": count_multiply_adds(whole, backbone.sample),
            "stages": [asdict(stage) for stage in backbone.stages],
        }
        print(base.id, results[base.id]["source_accuracy"], flush=True)
    write_results(__file__, "python benchmarks/catalog.py", results)


def of_text(base: catalog.Base) -> dict[str, Any]:
    """Count what a base for texts holds; it has no classifier that could be right."""
    backbone = TEXT.load_backbone(base, size=None, pretrained=False)
    return {
        "source_accuracy": None,
        "parameters": sum(p.numel() for p in backbone.body.parameters()),
        "macs": count_multiply_adds(backbone.body, backbone.sample),
        "stages": [asdict(stage) for stage in backbone.stages],
    }


if __name__ == "__main__":
    main()
