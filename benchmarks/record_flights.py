"""Records the flights of `flights.toml` into `sample_data/flights/`, one run after the other.

    THAW_DATA=… python benchmarks/record_flights.py [--only FLIGHT …] [--threads N]

Can be killed at any time: a run is kept whole or not at all, in THAW_HOME (by default
`thaw-benchmarks` in the folder for temporary files), and what is kept is not recorded again. A
flight is written once all its runs are there. No pictures and no weights are kept.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import flight_plans
from flight_plans import Flight, Leg
from record_cell import PARENT

from tl_core import files

SCRIPT = Path(__file__).with_name("record_flight.py")
OUT = Path(__file__).parents[1] / "sample_data" / "flights"
HEAD = "head"
BEFORE = "before"


def main() -> None:
    """Record what is not recorded yet, and write each flight that is whole."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", default=[], help="flights of that id")
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    home = Path(os.environ.get("THAW_HOME") or Path(tempfile.gettempdir()) / "thaw-benchmarks")
    for flight in flight_plans.read_plans():
        if asked.only and flight.id not in asked.only:
            continue
        legs = [recorded(leg, home, asked.threads) for leg in flight.legs]
        write(flight, legs)


def recorded(leg: Leg, home: Path, threads: int) -> dict[str, Any]:
    """Return a run of a flight, recorded now unless it is kept."""
    path = home / "flights" / leg.flight / f"{leg.name}.json"
    if not is_kept(leg, path):
        began = time.monotonic()
        path.parent.mkdir(parents=True, exist_ok=True)
        limits = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), str(threads))
        own = {"THAW_HOME": str(home), "THAW_PRECISION": leg.cell.precision}
        command = [sys.executable, str(SCRIPT), leg.flight, leg.name, str(path)]
        subprocess.run(
            [*command, "--threads", str(threads)],
            env={**os.environ, **limits, **own, PARENT: str(os.getpid())},
            check=True,
        )
        print(f"{leg.flight}/{leg.name}: {time.monotonic() - began:.0f} s", flush=True)
    found: dict[str, Any] = files.read_json(path)
    return found


def is_kept(leg: Leg, path: Path) -> bool:
    """Tell whether the run is kept as it is planned now."""
    if not path.exists():
        return False
    settings = files.read_json(path)["settings"]
    planned = json.loads(json.dumps(dataclasses.asdict(leg)))
    return {key: settings[key] for key in planned} == planned


def write(flight: Flight, legs: list[dict[str, Any]]) -> None:
    """Write a flight, without the blanks that would make it twice as large."""
    untouched = legs[0]["events"]
    told = {"id": flight.id, "begins": begin_of(flight.begins, untouched), "legs": legs}
    path = OUT / f"{flight.id}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(told, separators=(",", ":"), sort_keys=True, allow_nan=False)
    files.write_atomically(path, text + "\n")
    print(f"{flight.id}: {len(text) / 1024:.0f} KB, trouble since {told['begins']}", flush=True)


def begin_of(rule: str, events: list[dict[str, Any]]) -> int | None:
    """Return the first epoch at which the trouble can be seen, by construction.

    Args:
        rule: see `flight_plans.Flight.begins`.
        events: of the run in which nothing is done.
    """
    epochs = [event for event in events if event["kind"] == "epoch"]
    if rule == "never":
        return None
    if rule == "thaw":
        return next(e["epoch"] for e in epochs if e["phase"] not in (BEFORE, HEAD))
    if rule == "best":
        return int(min(epochs, key=lambda e: e["val_loss"])["epoch"]) + 1
    return 1 if rule == "start" else int(rule)


if __name__ == "__main__":
    main()
