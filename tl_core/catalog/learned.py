"""What the runs behind a base have learned from, so that no base is judged by what it knows.

THAW_HOME/runs/<id>/artifacts/learned.npy    a number for each training example, ascending

The numbers follow from what the examples show, not from names or splits: whatever is changed in the
data later, or brought in a second time, is known again.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tl_core import files
from tl_core.catalog.base import Base
from tl_core.catalog.tuned import Tuned
from tl_core.errors import InputError, Issue
from tl_core.i18n import _

Numbers = npt.NDArray[np.uint64]

FILE = "artifacts/learned.npy"
MOST_KNOWN = 0.01
"""Share of what judges a base that it may know: as many twins as parts of one dataset may share
before a leak is suspected (`data.limits.LEAK_SHARE`)."""
_DIGITS = 16  # of a hash: 64 bits, so that a million examples share one once in 10^7 sets


@dataclass(frozen=True, slots=True)
class Judged:
    """What a base would be judged by."""

    dataset: str
    """Id of the data."""
    fingerprint: str
    """Theirs."""
    looks: tuple[str, ...]
    """Of each example that would judge it, what equal ones share: at least 16 hexadecimal digits
    (`data.faults.look`)."""


def write(run_dir: Path, looks: Iterable[str]) -> None:
    """Keep with a run what it has learned from, as `Judged.looks`."""
    content = io.BytesIO()
    np.save(content, _numbers(looks), allow_pickle=False)
    files.write_atomically(run_dir / FILE, content.getvalue())


def require_unseen(base: Base, judged: Judged) -> None:
    """Check that no run behind `base` has learned from what would judge it.

    Raises:
        InputError: if one has; with the way out.
    """
    for run in _behind(base):
        if _knows(run, judged):
            raise InputError([_flattered(base, run, judged)])


def has_learned_from(base: Base, judged: Judged) -> bool:
    """Tell whether any run behind `base` has learned from what would judge it."""
    return any(_knows(run, judged) for run in _behind(base))


def _behind(base: Base) -> Iterator[Tuned]:
    """Yield the runs whose weights are in a base: those up to one that inherited nothing."""
    for run in base.tuned:
        yield run
        if not run.inherits:
            return


def _knows(run: Tuned, judged: Judged) -> bool:
    return _known(run, judged) > MOST_KNOWN * len(judged.looks)


def _known(run: Tuned, judged: Judged) -> int:
    """Return how many of what would judge it a run has learned from.

    All, where it has not kept what it learned from, and the data are the same.
    """
    try:
        learned = np.load(files.runs_dir() / run.run / FILE, allow_pickle=False)
        return int(np.isin(_numbers(judged.looks), learned).sum())
    except (OSError, ValueError, EOFError):
        is_same = judged.dataset == run.dataset or judged.fingerprint == run.fingerprint
        return len(judged.looks) if is_same else 0


def _numbers(looks: Iterable[str]) -> Numbers:
    return np.array(sorted(int(look[-_DIGITS:], 16) for look in looks), dtype=np.uint64)


def _flattered(base: Base, run: Tuned, judged: Judged) -> Issue:
    message = _("{base} has learned from {n} of the {total} examples that would judge it: what is "
                "measured on them would flatter it.")  # fmt: skip
    fix = _("Choose another base. To train it further on the same data, hold the same examples "
            "out: with --seed {seed} --val {val} while the data are unchanged, with 'Train again' "
            "among its results once they were changed.")  # fmt: skip
    n, total = _known(run, judged), len(judged.looks)
    told = message.format(base=base.title, n=n, total=total)
    return Issue("base", told, fix.format(seed=run.seed, val=f"{run.val_fraction:g}"))
