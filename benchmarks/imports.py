"""Large imports: does memory stay where it is, and how long does one wait, by number of pictures?

Each import runs in a process of its own, so that what one leaves behind is not the next one's.
The pictures are small (32 pixels, about 1 KB each), all different, and made here: what is measured
is Thaw's own work for each file, not the decoder. The whole THAW_HOME and the pictures lie in a
temporary folder, on the disk where temporary files lie.

    python benchmarks/imports.py             # the table below, a few minutes
    python benchmarks/imports.py 100 1000    # other numbers, nothing is written
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from measuring import write_results
from memory import PeakMemory, megabytes
from PIL import Image

SIZES = (10_000, 100_000)
CLASSES = 10
EDGE_PX = 32
CANCELLED_AT = 0.5  # share of the pictures
COMMAND = "python benchmarks/imports.py"


def write_pictures(folder: Path, n: int) -> int:
    """Write `n` different JPEGs in class folders; return their size in bytes."""
    random = np.random.default_rng(0)
    for label in range(CLASSES):
        (folder / f"class {label}").mkdir(parents=True)
    for number in range(n):
        noise = random.integers(0, 256, (EDGE_PX, EDGE_PX, 3), dtype=np.uint8)
        Image.fromarray(noise).save(folder / f"class {number % CLASSES}" / f"{number}.jpg")
    return sum(path.stat().st_size for path in folder.rglob("*.jpg"))


@contextlib.contextmanager
def timed(seconds: dict[str, float], what: str) -> Any:
    """Note how long a block takes."""
    begun = time.perf_counter()
    yield
    seconds[what] = round(time.perf_counter() - begun, 3)


def measure(folder: Path) -> dict[str, Any]:
    """Import a folder, stop another import in the middle, and list what came of the first."""
    from tl_core import data, files
    from tl_core.data import audit, dataset
    from tl_core.errors import Cancelled

    done = 0

    def count(so_far: int, total: int) -> None:
        nonlocal done
        done = so_far / total

    with contextlib.suppress(Cancelled):
        stop = lambda: done >= CANCELLED_AT  # noqa: E731
        data.import_data(folder, name="cancelled", progress=count, should_stop=stop)
    left = [path.name for path in files.datasets_dir().iterdir() if path.name[0] != "."]
    seconds: dict[str, float] = {}
    before = megabytes("RssAnon")
    with PeakMemory() as memory, timed(seconds, "import"):
        made = data.import_data(folder)
    dataset._cache.clear()
    with timed(seconds, "load"):
        made = data.load(made.id)
    with timed(seconds, "facts"):
        facts = audit.facts(made, val_fraction=0.2, seed=0)
    with timed(seconds, "findings"):
        audit.findings(made)
    with timed(seconds, "list"):
        data.list_datasets()
    return {
        "n": facts.n,
        "peak_mb": memory.anonymous,
        "above_mb": round(memory.anonymous - before, 1),
        "pictures_per_second": round(facts.n / seconds["import"]),
        "seconds": seconds,
        "left_by_cancelled": left,
    }


def measured(n: int) -> dict[str, Any]:
    """Measure one size in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="thaw-imports-") as place:
        pictures = Path(place, "pictures")
        n_bytes = write_pictures(pictures, n)
        done = subprocess.run(
            [sys.executable, __file__, "--folder", str(pictures)],
            env={**os.environ, "THAW_HOME": str(Path(place, "home"))},
            stdout=subprocess.PIPE,
            check=True,
        )
    result: dict[str, Any] = {"pictures_mb": round(n_bytes / 2**20, 1), **json.loads(done.stdout)}
    print(json.dumps(result))
    return result


def main(sizes: tuple[int, ...]) -> None:
    """Measure all sizes, and write what came of it if they are the usual ones."""
    results = [measured(n) for n in sizes]
    first, last = results[0], results[-1]
    growth = {
        "mb_per_1000_pictures": round(
            1000 * (last["above_mb"] - first["above_mb"]) / (last["n"] - first["n"]), 2
        ),
        "mb_of_pictures_per_1000": round(1000 * last["pictures_mb"] / last["n"], 2),
        "seconds_ratio": round(last["seconds"]["import"] / first["seconds"]["import"], 2),
    }
    print(json.dumps(growth))
    if sizes == SIZES:
        write_results(__file__, COMMAND, {"imports": results, "growth": growth})


if __name__ == "__main__":
    if sys.argv[1:2] == ["--folder"]:
        print(json.dumps(measure(Path(sys.argv[2]))))
    else:
        main(tuple(map(int, sys.argv[1:])) or SIZES)
