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
FLOOR = 0.02
"""Added to the room before a spread is taken of it: so much the validation part alone leaves open
where no error is left."""


@dataclass(frozen=True, slots=True)
class Correction:
    """How far what was reached lies from what was promised, as shares of the room to move in."""

    shift: float
    """In [-1, 1]."""
    spread: float
    """Half width of 80 %, of the room and FLOOR together."""
    sets: int
    """Data sets that it rests on."""


Corrections = Mapping[tuple[str, str], Correction]
"""By lead, the id of the rule whose gain counts or REST, and strategy."""


@cache
def load_gains() -> Corrections:
    """Return the corrections that recorded runs taught."""
    rows = tomllib.loads(FILE.read_text(encoding="utf-8")).get("gain", [])
    return {(row["lead"], row["strategy"]): Correction(row["shift"], row["spread"], row["sets"])
            for row in rows}  # fmt: skip


def room(start: str, probe: float) -> float:
    """Return in what a promise can be wrong: the probe's errors where it starts from the probe.

    A promise that starts from anything else can be wrong by any accuracy.
    """
    return 1 - probe if start == "linear_probe" else 1.0
