"""How much of the base is left while its weights move: measured without its own training data.

Two things are read off a network after each epoch. Agreement: put back under the tuned body, how
often does the base's own classifier name what it named before? Drift: how alike are the features of
each stage to what they were, by linear CKA (Kornblith et al. 2019)? Both on a few examples that are
judged anyway, so that no further pass is needed; and on examples of the base's own kind where
somebody has them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from tl_core.data.loose import open_folder
from tl_core.engine import caches, evaluate, features
from tl_core.engine.features import Pooled
from tl_core.engine.modality import Backbone, Examples, Raw, modality_of
from tl_core.engine.scores import accuracy
from tl_core.engine.setup import Bench, FrozenFeatures, affordable
from tl_core.measures import Accuracy

MIN_EXAMPLES = 4
"""Of fewer, the unbiased likeness of features is not defined."""

Report = Callable[[int, int], None]


@dataclass(frozen=True)
class Group:
    """Some examples, and what the untouched base made of them."""

    made: Pooled
    answers: torch.Tensor | None
    """[n] what the base's own classifier names; None for a base without one."""


@dataclass(frozen=True)
class Reference:
    """What the tuned network is compared with."""

    own: Group
    """Validation examples, then training examples: those that are judged each epoch."""
    source: Group | None = None
    source_examples: Raw | None = None
    """Examples of the base's own kind, where somebody has them."""


def reference(
    bench: Bench, frozen: FrozenFeatures, source: str, report: Report
) -> Reference:  # fmt: skip
    """Return what the untouched base makes of the examples that will be compared.

    Args:
        bench: what the run works with; its body must be untouched.
        frozen: features of its examples.
        source: path of a folder of the base's own kind of examples, or nothing.
        report: called with (done, total) while these go through the base.

    Raises:
        InputError: if there are not enough examples in that folder.
    """
    backbone, dataset = bench.backbone, bench.dataset
    watched, check = list(bench.watched), list(bench.check)
    values = torch.cat([frozen.val.values[watched], frozen.train.values[check]])
    own = _group(backbone, Pooled(values, frozen.train.widths))
    if not source:
        return Reference(own)
    most = affordable(len(bench.train), has_source=True)
    found = open_folder(Path(source), dataset.modality, most=most)
    whole = replace(dataset, examples=found)
    examples = modality_of(dataset.modality).open_examples(whole, range(len(found)), backbone)
    made = features.pooled(backbone, examples, report)
    return Reference(own, _group(backbone, made), examples)


def _group(backbone: Backbone, made: Pooled) -> Group:
    head = backbone.source_head
    return Group(made, None if head is None else named(head, made.last))


def named(head: nn.Module, values: torch.Tensor) -> torch.Tensor:
    """Return [n] the class that a classifier names for features [n, width], all on the CPU."""
    with torch.inference_mode():
        answers: torch.Tensor = head.float().cpu()(values.float()).argmax(1)
    return answers


def untouched(known: Reference, backbone: Backbone) -> dict[str, Any]:
    """Return the measures of a body that nothing has changed: it agrees in all."""

    def of(group: Group) -> dict[str, Any]:
        n = len(group.made.values)
        agreed = None if group.answers is None else accuracy(n, n)
        return _told(agreed, [1.0] * len(group.made.widths), backbone)

    return of(known.own) | {"source": known.source and of(known.source)}


def measure(
    bench: Bench, known: Reference, start: int, passed: Sequence[torch.Tensor]
) -> dict[str, Any]:
    """Return how much of the base is left, as it stands in an epoch event.

    Args:
        bench: what the run works with, its body as it is now.
        known: what that body is compared with.
        start: the segment at which it was entered; what lies before is frozen.
        passed: what it has made of the watched validation examples and of the training examples
            that are judged, [n, widths from `start` on] each.

    Returns:
        agreement, in [0, 1], with low, high (95 % Wilson interval) and n; None for a base without
        a classifier. drift: stage and cka, in [0, 1], early to late; 1 is no drift. source: the
        same for examples of the base's own kind, or None.
    """
    own = _compared(bench, known.own, start, torch.cat(list(passed)))
    source = None
    if known.source is not None and known.source_examples is not None:
        source = _compared(bench, known.source, *_further(bench, known.source_examples, start))
    return own | {"source": source}


