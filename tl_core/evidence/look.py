"""The one pass of the examples through the untouched base, and the first word from its beginning.

The examples with which it begins are spread over the classes. On their way the moments of the
normalising layers' inputs are taken along, so that the shift costs no pass of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tl_core.engine import ahead, features
from tl_core.engine.features import Known, Pooled
from tl_core.engine.modality import Backbone, Raw
from tl_core.engine.probe import Ints
from tl_core.engine.setup import reporter
from tl_core.evidence import shift as shift_meter
from tl_core.evidence.distance import distance_word
from tl_core.evidence.overlap import Overlap, confidence, overlap
from tl_core.evidence.shift import Moments
from tl_core.evidence.volume import spread
from tl_core.i18n import _
from tl_core.spec import FirstLook, Shift, to_dict

FIRST = 32
"""Examples before the first word, and in a batch while moments are taken: the shift settles from
about 16 on."""

Emit = Callable[..., Any]
Ask = Callable[[], bool]


@dataclass(frozen=True)
class Seen:
    """What the forward passes through the base gave."""

    features: Pooled
    shift: Shift | None
    shift_expected: Shift | None
    overlap: Overlap | None
    forward_per_second: float


def look_at(
    backbone: Backbone,
    examples: Raw,
    labels: Ints,
    classes: int,
    emit: Emit,
    should_continue: Ask,
) -> Seen:
    """Show all examples to the base, once, and tell a first word on the way.

    Args:
        backbone: the untouched base.
        examples: what it is shown.
        labels: [n] class numbers.
        classes: how many classes there are.
        emit: told the phase, the steps and, as `first_look`, the first word.
        should_continue: asked now and then.

    Raises:
        Cancelled: if `should_continue` said no.
    """
    emit("phase", phase="forward", what=_("Showing your examples to the base model"))
    pace = _Pace(reporter(emit, should_continue, _("examples seen")))
    known, moments = _begin(backbone, examples, labels, emit, pace)
    found = features.pooled(backbone, examples, pace.report, known)
    overlapping = None
    if backbone.source_head is not None:
        logits = _source_logits(backbone, found.last)
        overlapping = overlap(logits, torch.from_numpy(labels), classes)
    return Seen(
        found,
        shift_meter.shift(moments, backbone),
        shift_meter.expected(backbone.base.id, len(known.rows)),
        overlapping,
        round(pace.best, 1),
    )


def _begin(
    backbone: Backbone, examples: Raw, labels: Ints, emit: Emit, pace: _Pace
) -> tuple[Known, dict[str, Moments]]:
    """Show the first examples and watch the normalising layers; tell a word after a batch."""
    order = spread(np.arange(len(labels)), labels, np.random.default_rng(0)).tolist()
    first = order[: shift_meter.SAMPLE]
    parts: list[torch.Tensor] = []
    with shift_meter.watching(backbone) as moments:
        for _rows, inputs in ahead.batches(examples.inputs, first, FIRST):
            parts.append(features.every_stage(backbone.chain, inputs))
            if len(parts) == 1:
                _tell(_first_look(backbone, moments, parts[0]), emit)
            pace.report(sum(map(len, parts)), len(examples))
    return Known(first, torch.cat(parts)), moments


def _first_look(
    backbone: Backbone, moments: dict[str, Moments], values: torch.Tensor
) -> FirstLook:  # fmt: skip
    """Sum up what the first batch tells; `values` are its features after every stage."""
    found = shift_meter.shift(moments, backbone)
    sure = None
    if backbone.source_head is not None:
        sure = confidence(_source_logits(backbone, values[:, -backbone.width :]))
    return FirstLook(
        n=len(values),
        distance=distance_word(found.late, None, backbone.base.modality) if found else None,
        shift=found,
        shift_expected=shift_meter.expected(backbone.base.id, len(values)) if found else None,
        source_confidence=sure,
    )


def _tell(first: FirstLook, emit: Emit) -> None:
    if first.distance is not None or first.source_confidence is not None:
        emit("first_look", **to_dict(first))


def _source_logits(backbone: Backbone, last: torch.Tensor) -> torch.Tensor:
    """Return what the base's own classifier says to features of its last stage."""
    assert backbone.source_head is not None
    with torch.inference_mode():
        logits: torch.Tensor = backbone.source_head.float().cpu()(last)
    return logits


class _Pace:
    """How fast the fastest batch was: earlier ones warm up, and later ones may be held up."""

    def __init__(self, report: features.Progress) -> None:
        self.best = 0.0
        """Examples per second."""
        self._report = report
        self._done, self._since = 0, time.monotonic()

    def report(self, done: int, total: int) -> None:
        """Note that so many are done by now, and pass it on."""
        now = time.monotonic()
        self.best = max(self.best, (done - self._done) / (now - self._since))
        self._done, self._since = done, now
        self._report(done, total)
