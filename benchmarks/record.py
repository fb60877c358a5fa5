"""Records the runs of `grid.toml` into `recorded/`, one process each.

    THAW_DATA=… python benchmarks/record.py --jobs 2 [--only TEXT …] [--fastai VENV]

Can be killed at any time: a cell is kept whole or not at all, and what is kept is not recorded
again. Two processes of one thread each get more done on two cores than one process of two; the
seconds of such cells compare with one another, not with those of a machine to itself, so the
number of threads is kept with each. Without `--fastai` the cells of that peer are passed over;
`fastai_peer.py` says how to make its environment. State and caches lie in THAW_HOME, by default
`thaw-benchmarks` in the folder for temporary files.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cells
import recordings
from cells import Cell
from record_cell import PARENT

SCRIPT = Path(__file__).with_name("record_cell.py")
LOG_TAIL_CHARS = 300


@dataclass(frozen=True)
class Session:
    """What holds for every cell of one call."""

    threads: int
    grid: Path
    out: Path
    fastai: Path | None
    home: Path

    def python(self, cell: Cell) -> str:
        """Return the interpreter that can record the cell."""
        if cell.strategy == cells.PEER and self.fastai:
            return str(self.fastai / "bin" / "python")
        return sys.executable

    def environment(self, cell: Cell) -> dict[str, str]:
        """Return the environment of a cell: its own home, its share of the cores, and the number
        format that the grid names, so that cells of different machines belong together."""
        threads = str(self.threads)
        limits = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), threads)
        own = {
            "THAW_HOME": str(self.home),
            "THAW_PRECISION": cell.precision,
            PARENT: str(os.getpid()),
        }
        return {**os.environ, **limits, **own}


def main() -> None:
    """Record what is not recorded yet."""
    asked = arguments()
    session = Session(
        threads=asked.threads or max(1, (os.cpu_count() or 1) // asked.jobs),
        grid=asked.grid,
        out=asked.out,
        fastai=asked.fastai,
        home=Path(os.environ.get("THAW_HOME") or Path(tempfile.gettempdir()) / "thaw-benchmarks"),
    )
    due = [cell for cell in cells.read_grid(asked.grid) if is_asked_for(cell, asked)]
    todo = [cell for cell in due if not is_recorded(cell, session, renew=asked.renew)]
    print(f"{len(due)} cells, {len(todo)} to record", flush=True)
    if asked.list:
        print("\n".join(cell.name for cell in todo))
        return
    began, failed = time.monotonic(), 0
    with ThreadPoolExecutor(asked.jobs) as pool:
        for done, line in enumerate(pool.map(lambda cell: recorded(cell, session), todo), 1):
            failed += line.startswith("FAILED")
            minutes = (time.monotonic() - began) / 60
            print(f"{done}/{len(todo)} {minutes:.1f} min  {line}", flush=True)
    if failed:
        raise SystemExit(f"{failed} cells failed; their logs lie in {session.home / 'logs'}")


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time")
    parser.add_argument("--threads", type=int, default=0, help="of each; default: cores / jobs")
    parser.add_argument("--only", action="append", default=[], help="cells whose name has TEXT")
    parser.add_argument("--seed", type=int, action="append", default=[], help="only these seeds")
    parser.add_argument("--grid", type=Path, default=cells.GRID)
    parser.add_argument("--out", type=Path, default=recordings.ROOT)
    parser.add_argument("--fastai", type=Path, help="environment with fastai")
    parser.add_argument("--renew", action="store_true", help="also cells of an older engine")
    parser.add_argument("--list", action="store_true", help="only say what would be recorded")
    return parser.parse_args()


def is_asked_for(cell: Cell, asked: argparse.Namespace) -> bool:
    """Tell whether the command line means this cell."""
    if cell.strategy == cells.PEER and not asked.fastai:
        return False
    if asked.seed and cell.seed not in asked.seed:
        return False
    return not asked.only or any(text in cell.name for text in asked.only)


def is_recorded(cell: Cell, session: Session, *, renew: bool) -> bool:
    """Tell whether the cell is kept, and with `renew` by the engine as it is now."""
    path = recordings.path_of(cell.name, session.out)
    if not path.exists() or not renew or cell.strategy == cells.PEER:
        return path.exists()
    return bool(recordings.read(path).settings["engine"] == recordings.engine_digest())


def recorded(cell: Cell, session: Session) -> str:
    """Record one cell in a process of its own; returns a line that says how it went."""
    log = session.home / "logs" / f"{cell.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [session.python(cell), str(SCRIPT), cell.name]
    command += ["--threads", str(session.threads)]
    command += ["--grid", str(session.grid), "--out", str(session.out)]
    with log.open("w", encoding="utf-8") as file:
        code = subprocess.run(
            command,
            env=session.environment(cell),
            stdout=file,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    if code:
        last = log.read_text(encoding="utf-8", errors="replace").strip()[-LOG_TAIL_CHARS:]
        return f"FAILED {cell.name}: {last.splitlines()[-1] if last else f'exit code {code}'}"
    path = recordings.path_of(cell.name, session.out)
    kept = recordings.read(path)
    seconds, kilobytes = kept.result["whole_seconds"], path.stat().st_size / 1024
    epochs = kept.epochs[-1]["epoch"]
    return (
        f"{cell.name}: {kept.accuracy:.3f} of {len(kept.label)}, {epochs} epochs, "
        f"{kept.result['stop_reason']}, {seconds:.0f} s, {kilobytes:.0f} KB"
    )


if __name__ == "__main__":
    main()