def _further(bench: Bench, examples: Raw, start: int) -> tuple[int, torch.Tensor]:
    """Pass further examples through the body; what their frozen part makes of them is kept.

    Returns the segment at which the body was entered, and what it has made of them from there.
    """
    entering: Examples | None = examples
    if start:
        entering = caches.stored(bench.backbone, examples, start, progress=_silent)
    if entering is None:
        entering, start = examples, 0
    return start, evaluate.through(bench.learner, entering, start, range(len(examples)))[1]


def _silent(_done: int, _total: int) -> None:
    """Take the place of a progress function for what takes a moment."""


def _compared(bench: Bench, group: Group, start: int, passed: torch.Tensor) -> dict[str, Any]:
    made, backbone = group.made, bench.backbone
    agreed = None
    if group.answers is not None and backbone.source_head is not None:
        now = named(backbone.source_head, passed[:, -made.widths[-1] :])
        agreed = accuracy(int((now == group.answers).sum()), len(now))
    return _told(agreed, _likenesses(bench, made, start, passed), backbone)


def _likenesses(bench: Bench, made: Pooled, start: int, passed: torch.Tensor) -> list[float | None]:
    """Return the likeness of each segment's features to what they were; None: not known."""
    last = len(made.widths) - 1
    if bench.learner.chain.first_stage != bench.backbone.chain.first_stage:
        # With adapters the network may have to be cut elsewhere; what leaves it is the same.
        alike = likeness(made.last, passed[:, -made.widths[-1] :])
        return [*[None] * last, alike]
    parts = torch.split(passed, list(made.widths[start:]), dim=1)
    moved = [likeness(made.stage(start + number), part) for number, part in enumerate(parts)]
    return [*[1.0] * start, *moved]


def likeness(before: torch.Tensor, after: torch.Tensor) -> float | None:
    """Return how alike two sets of features of the same examples are: linear CKA.

    Kornblith et al. 2019, eq. 1 and 2, by the unbiased estimate of HSIC (Song et al. 2012, eq. 5):
    with fewer examples than features, the plain one finds even unrelated features alike.

    Args:
        before: [n, width].
        after: [n, another width].

    Returns:
        A number in [0, 1], 1 where one is the other turned, moved and scaled; None where there
        are fewer than four examples, or one set is the same for all.
    """
    if len(before) < MIN_EXAMPLES:
        return None
    one, other = _gram(before), _gram(after)
    between, spread = _hsic(one, other), _hsic(one, one) * _hsic(other, other)
    if not spread > 0:
        return None
    return min(1.0, max(0.0, between / math.sqrt(spread)))


def _gram(values: torch.Tensor) -> torch.Tensor:
    """Return [n, n] the products of centred examples, those with themselves left out."""
    centred = values.double() - values.double().mean(0)
    return (centred @ centred.T).fill_diagonal_(0)


def _hsic(one: torch.Tensor, other: torch.Tensor) -> float:
    n = len(one)
    cross = float(one.sum() * other.sum()) / ((n - 1) * (n - 2))
    mixed = float(one.sum(0) @ other.sum(0)) * 2 / (n - 2)
    return (float((one * other).sum()) + cross - mixed) / (n * (n - 3))


def _told(
    agreed: Accuracy | None, likenesses: Sequence[float | None], backbone: Backbone
) -> dict[str, Any]:
    ends = (*backbone.chain.first_stage[1:], len(backbone.stages))
    drift = [
        {"stage": backbone.stages[end - 1].name, "cka": None if cka is None else round(cka, 4)}
        for end, cka in zip(ends, likenesses, strict=True)
    ]
    if agreed is None:
        return {"agreement": None, "low": None, "high": None, "n": 0, "drift": drift}
    value = {"agreement": agreed.value, "low": agreed.low, "high": agreed.high, "n": agreed.n}
    return value | {"drift": drift}
