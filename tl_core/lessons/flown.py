"""How somebody's flights have ended; kept on this computer only.

The first ending counts: whoever flies again knows what will come.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tl_core import files
from tl_core.lessons.flights import flights
from tl_core.lessons.scoring import FULL, Score

FILE = "flights.json"


def read_flown() -> Mapping[str, int]:
    """Return the points of each flight that has ended; a damaged file counts as none."""
    try:
        content = files.read_json(_path())
    except (OSError, ValueError):
        return {}
    kept = content.get("points") if isinstance(content, dict) else None
    known = {flight.id for flight in flights()}
    return {
        flight: points
        for flight, points in (kept.items() if isinstance(kept, dict) else ())
        if flight in known and isinstance(points, int) and 0 <= points <= FULL
    }


def note(flight_id: str, score: Score) -> None:
    """Remember how a flight has ended, unless it has ended before."""
    kept = read_flown()
    if flight_id not in kept:
        files.write_json(_path(), {"points": {**kept, flight_id: score.points}})


def _path() -> Path:
    return files.home() / FILE
