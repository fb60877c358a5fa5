"""Measurements in processes of their own, in turns, and what their ratios should be."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_name("speed_tasks.py")
ERROR_TAIL_CHARS = 2000

TARGETS: dict[str, tuple[str, float]] = {
    "frozen / fastai": ("at most", 0.2),
    "frozen / forward with decoding": ("at most", 1.5),
    "frozen / forward": ("at most", 1.5),
    "full / plain loop": ("at least", 2.0),
    "full / own bare steps": ("at least", 0.93),
    "run / its steps": ("at most", 1.25),
    "last stage / everything": ("at most", 0.125),
    "thawing / everything from a new head": ("at most", 0.5),
    "memory of linear_probe, 50,000 / 5,000": ("at most", 1.2),
    "memory of full_fine_tune, 50,000 / 5,000": ("at most", 1.2),
    "seconds, features of 1,000 sentences": ("at most", 5.0),
    "seconds, LoRA on 200 sentences": ("at most", 30.0),
}
"""What each ratio should be; ratios without an entry are told for what they explain."""

Figures = dict[str, Any]
Task = tuple[str, Figures]
"""A function of `speed_tasks.py` and its arguments."""


@dataclass(frozen=True)
class Session:
    """What holds for every measurement of one call."""

    repeats: int
    fastai: Path | None
    is_quick: bool

    def size_px(self, full: int) -> int:
        """Return the picture edge, small in a trial."""
        return 64 if self.is_quick else full

    def few(self, full: int, quick: int) -> int:
        """Return one of two numbers."""
        return quick if self.is_quick else full

    def alternately(self, tasks: dict[str, Task], repeats: int | None = None) -> dict[str, Figures]:
        """Do each task several times in turns; returns the median of each figure by name."""
        found: dict[str, list[Figures]] = {name: [] for name in tasks}
        for _ in range(repeats or self.repeats):
            for name, task in tasks.items():
                found[name].append(self.once(task))
                print(name, found[name][-1], flush=True)
        return {name: summarised(figures) for name, figures in found.items()}

    def once(self, task: Task) -> Figures:
        """Do a task in a process of its own."""
        name, options = task
        is_peer = name.startswith("fastai")
        python = str(self.fastai / "bin" / "python") if self.fastai and is_peer else sys.executable
        with tempfile.TemporaryDirectory() as home:
            done = subprocess.run(
                [python, str(SCRIPT), name, json.dumps(options)],
                env=os.environ | {"THAW_HOME": home},
                capture_output=True,
                text=True,
                check=False,
            )
        if done.returncode:
            raise RuntimeError(f"{name} {options}:\n{done.stderr[-ERROR_TAIL_CHARS:]}")
        figures: Figures = json.loads(done.stdout.splitlines()[-1])
        return figures


def summarised(figures: list[Figures]) -> Figures:
    """Return the median of each number, and all of them where there are several."""
    summary: Figures = {}
    for key, first in figures[0].items():
        values = [found[key] for found in figures]
        is_number = all(isinstance(v, (int, float)) for v in values)
        summary[key] = round(statistics.median(values), 4) if is_number else first
    if len(figures) > 1:
        summary["each"] = figures
    return summary


def ratio(name: str, one: float | None, other: float | None) -> Figures:
    """Return one divided by the other, with what it should be and whether it is."""
    value = round(one / other, 3) if one and other else None
    kind, bound = TARGETS.get(name, ("", None))
    met = None
    if value is not None and bound is not None:
        met = value <= bound if kind == "at most" else value >= bound
    target = f"{kind} {bound:g}" if bound is not None else None
    return {"ratio": name, "value": value, "target": target, "met": met}
