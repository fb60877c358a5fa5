"""What was foretold of a run, and what came of it: from its state alone, which its folder gives.

A run whose strategy was left to Thaw has kept its whole plan; any other keeps a `forecast` event
where its data had been measured before, see `foretell`. Nothing here asks the advisor again: what
it would say today is no forecast.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tl_core.records import from_dict, to_dict
from tl_core.runs.state import TERMINAL, RunState
from tl_core.spec import Accuracy, Expected, Outcome, level_of

SECONDS_PER_MINUTE = 60


def from_advice(advice: Mapping[str, Any], strategy: str) -> dict[str, Any] | None:
    """Return what an advice, as JSON, foretells of `strategy`; None if it says nothing of it.

    Raises:
        KeyError, TypeError, ValueError: if it is not of the shape of an advice.
    """
    found = (c for c in advice.get("candidates", ()) if c["strategy"] == strategy)
    candidate = next(found, None)
    if candidate is None:
        return None
    recommendation = advice["recommendation"]
    return checked(
        {
            "known": "folk",
            **candidate,
            "recommended": recommendation["strategy"],
            "rules": [reason["rule"] for reason in recommendation["reasons"]],
            "blocked": recommendation.get("blocked", False),
        }
    )


def checked(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return a forecast as it is kept: what is needed of it, each value of its kind.

    Raises:
        KeyError, TypeError, ValueError: if something is missing or is no number.
    """
    minutes = float(fields["minutes"])
    if minutes <= 0:
        raise ValueError(minutes)
    return {
        "strategy": str(fields["strategy"]),
        "accuracy": {key: float(fields["accuracy"][key]) for key in ("value", "low", "high")},
        "minutes": minutes,
        "known": str(fields["known"]),
        "recommended": str(fields["recommended"]),
        "rules": [str(rule) for rule in fields["rules"]],
        "blocked": bool(fields["blocked"]),
    }


def outcome(state: RunState) -> Outcome | None:
    """Return what a run was to reach and what it reached.

    None if nothing was foretold, or it has not ended with a result.
    """
    kept, end = state.forecast, state.finished
    if kept is None or end is None or not state.best:
        return None
    test = end.get("test_accuracy")
    return Outcome(
        run=state.id,
        dataset=state.spec.dataset,
        strategy=kept["strategy"],
        expected=from_dict(Expected, kept["accuracy"]),
        known=kept["known"],
        reached=from_dict(Accuracy, state.best["val_accuracy"]),
        expected_minutes=kept["minutes"],
        minutes=(state.seconds - kept["after_seconds"]) / SECONDS_PER_MINUTE,
        test=from_dict(Accuracy, test) if test else None,
        recommended=kept["recommended"],
        rules=tuple(kept["rules"]),
        blocked=kept["blocked"],
        cut=_cut(state),
        created=state.created,
    )


def _cut(state: RunState) -> str:
    """Return why a run ended before its strategy was through; empty if it was.

    A forecast is of a strategy trained to its end. The end of a time limit, or of a number of
    epochs that somebody set, says nothing about it.
    """
    reason = state.stop_reason or ""
    if reason in ("person", "time"):
        return reason
    return "epochs" if reason == "epochs" and state.spec.epochs is not None else ""


def told(state: RunState) -> dict[str, Any] | None:
    """Return the forecast of a run for programs, with what came of it once that is known."""
    kept, found = state.forecast, outcome(state)
    if kept is None:
        return None
    foretold = {key: value for key, value in kept.items() if key != "after_seconds"}
    return foretold | {
        "level": level_of(kept["known"]),
        "follows": kept["strategy"] == kept["recommended"],
        "reached": to_dict(found.reached) if found else None,
        "test_accuracy": to_dict(found.test) if found else None,
        "took_minutes": round(found.minutes, 2) if found else None,
        "held": found.held if found else None,
        "cut": found.cut or None if found else None,
    }


@dataclass(frozen=True, slots=True)
class Judged:
    """A training run that has ended: what it says of its forecast, or why it says nothing."""

    outcome: Outcome | None
    """Of a run trained to its end; None for one that is left out."""
    left_out: str = ""
    """`unforetold`, `failed`, `person`, `time` or `epochs`; empty if it counts."""


@dataclass(frozen=True, slots=True)
class Past:
    """All training runs that have ended."""

    outcomes: tuple[Outcome, ...]
    """Of those that count, the newest first."""
    left_out: dict[str, int]
    """How many say nothing, by reason."""


def judged(state: RunState) -> Judged | None:
    """Judge a run; None if it does not train, or may still go on (an interrupted one too)."""
    if state.spec.kind != "train" or state.status not in TERMINAL:
        return None
    found = outcome(state)
    if state.forecast is None:
        return Judged(None, "unforetold")
    if found is None:
        return Judged(None, "person" if state.status == "stopped" else "failed")
    return Judged(None, found.cut) if found.cut else Judged(found)


def past(runs: Iterable[Judged]) -> Past:
    """Sort runs by whether they say how good a forecast was."""
    every = list(runs)
    found = [run.outcome for run in every if run.outcome is not None]
    return Past(
        outcomes=tuple(sorted(found, key=lambda o: (o.created, o.run), reverse=True)),
        left_out=dict(Counter(run.left_out for run in every if run.left_out)),
    )
