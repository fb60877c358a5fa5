"""The shift meter on examples read in place, for the benchmarks that place data sets by it."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from tl_core.engine import precision
from tl_core.engine.modality import Backbone, Examples
from tl_core.evidence import shift as meter
from tl_core.evidence.look import FIRST
from tl_core.spec import Shift


def shift_of(backbone: Backbone, examples: Examples, rows: Sequence[int]) -> Shift:
    """Return the shift by depth on the given examples, measured as evidence measures it."""
    with meter.watching(backbone) as moments, torch.inference_mode(), precision.autocast():
        for start in range(0, len(rows), FIRST):
            backbone.body(examples.inputs(rows[start : start + FIRST]))
    found = meter.shift(moments, backbone)
    assert found is not None
    return found
