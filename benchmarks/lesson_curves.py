"""Lessons that show the curves of a run: how large a step may be, the ladder, reading curves."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

from lesson_facts import (
    Facts,
    Shown,
    as_count,
    as_number,
    as_share,
    as_word,
    reached,
    run_of,
    runs,
    share,
)
from recordings import Recording

EPOCH_KEYS = (
    *("epoch", "phase", "lr", "epochs_max", "train_loss", "train_accuracy", "val_loss"),
    *("val_accuracy", "val_low", "val_high"),
)
STEADY = 1.05  # a training loss that rises less from epoch to epoch still counts as falling
ALARMS = Path(__file__).with_name("alarms.json")
LONG = 12  # epochs that a curve needs to show something


def curves_of(run: Recording, until: int | None = None) -> dict[str, Any]:
    """Return what the chart of the curves needs, up to an epoch."""
    epochs = [e for e in run.epochs if until is None or e["epoch"] <= until]
    lows = [e for e in epochs if e.get("val_loss") is not None]
    best = min(lows, key=lambda e: e["val_loss"])
    thaws = [
        {"epoch": d["epoch"], "stage": d["stage"], "thawed": d["thawed"]}
        for d in run.decisions
        if d["kind"] == "thaw" and (until is None or d["epoch"] <= until)
    ]
    return {
        "epochs": [{key: e.get(key) for key in EPOCH_KEYS if key in e} for e in epochs],
        "thaws": thaws,
        "best": {"epoch": best["epoch"], "val_loss": best["val_loss"]},
    }


def told_of_curves(run: Recording, until: int | None = None, since: int = 1) -> Facts:
    """Return the facts of a curve; those of losses from the epoch `since` on."""
    shown = curves_of(run, until)
    epochs = [e for e in shown["epochs"] if e["epoch"] >= since and e["val_loss"] is not None]
    right = round(float(epochs[-1]["val_accuracy"]) * len(run.label))
    return {
        "loss": as_number(epochs[-1]["val_loss"]),
        "lowest": as_number(min(e["val_loss"] for e in epochs)),
        "highest": as_number(max(e["val_loss"] for e in epochs)),
        "best": as_count(min(epochs, key=lambda e: e["val_loss"])["epoch"]),
        "epochs": as_count(epochs[-1]["epoch"]),
        "training": as_number(epochs[-1].get("train_loss")),
        "accuracy": as_share(share(right, len(run.label))),
    }


def learning_rate(fault: str) -> Shown:
    """Full fine-tuning with the usual steps, or with much larger ones."""
    run = run_of("sign_digits-20", "full_fine_tune", fault)
    frozen = run_of("sign_digits-20", "linear_probe")
    start = next(d["epoch"] for d in run.decisions if d["kind"] == "thaw")
    facts = told_of_curves(run, since=start + 1)
    facts |= {"accuracy": as_share(reached(run)), "frozen": as_share(reached(frozen))}
    return Shown("curves", curves_of(run), facts, (run.name, frozen.name))


def ladder(until: str) -> Shown:
    """One run of gradual unfreezing, step by step."""
    run = run_of("sign_digits-20", "gradual_unfreezing")
    thaws = [d for d in run.decisions if d["kind"] == "thaw"]
    borders = [thaw["epoch"] for thaw in thaws] + [run.epochs[-1]["epoch"]]
    last = {"frozen": borders[0], "thawed": borders[1], "whole": borders[-1]}[until]
    since = 1 if until == "frozen" else borders[0] + 1
    facts = told_of_curves(run, last, since=since) | {"stage": as_word(thaws[0]["stage"])}
    best = max(e["val_accuracy"] for e in run.epochs if since <= e["epoch"] <= last)
    n = len(run.label)
    facts["accuracy"] = as_share(reached(run) if until == "whole" else share(round(best * n), n))
    return Shown("curves", curves_of(run, last), facts, (run.name,))


def curve(which: str) -> Shown:
    """A run that learns, one that memorises, one that jumps."""
    run = {"learns": _that_learns, "memorises": _that_memorises, "jumps": _that_jumps}[which]()
    facts = told_of_curves(run)
    if which == "memorises":
        healthy = json.loads(ALARMS.read_text(encoding="utf-8"))["results"]["alarms"]
        facts["patience"] = as_share(share(*(healthy["patience-5"][k] for k in ("alarms", "n"))))
    return Shown("curves", curves_of(run), facts, (run.name,))


def _that_learns() -> Recording:
    return run_of("sign_digits-20", "full_fine_tune")


def _that_memorises() -> Recording:
    """Return the run whose validation loss rises most while its training loss only falls."""

    def risen(run: Recording) -> float:
        losses = [e["val_loss"] for e in run.epochs if e["val_loss"] is not None]
        training = [e["train_loss"] for e in run.epochs if e.get("train_loss") is not None]
        only_falls = all(b <= STEADY * a for a, b in itertools.pairwise(training))
        return (losses[-1] - min(losses)) / min(losses) if only_falls else 0.0

    return max((r for r in runs().values() if r.seed == 0 and len(r.epochs) > LONG), key=risen)


def _that_jumps() -> Recording:
    return run_of("sign_digits-20", "gradual_unfreezing", "learning_rate")
