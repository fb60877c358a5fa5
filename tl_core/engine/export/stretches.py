"""A finished run as it went, phase by phase: read off its plan, its epochs and what people asked.

A phase ends by itself, or because somebody went on to the next one or undid it (`steering`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tl_core.engine import steering
from tl_core.engine.strategies import Phase

THAW_NEXT, ROLLBACK = "thaw_next", "rollback"

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Stretch:
    """A phase as it was gone through."""

    phase: Phase
    """As it was planned when it began."""
    numbers: tuple[int, ...]
    """Its epochs, the first of the run being 1."""
    cut: int = 0
    """Batches of one more epoch, within which somebody ended the phase."""
    is_undone: bool = False
    """Whether somebody rolled it back; a ladder that does so says it elsewhere."""


def applied(told: Sequence[Fields]) -> list[Fields]:
    """Return the actions of people that took effect; of one that a killed run did twice, the last.

    Thaw's own, such as halved batches, have no `id`.
    """
    done = (e for e in told if e["kind"] == "action" and e.get("id"))
    return [e for e in {e["id"]: e for e in done}.values() if e.get("applied")]


def stretches(plan: Sequence[Phase], told: Sequence[Fields]) -> tuple[Stretch, ...]:
    """Return what was gone through, in order.

    Args:
        plan: the phases as they were planned when the run began.
        told: the events of the run, each with its `kind`; an epoch told twice counts once.
    """
    found: list[Stretch] = []
    at = 0
    numbers: list[int] = []
    for event in _in_order(told):
        while at + 1 < len(plan) and plan[at].name != event["phase"]:
            found.append(Stretch(plan[at], tuple(numbers)))
            at, numbers = at + 1, []
        if event["kind"] == "epoch":
            numbers.append(event["epoch"])
            continue
        is_undone = event["action"] == ROLLBACK
        found.append(Stretch(plan[at], tuple(numbers), event["step"], is_undone))
        change = steering.undone if is_undone else steering.cut
        plan = change(plan, at, len(numbers))
        at, numbers = at + 1, []
    if numbers:
        found.append(Stretch(plan[at], tuple(numbers)))
    return tuple(one for one in found if one.numbers or one.cut or one.is_undone)


def _in_order(told: Sequence[Fields]) -> Iterator[Fields]:
    """Yield the trained epochs and what ended phases, as they came after one another."""
    epochs = {e["epoch"]: e for e in told if e["kind"] == "epoch" and e["epoch"]}
    ends = [e for e in applied(told) if e["action"] in (THAW_NEXT, ROLLBACK)]
    # An action is told with the epochs done by then and the batches of the next one.
    yield from sorted((*epochs.values(), *ends), key=lambda e: (e["epoch"], e.get("step", -1)))
