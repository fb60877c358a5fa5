"""Large imports: does memory stay where it is, and how long does one wait, by number of pictures?

Each import runs in a process of its own, so that what one leaves behind is not the next one's.
The pictures are noise, all different, and made here: the small ones (32 pixels, 1 KB) measure
Thaw's own work for each file, the larger ones (128 pixels, ten times the bytes) whether memory
grows with what pictures weigh. Pictures and THAW_HOME lie in a temporary folder.

    python benchmarks/imports.py         # the table, some ten minutes
    python benchmarks/imports.py 1000    # other numbers of small pictures; nothing is written
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from measuring import write_results
from memory import PeakMemory, megabytes
from PIL import Image

SMALL_PX, LARGER_PX = 32, 128
ALL = ((10_000, SMALL_PX), (10_000, LARGER_PX), (100_000, SMALL_PX))
CLASSES = 10
CANCELLED_AT = 0.5  # share of the pictures
COMMAND = "python benchmarks/imports.py"


def write_pictures(folder: Path, n: int, edge_px: int = SMALL_PX) -> int:
    """Write `n` different JPEGs in class folders; return their size in bytes."""
    random = np.random.default_rng(0)
    for label in range(CLASSES):
        (folder / f"class {label}").mkdir(parents=True)
    for number in range(n):
        noise = random.integers(0, 256, (edge_px, edge_px, 3), dtype=np.uint8)
        Image.fromarray(noise).save(folder / f"class {number % CLASSES}" / f"{number}.jpg")
    return sum(path.stat().st_size for path in folder.rglob("*.jpg"))


@contextlib.contextmanager
def timed(seconds: dict[str, float], what: str) -> Iterator[None]:
    """Note how long a block takes."""
    begun = time.perf_counter()
    yield
    seconds[what] = round(time.perf_counter() - begun, 3)


def cancel(folder: Path) -> list[str]:
    """Stop an import in the middle; return what it left in the folder of datasets."""
    from tl_core import data, files
    from tl_core.errors import Cancelled

    share = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal share
        share = done / total

    with contextlib.suppress(Cancelled):
        data.import_data(
            folder, name="cancelled", progress=tell, should_stop=lambda: share >= CANCELLED_AT
        )
    return [path.name for path in files.datasets_dir().iterdir() if path.name[0] != "."]


def measure(folder: Path) -> dict[str, Any]:
    """Import a folder and do with it what the Data page does."""
    from tl_core import data
    from tl_core.data import audit, store

    left = cancel(folder)
    seconds: dict[str, float] = {}
    before = megabytes("RssAnon")
    with PeakMemory() as memory, timed(seconds, "import"):
        made = data.import_data(folder)
    store._cache.clear()
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


def measured(n: int, edge_px: int) -> dict[str, Any]:
    """Measure one size in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="thaw-imports-") as place:
        pictures = Path(place, "pictures")
        n_bytes = write_pictures(pictures, n, edge_px)
        done = subprocess.run(
            [sys.executable, __file__, "--folder", str(pictures)],
            env={**os.environ, "THAW_HOME": str(Path(place, "home"))},
            stdout=subprocess.PIPE,
            check=True,
        )
    found = json.loads(done.stdout)
    result: dict[str, Any] = {"edge_px": edge_px, "pictures_mb": round(n_bytes / 2**20, 1), **found}
    print(json.dumps(result), flush=True)
    return result


def compared(few: dict[str, Any], heavy: dict[str, Any], many: dict[str, Any]) -> dict[str, float]:
    """Say what ten times the bytes, and ten times the pictures, do to memory and time."""
    return {
        "pictures_ratio": round(many["n"] / few["n"], 2),
        "seconds_by_pictures": round(many["seconds"]["import"] / few["seconds"]["import"], 2),
        "peak_by_pictures": round(many["peak_mb"] / few["peak_mb"], 2),
        "record_kb_a_picture": round(
            1024 * (many["peak_mb"] - few["peak_mb"]) / (many["n"] - few["n"]), 2
        ),
        "bytes_ratio": round(heavy["pictures_mb"] / few["pictures_mb"], 2),
        "peak_by_bytes": round(heavy["peak_mb"] / few["peak_mb"], 2),
    }


def main(numbers: Sequence[int]) -> None:
    """Measure, and write what came of it unless other numbers were asked for."""
    results = [measured(n, edge) for n, edge in ([(n, SMALL_PX) for n in numbers] or ALL)]
    if not numbers:
        ratios = compared(*results)
        print(json.dumps(ratios))
        write_results(__file__, COMMAND, {"imports": results, "ratios": ratios})


if __name__ == "__main__":
    if sys.argv[1:2] == ["--folder"]:
        print(json.dumps(measure(Path(sys.argv[2]))))
    else:
        main([int(number) for number in sys.argv[1:]])
