"""Records for the advisor's tests, built from a few numbers."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.findings import pilot
from tl_core.spec import (
    Accuracy,
    Controls,
    DatasetFacts,
    Evidence,
    Forecast,
    Leak,
    Shift,
    Stage,
    StageProbe,
    Volume,
)

Measured = tuple[DatasetFacts, Evidence]
CASES: list[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("cases.toml").read_text(encoding="utf-8")
)["case"]
STAGES = tuple(
    Stage(name, parameters, cost)
    for name, parameters, cost in (
        ("stem", 928, 0.03),
        ("1", 896, 0.03),
        ("2", 13968, 0.14),
        ("3", 39712, 0.10),
        ("4", 198480, 0.11),
        ("5", 446784, 0.22),
        ("6", 1652640, 0.24),
        ("7", 1017600, 0.13),
    )
)


def wilson(share: float, n: int) -> Accuracy:
    """Return the share with its 95 % Wilson interval."""
    z = 1.96
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Accuracy(share, round(middle - half, 4), round(min(1.0, middle + half), 4), n)


def counts(total: int, classes: int, largest: float | None) -> dict[str, int]:
    """Return how many examples each class has: alike, or one class a share of all."""
    sizes = [total // classes] * classes
    if largest is not None:
        rest = round(total * (1 - largest)) // (classes - 1)
        sizes = [total - rest * (classes - 1), *[rest] * (classes - 1)]
    return {f"class {i}": size for i, size in enumerate(sizes)}


def foretold(gain: float | None) -> Volume | None:
    """Return a learning curve whose doubling is expected to bring `gain`."""
    if gain is None:
        return None
    forecast = Forecast(2.0, gain, gain - 0.01, gain + 0.01)
    return Volume(sizes=(100, 200), accuracies=(), forecasts=(forecast,))


def _build(case: dict[str, Any]) -> Measured:
    """Make facts and evidence from the numbers of one golden case."""
    n, classes = case["n"], case["classes"]
    judged = case.get("measured", n)

    def accuracy(key: str) -> Accuracy | None:
        return wilson(case[key], judged) if key in case else None

    def shift(prefix: str) -> Shift | None:
        late = case.get(f"{prefix}late")
        if late is None:
            return None
        return Shift(case.get(f"{prefix}early", 0.01), case.get(f"{prefix}middle", 0.01), late)

    dataset = DatasetFacts(
        n=round(n / 0.8),
        classes=classes,
        per_class_min=n // classes,
        duplicates=0,
        leak=Leak(case.get("leak"), case.get("leak_pairs")),
        counts=counts(round(n / 0.8), classes, case.get("largest")),
        splits={"train": n, "val": round(n / 4)},
    )
    probe = accuracy("linear_probe")
    assert probe is not None
    shares = case.get("stages", ())  # accuracies of the stage probes, early to late
    named = zip(STAGES, shares, strict=bool(shares))
    probes = tuple(StageProbe(stage.name, share) for stage, share in named)
    evidence = Evidence(
        dataset="set",
        base="tf_efficientnet_lite0",
        size=224,
        seed=0,
        n=judged,
        classes=classes,
        distance=case["distance"],
        shift=shift(""),
        shift_expected=shift("expected_"),
        source_confidence=case.get("source_confidence"),
        leep_per_log_c=case.get("leep"),
        zero_training=accuracy("zero_training"),
        knn=accuracy("knn"),
        linear_probe=probe,
        controls=Controls(pixels=accuracy("pixels"), random_init=accuracy("random_init")),
        stages=STAGES,
        forward_per_second=60.0,
        train_per_second=20.0,
        seconds=12.0,
        multi_stage_probe=accuracy("multi_stage_probe"),
        stage_probes=probes or None,
        volume=foretold(case.get("doubling")),
        source_spread=case.get("source_spread"),
        probe_gap=case.get("probe_gap"),
        pilot=pilot(**case["pilot"]) if "pilot" in case else None,
    )
    return dataset, evidence


@pytest.fixture
def cases() -> list[dict[str, Any]]:
    """Every golden case."""
    return CASES


@pytest.fixture
def build() -> Callable[[dict[str, Any]], Measured]:
    """Make facts and evidence from the numbers of a case."""
    return _build


@pytest.fixture
def measured() -> Callable[[str], Measured]:
    """Give the golden case of that name, as facts and evidence."""
    return lambda name: _build(next(case for case in CASES if case["name"] == name))
