"""What recorded runs taught about the gains that the rules promise: corrections, as data.

The rules name gains with a source (published tables, small measurements). `gains.toml` holds how
far recorded runs came out above or below that, and how widely; `benchmarks/advisor.py` writes it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("gains.toml")
REST = "none"
"""The lead where no rule speaks of a strategy."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What to add to a promised gain, as a share of the probe's error; half width of 80 %."""

    of_error: float
    """In [-1, 1]."""
    spread: float
    """In accuracy."""
    sets: int
    """Data sets that it rests on."""


Corrections = Mapping[tuple[str, str], Correction]
"""By lead, the id of the rule whose gain counts or REST, and strategy."""


@cache
def load_gains() -> Corrections:
    """Return the corrections that recorded runs taught."""
    rows = tomllib.loads(FILE.read_text(encoding="utf-8")).get("gain", [])
    return {
        (row["lead"], row["strategy"]): Correction(row["of_error"], row["spread"], row["sets"])
        for row in rows
    }
