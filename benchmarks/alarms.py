"""How often the detectors of Watch cry wolf on recorded runs, beside rules that wait.

    python benchmarks/alarms.py [--also DIR]

Reads `recorded/` (and DIR, laid out alike), trains nothing, writes `alarms.json`. Every run is
replayed epoch by epoch, as it would have been watched. What a detector says counts as false on a
run that is healthy in its sense, which is told by what the detector does not read:

- the loss is no number, unstable, steps too large, a leak, noise: every run that inherits a base,
  at the rates of the recipes and with nothing planted;
- memorising, too sure of itself, and the rules that wait (patience 3 and 5, and GL5 of Prechelt
  1998, a loss 5 % above the lowest): of these, the runs whose last three epochs lie at most 5 %
  above the best three of the same phase, whatever the noise;
- underfitting: of these, the runs beside which no other strategy, with the same examples and seed,
  is right on more (exact McNemar, p below 0.05);
- flat: every run that inherits a base, and false is what is called too early.

Called too early is a run whose loss then still fell in the same phase by more than 5 % below all
that was before; `too_early` counts such runs among those with an alarm, `ill` the alarms of runs
that are not healthy. Runs from scratch are told apart: with few pictures most of them are ill.

Planted faults are for `alarms_planted.py`, alarms about the base for `alarms_base.py`.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import alarms_base
import alarms_planted
import numpy as np
import recordings
from cells import PEER
from measuring import write_results
from recordings import Recording
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

from tl_core.watch import windows
from tl_core.watch.diagnose import replay
from tl_core.watch.windows import MIN_RISE, WINDOW

SCRATCH = "from_scratch"
ALPHA = 0.05
GL = 0.05  # Prechelt's alpha of 5, in per cent
PATIENCES = (3, 5)
DETECTORS = (
    *("nan", "instability", "jumps", "leak", "noise"),
    *("overfitting", "calibration", "underfitting", "plateau"),
)
RULES = (*(f"patience-{count}" for count in PATIENCES), "GL5")
RISES = frozenset({"overfitting", "calibration", *RULES})

Rule = Callable[[np.ndarray], bool]
"""Whether to speak, given the losses of a phase so far."""
Alarms = Mapping[str, list[int]]
"""Kind -> positions in the epochs at which it was told."""


def main() -> None:
    """Replay, count, write."""
    every = recorded()
    told = {run.name: alarms_of(run) for run in every}
    runs = [run for run in every if not run.fault]
    inherited = [run for run in runs if run.strategy != SCRATCH]
    scratch = [run for run in runs if run.strategy == SCRATCH]
    results = {
        "runs": {"inherited": len(inherited), "from scratch": len(scratch)},
        "alarms": {
            kind: counted(kind, inherited, told) | {"from_scratch": reached(kind, scratch, told)}
            for kind in (*DETECTORS, *RULES)
        },
    }
    results["planted"] = alarms_planted.found(every, told, RULES, share, has_risen)
    results["base"] = alarms_base.judged(runs, beats, share)
    for part in ("alarms", "planted", "base"):
        for kind, found in results[part].items():
            print(part, kind, found)
    write_results(__file__, "python benchmarks/alarms.py", results)


def recorded() -> list[Recording]:
    """Return every recorded run of ours, each once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--also", type=Path, action="append", default=[], help="more runs")
    roots = (recordings.ROOT, *parser.parse_args().also)
    found = {run.name: run for root in reversed(roots) for run in recordings.load(root)}
    return [found[name] for name in sorted(found) if found[name].strategy != PEER]


def alarms_of(run: Recording) -> Alarms:
    """Return every alarm of the detectors and of the rules that wait."""
    found: dict[str, list[int]] = defaultdict(list)
    places = {epoch["epoch"]: place for place, epoch in enumerate(run.epochs)}
    for alert in replay(run.epochs, run.val_losses.astype(np.float64)):
        found[alert.kind].append(places[alert.epoch])
    for count in PATIENCES:
        found[f"patience-{count}"] = first_in_each(run, has_waited(count))
    found["GL5"] = first_in_each(run, lambda past: past[-1] > (1 + GL) * past.min())
    return found


def has_waited(epochs: int) -> Rule:
    """Return the rule that speaks so many epochs after the lowest loss."""
    return lambda past: len(past) - 1 - int(past.argmin()) >= epochs


