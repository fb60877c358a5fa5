"""Where known data sets lie on the distance axis, and what moving BatchNorm statistics costs.

    THAW_DATA=… python benchmarks/landmarks.py

For each set, under EfficientNet-Lite0 at 224 px, on 300 pictures sampled by class (one seed):
the shift by depth on 128 of them, source confidence, LEEP / ln C, and the cross-validated linear
probe with the base's own statistics and with statistics estimated anew on these pictures, which
is what letting them follow does. `report/landmarks.toml`, the thresholds in `evidence` and the
reason of rule R14 rest on these figures. Of the magnet surfaces many are near-copies of each
other, so its accuracies are optimistic.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from measuring import folder_dataset, write_results
from torch import nn

from tl_core import catalog, files
from tl_core.engine import features, precision, probe
from tl_core.engine.modality import Backbone, Examples
from tl_core.engine.modality.vision import VISION
from tl_core.evidence import distance_word
from tl_core.evidence import shift as meter
from tl_core.evidence.overlap import overlap

SETS = {
    "ants and bees": "ants_bees/train",
    "small photographs": "cifar10/train",
    "hand signs": "sign_digits",
    "magnet surfaces": "magnetic_tile",
}
PICTURES = 300


def _ignore(done: int, total: int) -> None: ...


def shift_of(backbone: Backbone, examples: Examples) -> dict[str, float]:
    """Return the shift by depth on the first pictures."""
    with meter.watching(backbone.body) as moments, torch.inference_mode(), precision.autocast():
        for start in range(0, min(meter.SAMPLE, len(examples)), 64):
            stop = min(start + 64, meter.SAMPLE, len(examples))
            backbone.body(examples.inputs(range(start, stop)))
    found = meter.shift(moments, backbone)
    assert found is not None
    return asdict(found)


def let_statistics_follow(body: nn.Module, examples: Examples) -> None:
    """Estimate every BatchNorm statistic anew on these pictures (AdaBN, Li et al. 2016)."""
    for module in body.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = None
            module.reset_running_stats()
    body.train()
    with torch.no_grad(), precision.autocast():
        for start in range(0, len(examples), 64):
            body(examples.inputs(range(start, min(start + 64, len(examples)))))
    body.eval()


def measure(place: str) -> dict[str, Any]:
    """Measure one set."""
    dataset = folder_dataset(files.data_root() / place)
    rng = np.random.default_rng(0)
    per_class = PICTURES // len(dataset.classes)
    rows: list[int] = []
    for label in range(len(dataset.classes)):
        members = [i for i, e in enumerate(dataset.examples) if e.label == label]
        rows += rng.permutation(members)[:per_class].tolist()
    rows = rng.permutation(rows).tolist()
    labels = np.array([dataset.examples[row].label for row in rows])
    backbone = VISION.load_backbone(
        catalog.find("tf_efficientnet_lite0"), size=None, pretrained=True
    )
    examples = VISION.open_examples(dataset, rows, backbone, _ignore)
    found = features.compute(backbone.body, examples, _ignore)
    assert backbone.source_head is not None
    with torch.inference_mode():
        lap = overlap(backbone.source_head(found), torch.from_numpy(labels), len(dataset.classes))
    held_out = probe.folds(labels, range(len(labels)), seed=0)
    fixed = probe.cross_validate(found.numpy(), labels, held_out).accuracy
    shift = shift_of(backbone, examples)
    let_statistics_follow(backbone.body, examples)
    moved = features.compute(backbone.body, examples, _ignore)
    following = probe.cross_validate(moved.numpy(), labels, held_out).accuracy
    return {
        "n": len(rows),
        "shift": shift,
        "source_confidence": lap.source_confidence,
        "leep_per_log_c": lap.leep_per_log_c,
        "distance": distance_word(shift["late"], lap.leep_per_log_c),
        "linear_probe": asdict(fixed),
        "linear_probe_if_statistics_follow": asdict(following),
    }


def main() -> None:
    """Measure every set."""
    results = {}
    for name, place in SETS.items():
        results[name] = measure(place)
        print(name, results[name], flush=True)
    write_results(__file__, "python benchmarks/landmarks.py", results)


if __name__ == "__main__":
    main()
