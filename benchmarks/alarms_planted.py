"""What the detectors of Watch say of recorded runs with a planted fault, and how soon.

Used by `alarms.py`. A fault counts as found if one of the alarms of `WANTED` was told. `lead` is by
how many epochs the first of them came before the first word of a rule that waits (below 0: after),
in the runs in which both spoke. `risen` are the runs of which a phase ends more than 5 % above its
best three epochs: planting does not always bring what was planted.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from recordings import Recording

WANTED: Mapping[str, frozenset[str]] = {
    "overfitting": frozenset({"overfitting", "calibration"}),
    "label_noise": frozenset({"overfitting", "calibration"}),
    "learning_rate": frozenset({"instability", "jumps", "nan"}),
    "forgetting": frozenset({"forgetting", "instability", "jumps"}),
    "tiny_validation": frozenset({"noise"}),
    "leak": frozenset({"leak"}),
}
"""For each fault, the kinds of alarm that would be right."""
RISES = frozenset({"overfitting", "label_noise"})
"""Faults that show as a rising validation loss."""
TUNED_ON = (0,)
"""Seeds on which borders may be set; the others judge them."""
HELD_OUT = ("sst2",)
"""Data sets with planted overfitting that no border was set on."""

Alarms = Mapping[str, list[int]]
Share = Callable[[int, int], dict[str, Any]]


def found(
    runs: Sequence[Recording],
    told: Mapping[str, Alarms],
    rules: Sequence[str],
    share: Share,
    has_risen: Callable[[Recording], bool],
) -> dict[str, Any]:
    """Return for each fault how many runs with it were noticed, and how soon.

    Args:
        runs: recorded runs; those without a fault are passed over.
        told: name -> what was told of a run, and where.
        rules: names of the rules that wait.
        share: gives a share with its interval.
        has_risen: whether the loss ends a phase clearly above its best.
    """
    results: dict[str, Any] = {}
    for fault, kinds in WANTED.items():
        faulty = [run for run in runs if run.fault == fault]
        if not faulty:
            continue
        results[fault] = _counts(faulty, told, kinds, share)
        if fault not in RISES:
            continue
        risen = [run for run in faulty if has_risen(run)]
        results[fault] |= {
            "risen": _counts(risen, told, kinds, share),
            "named_overfitting": share(_caught(risen, told, {"overfitting"}), len(risen)),
            "rules": {rule: share(_caught(risen, told, {rule}), len(risen)) for rule in rules},
            "lead": {rule: _leads(risen, told, kinds, rule) for rule in rules},
        }
        if fault == "overfitting":
            results[fault] |= _held_out(risen, told, kinds, share)
    return results


def _counts(
    runs: Sequence[Recording], told: Mapping[str, Alarms], kinds: frozenset[str], share: Share
) -> dict[str, Any]:
    """Return how many runs were noticed, the others by name, and what was told of all of them."""
    missed = [run.name for run in runs if _first(told[run.name], kinds) is None]
    every = Counter(kind for run in runs for kind, places in told[run.name].items() if places)
    return share(len(runs) - len(missed), len(runs)) | {"missed": missed, "told": dict(every)}


def _held_out(
    runs: Sequence[Recording], told: Mapping[str, Alarms], kinds: frozenset[str], share: Share
) -> dict[str, Any]:
    """Return the same of what no border was set on."""
    parts = {
        "tuned_on": [r for r in runs if r.seed in TUNED_ON and r.data not in HELD_OUT],
        "other_seeds": [r for r in runs if r.seed not in TUNED_ON],
        "other_data": [r for r in runs if r.data in HELD_OUT],
    }
    return {name: share(_caught(part, told, kinds), len(part)) for name, part in parts.items()}


def _caught(
    runs: Sequence[Recording], told: Mapping[str, Alarms], kinds: frozenset[str] | set[str]
) -> int:
    return sum(_first(told[run.name], kinds) is not None for run in runs)


def _first(alarms: Alarms, kinds: frozenset[str] | set[str]) -> int | None:
    return min((at for kind in kinds for at in alarms.get(kind, ())), default=None)


def _leads(
    runs: Sequence[Recording], told: Mapping[str, Alarms], kinds: frozenset[str], rule: str
) -> dict[str, Any]:
    """Return by how many epochs the detectors spoke before a rule, where both did."""
    pairs = [(_first(told[run.name], kinds), _first(told[run.name], {rule})) for run in runs]
    leads = sorted(late - soon for soon, late in pairs if soon is not None and late is not None)
    if not leads:
        return {"n": 0}
    no_later = sum(lead >= 0 for lead in leads)
    return {
        "n": len(leads),
        "median": statistics.median(leads),
        "least": leads[0],
        "most": leads[-1],
        "no_later": no_later,
    }