def first_in_each(run: Recording, is_alarm: Rule) -> list[int]:
    """Return where a rule first speaks in each phase, given the losses of that phase so far."""
    found = []
    for phase in phases(run):
        losses = np.array([run.epochs[place]["val_loss"] for place in phase])
        spoken = (at for at in range(len(phase)) if is_alarm(losses[: at + 1]))
        found += [phase[at] for at in [next(spoken, None)] if at is not None]
    return found


def phases(run: Recording) -> list[list[int]]:
    """Return the positions of the trained epochs, phase by phase."""
    found: dict[str, list[int]] = defaultdict(list)
    for place, epoch in enumerate(run.epochs):
        if epoch["phase"] != windows.BEFORE:
            found[epoch["phase"]].append(place)
    return list(found.values())


def counted(kind: str, runs: Sequence[Recording], told: Mapping[str, Alarms]) -> dict[str, Any]:
    """Return how many healthy runs have an alarm of a kind, and how many were called too early."""
    spoken = [run for run in runs if told[run.name].get(kind)]
    early = [run.name for run in spoken if is_early(run, told[run.name][kind])]
    if kind == "plateau":
        return share(len(early), len(runs)) | {"names": early, "told": len(spoken)}
    healthy = [run for run in runs if is_healthy(kind, run, runs)]
    ill = [run for run in runs if not is_healthy(kind, run, runs)]
    counts = reached(kind, healthy, told)
    if ill:
        counts["ill"] = reached(kind, ill, told)
    return counts | ({"too_early": share(len(early), len(spoken))} if kind in RISES else {})


def is_healthy(kind: str, run: Recording, runs: Sequence[Recording]) -> bool:
    """Tell whether an alarm of a kind would be false."""
    if kind in RISES:
        return not has_risen(run)
    return kind != "underfitting" or not is_beaten(run, runs)


def reached(kind: str, runs: Sequence[Recording], told: Mapping[str, Alarms]) -> dict[str, Any]:
    """Return the share of runs with an alarm of a kind, and their names."""
    alarmed = [run.name for run in runs if told[run.name].get(kind)]
    return share(len(alarmed), len(runs)) | ({"names": alarmed} if kind in DETECTORS else {})


def share(count: int, n: int) -> dict[str, Any]:
    """Return a share with its 95 % Wilson interval."""
    if not n:
        return {"n": 0, "alarms": 0}
    low, high = proportion_confint(count, n, method="wilson")
    shares = {"share": count / n, "low": max(0.0, low), "high": high}
    return {"n": n, "alarms": count, **{key: round(value, 3) for key, value in shares.items()}}


def has_risen(run: Recording) -> bool:
    """Tell whether the loss ends a phase clearly above the lowest window of that phase."""
    return any(risen(means_of(run, phase)) for phase in phases(run))


def risen(means: np.ndarray) -> bool:
    """Tell whether the last window lies more than MIN_RISE above the lowest."""
    if len(means) < WINDOW:
        return False
    smooth = np.convolve(means, np.ones(WINDOW) / WINDOW, "valid")
    return bool(smooth[-1] > (1 + MIN_RISE) * smooth.min())


def is_early(run: Recording, alarms: Iterable[int]) -> bool:
    """Tell whether after an alarm the loss of the same phase fell clearly below all before."""
    for at in alarms:
        phase = next(places for places in phases(run) if at in places)
        past = means_of(run, [place for place in phase if place <= at])
        later = means_of(run, [place for place in phase if place > at])
        if len(later) and later.min() < (1 - MIN_RISE) * past.min():
            return True
    return False


def means_of(run: Recording, places: Sequence[int]) -> np.ndarray:
    """Return the mean validation loss of some epochs."""
    return np.array([run.epochs[place]["val_loss"] for place in places])


def is_beaten(run: Recording, runs: Iterable[Recording]) -> bool:
    """Tell whether another strategy is right on more of the same examples, beyond chance."""
    rivals = [
        other
        for other in runs
        if (other.data, other.per_class, other.seed) == (run.data, run.per_class, run.seed)
        and np.array_equal(other.example, run.example)
    ]
    return any(beats(rival, run) for rival in rivals)


def beats(one: Recording, other: Recording) -> bool:
    """Tell whether one run is right on more examples than another, beyond chance."""
    won, lost = int((one.right & ~other.right).sum()), int((other.right & ~one.right).sum())
    return won > lost and mcnemar([[0, won], [lost, 0]], exact=True).pvalue < ALPHA


if __name__ == "__main__":
    main()
