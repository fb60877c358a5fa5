"""What the lessons show, taken from recorded runs and measured evidence: facts and bars."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import recordings
from recordings import Recording
from statsmodels.stats.proportion import proportion_confint

EVIDENCE = Path(__file__).with_name("advice") / "evidence.jsonl"

Facts = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Shown:
    """One option of a lesson."""

    kind: str
    """How it is drawn: bars of shares, counts on a logarithmic scale, gains, or curves."""
    picture: Any
    facts: Facts
    runs: tuple[str, ...]


@cache
def runs() -> Mapping[str, Recording]:
    """Return every recorded run by its name."""
    return {run.name: run for run in recordings.load()}


@cache
def measured() -> Mapping[str, dict[str, Any]]:
    """Return what was measured of each sample, at seed 0."""
    lines = map(json.loads, EVIDENCE.read_text(encoding="utf-8").splitlines())
    return {line["sample"]: line["evidence"] for line in lines if line["seed"] == 0}


def run_of(sample: str, strategy: str, fault: str = "") -> Recording:
    """Return the run of seed 0; KeyError if it is not recorded."""
    return runs()[f"{sample}/{strategy}-s0{f'-{fault}' if fault else ''}"]


def share(right: int, n: int) -> dict[str, Any]:
    """Return a share with its Wilson interval."""
    low, high = proportion_confint(right, n, method="wilson")
    return {
        "value": round(right / n, 4),
        "low": round(float(low), 4),
        "high": round(float(high), 4),
        "n": n,
    }


def reached(run: Recording) -> dict[str, Any]:
    """Return the accuracy of a run on its held-out examples."""
    return share(int(run.right.sum()), len(run.right))


def as_share(accuracy: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fact of a share."""
    return {"as": "share", **accuracy}


def as_count(value: float) -> dict[str, Any]:
    """Return the fact of a whole number."""
    return {"as": "count", "value": round(value)}


def as_number(value: float | None) -> dict[str, Any]:
    """Return the fact of a number with two figures."""
    return {"as": "number", "value": round(float(value or 0.0), 6)}


def as_word(value: str) -> dict[str, Any]:
    """Return the fact of a name."""
    return {"as": "word", "value": value}


def bar(name: str, accuracy: Mapping[str, Any]) -> dict[str, Any]:
    """Return one bar of a share."""
    return {"name": name, **accuracy}


def guessing(run: Recording) -> dict[str, Any]:
    """Return what always naming the most frequent class gets right."""
    counts = np.bincount(run.label)
    return {"value": round(float(counts.max() / counts.sum()), 4)}


def compared(sample: str, strategies: Mapping[str, str]) -> tuple[dict[str, Any], list[Any], Any]:
    """Return facts and bars of strategies on one sample, and the runs behind them."""
    found = {name: run_of(sample, strategy) for name, strategy in strategies.items()}
    facts = {name: as_share(reached(run)) for name, run in found.items()}
    bars = [bar(run.strategy, reached(run)) for run in found.values()]
    return facts, bars, tuple(run.name for run in found.values())
