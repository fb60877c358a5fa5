"""A benefit as it could have been measured."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tl_core.benefits import (
    SCRATCH,
    TRANSFERRED,
    Benefit,
    Level,
    Part,
    Pretraining,
    Tick,
    Versus,
)
from tl_core.spec import Accuracy

BASE, LARGER = "tf_efficientnet_lite0", "tf_efficientnet_lite1"
SIZES = (20, 40, 80)
N_VAL = 50
RIGHT = {TRANSFERRED: (0.7, 0.8, 0.9), SCRATCH: (0.3, 0.5, 0.7)}
PRETRAINING = Pretraining(examples=1000, epochs=10, source="Somebody 2020", note="It is assumed.")


def share(value: float) -> Accuracy:
    return Accuracy(value, round(value - 0.1, 4), round(min(value + 0.08, 1.0), 4), N_VAL)


def part(way: str, n: int, right: float, **changes: Any) -> Part:
    steps = 2 if way == TRANSFERRED else 6
    curve = tuple(
        Tick(epoch, 1.0 + epoch * (1 if way == TRANSFERRED else 4), right * epoch / steps)
        for epoch in range(steps + 1)
    )
    values: dict[str, Any] = {
        "way": way,
        "base": BASE,
        "n": n,
        "draw": 0,
        "accuracy": share(right),
        "best_epoch": steps,
        "curve": curve,
        "seconds": curve[-1].seconds,
        "flops": 1e6 * n,
        "right": "1" * round(N_VAL * right) + "0" * (N_VAL - round(N_VAL * right))
        if n == SIZES[-1]
        else "",
    }
    return Part(**values | changes)


def made_benefit(**changes: Any) -> Benefit:
    """Return a benefit in which the head start helps, everything measured once."""
    parts = [
        part(way, n, right)
        for way, rights in RIGHT.items()
        for n, right in zip(SIZES, rights, strict=True)
    ]
    parts.append(part(TRANSFERRED, SIZES[-1], 0.92, base=LARGER))
    levels = tuple(
        Level(way, n, share(right), (right,), cut=False)
        for way, rights in RIGHT.items()
        for n, right in zip(SIZES, rights, strict=True)
    )
    found = Benefit(
        dataset="d",
        dataset_name="bees",
        base=BASE,
        strategy="linear_probe",
        size=64,
        seed=0,
        val_fraction=0.2,
        classes=2,
        n_val=N_VAL,
        sizes=SIZES,
        draws=1,
        planned=len(parts),
        minutes=5.0,
        parts=tuple(parts),
        levels=levels,
        versus=(Versus(SCRATCH, BASE, 0.002), Versus(TRANSFERRED, LARGER, 1.0)),
        seconds=60.0,
        pretraining=PRETRAINING,
        pretraining_flops=9.2e8,
        fingerprint="f",
        machine="2 × cpu",
    )
    return replace(found, **changes)
