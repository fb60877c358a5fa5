"""Whether a leak that was planted is known before the run begins, and none where none was planted.

    THAW_DATA=DIR python benchmarks/leaks.py

Builds the data of every recorded cell of seed 0 again, once per sample and fault, and asks what a
worker asks before it trains: how many held-out examples training holds too, and whether that is a
leak. Trains nothing; writes `leaks.json`. Near twins are not searched for here: see `audit.py`.
"""

from __future__ import annotations

from typing import Any

import recordings
from cells import PEER, Cell, read_grid
from measuring import write_results
from samples import dataset_of

from tl_core.data.faults import leak_of
from tl_core.data.split import split
from tl_core.watch.detectors import held_twice

LEAK = "leak"


def main() -> None:
    """Build, ask, write."""
    told: dict[str, dict[str, Any]] = {"planted": {}, "sound": {}}
    for name, cell in cells().items():
        dataset = dataset_of(cell)
        found = leak_of(dataset, split(dataset, val_fraction=0.2, seed=cell.seed), None)
        known = {"leak_pairs": found.pairs if found.suspected else None}
        part = "planted" if cell.fault and cell.fault.kind == LEAK else "sound"
        told[part][name] = {"alarm": bool(held_twice(known, 0)), "pairs": found.pairs}
        print(part, name, told[part][name], flush=True)
    results = {
        part: {"n": len(found), "alarms": sum(one["alarm"] for one in found.values())} | found
        for part, found in told.items()
    }
    write_results(__file__, "THAW_DATA=DIR python benchmarks/leaks.py", results)


def cells() -> dict[str, Cell]:
    """Return a recorded cell of each sample, and of each with a fault in its data."""
    recorded = {run.name for run in recordings.load(recordings.ROOT)}
    found: dict[str, Cell] = {}
    for cell in read_grid():
        if cell.name not in recorded or cell.seed or cell.strategy == PEER:
            continue
        kind = cell.fault.kind if cell.fault else ""
        if kind in ("", LEAK):
            found.setdefault(f"{cell.sample} {kind}".strip(), cell)
    return found


if __name__ == "__main__":
    main()
