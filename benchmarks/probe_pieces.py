"""Where the time of measuring 1,000 pictures goes, piece by piece, beside the bare passes.

    THAW_DATA=… python benchmarks/probe_pieces.py

Measures in this process what `probe_speed.py` measures from outside. A piece that is part of
another stands below it. The first round warms up and is left out; medians are kept.
"""

from __future__ import annotations

import functools
import importlib
import os
import shutil
import statistics
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import probe_speed
from measuring import write_results

from tl_core import files

PIECES = (
    ("base and its weights", "tl_core.engine.inherit", "load_backbone"),
    ("pass through the base, decoding beside it", "tl_core.evidence", "look_at"),
    ("linear probe, three times", "tl_core.engine.probe", "repeatedly"),
    ("nearest neighbours", "tl_core.engine.probe", "nearest_neighbours"),
    ("learning curve", "tl_core.evidence.volume", "curve"),
    ("a probe on each stage", "tl_core.evidence", "by_stage"),
    ("a probe on all depths", "tl_core.evidence", "every_depth"),
    ("controls, whole", "tl_core.evidence", "_controls"),
    ("controls: an untrained network", "tl_core.evidence", "untrained"),
    ("controls: the pass through it", "tl_core.engine.features", "compute"),
)
"""What a piece is called, and the function that it is."""
ROUNDS = 4


def measured(dataset: Any, took: dict[str, float]) -> int:
    """Measure a dataset of which nothing is known; returns of how many examples."""
    from tl_core import evidence
    from tl_core.data.store import dataset_dir

    shutil.rmtree(files.cache_dir(), ignore_errors=True)
    shutil.rmtree(dataset_dir(dataset.id) / "evidence", ignore_errors=True)
    took.clear()
    began = time.monotonic()
    found = evidence.measure(
        dataset,
        probe_speed.BASE,
        size=None,
        seed=0,
        val_fraction=0.2,
        emit=lambda *_, **__: None,
        should_continue=lambda: True,
    )
    took["all of it"] = time.monotonic() - began
    return found.n


def time_pieces(took: dict[str, float]) -> None:
    """Have every piece note its seconds from now on."""
    for name, module_name, function in PIECES:
        module = importlib.import_module(module_name)
        setattr(module, function, timed(getattr(module, function), name, took))


def timed(whole: Any, name: str, took: dict[str, float]) -> Any:
    """Return a function that notes how long it takes."""

    @functools.wraps(whole)
    def noted(*args: Any, **options: Any) -> Any:
        began = time.monotonic()
        try:
            return whole(*args, **options)
        finally:
            took[name] += time.monotonic() - began

    return noted


def main() -> None:
    """Measure in turns and write the medians."""
    took: dict[str, float] = defaultdict(float)
    rounds: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as home:
        os.environ["THAW_HOME"] = home
        folder = Path(home) / "photographs"
        probe_speed.gather(folder)
        dataset = probe_speed.imported(folder)
        time_pieces(took)
        for number in range(ROUNDS):
            n = measured(dataset, took)
            plain = probe_speed.bare(n)["seconds"]
            if number:
                for name, seconds in {**took, "bare passes": plain}.items():
                    rounds[name].append(seconds)
    medians = {name: round(statistics.median(found), 2) for name, found in rounds.items()}
    print(medians, flush=True)
    write_results(__file__, "python benchmarks/probe_pieces.py", {"n": n, "seconds": medians})


if __name__ == "__main__":
    main()
