"""Deleted runs: kept for some days, given back on demand, then gone.

    THAW_HOME/runs/.trash/<run id>.<seconds since 1970>/     the folder of the run, as it was

Deleting and restoring are one renaming each: whenever a process is killed, the run lies in one of
the two places, and whole.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from tl_core import files
from tl_core.errors import InputError, Issue
from tl_core.i18n import _
from tl_core.runs import listing, locks, store
from tl_core.runs.state import RunState
from tl_core.spec import RunSpec

KEPT_DAYS = 30
"""Long enough to notice after a holiday; disk use is shown meanwhile."""

_DAY_SECONDS = 86_400
_NAME = re.compile(r"(?P<run>[a-z0-9-]+)\.(?P<when>[0-9]{1,12})")
_GONE = ".gone-"
_BASE = "run:"


@dataclass(frozen=True, slots=True)
class Deleted:
    """A run in the trash."""

    run: str
    """Its id."""
    deleted: float
    """Seconds since 1970."""
    folder: Path

    @property
    def days_left(self) -> int:
        """After how many days it goes, if nobody restores it; 0: at the next look."""
        left = KEPT_DAYS - (time.time() - self.deleted) / _DAY_SECONDS
        return max(0, -int(-left // 1))

    def state(self) -> RunState:
        """Return what is known of it, as if it were not deleted."""
        return replace(store.peek(self.folder), id=self.run)


@dataclass(frozen=True, slots=True)
class Emptied:
    """What emptying the trash came to."""

    runs: tuple[str, ...]
    bytes: int
    """Freed."""
    kept: tuple[str, ...]
    """Deleted runs that others were built on, and that therefore stay."""


def delete(run_id: str) -> None:
    """Move a run into the trash, and let go of what has lain there too long.

    Raises:
        InputError: if there is no such run, it has not ended, or one going on needs it.
    """
    needing = [
        one.id for one in listing.list_runs() if one.is_active and run_id in _needed_by(one.spec)
    ]
    if needing:
        message = _("The run {other}, which is going on, needs {id}.")
        fix = _("Let that one end or stop it first.")
        raise InputError([Issue("run", message.format(id=run_id, other=needing[0]), fix)])
    store.delete_run(run_id)
    sweep()


def _needed_by(spec: RunSpec) -> tuple[str, ...]:
    """Return the runs whose weights a job reads: its base, what it looks at or takes away or mixes.

    A job that writes among the files of one that is gone would make its folder anew.
    """
    return spec.base.removeprefix(_BASE), spec.run, spec.mix_of


def restore(run_id: str) -> None:
    """Give a deleted run back; of several with this id, the last one deleted.

    Raises:
        InputError: if there is none in the trash, or its place is taken.
    """
    with locks.starting():
        found = [one for one in deleted() if one.run == run_id]
        if not found:
            message = _("There is no run '{id}' in the trash.").format(id=run_id[:80])
            fix = _("See what is there with: thaw runs list --trash")
            raise InputError([Issue("run", message, fix)])
        target = files.runs_dir() / run_id
        if target.exists():
            message = _("A run {id} is there already.").format(id=run_id)
            raise InputError([Issue("run", message, _("Delete that one first."))])
        target.parent.mkdir(parents=True, exist_ok=True)
        found[0].folder.rename(target)


def deleted() -> tuple[Deleted, ...]:
    """Return the runs in the trash, the last one deleted first."""
    found = []
    with contextlib.suppress(FileNotFoundError):
        for path in files.trash_dir().iterdir():
            if (told := _NAME.fullmatch(path.name)) and path.is_dir() and not path.is_symlink():
                found.append(Deleted(told["run"], float(told["when"]), path))
    return tuple(sorted(found, key=lambda one: (-one.deleted, one.run)))


def empty(which: Collection[Deleted] | None = None) -> Emptied:
    """Remove deleted runs for good: these, or all; what others were built on stays.

    A person who still has a run that began from a deleted one needs the deleted one's weights.
    """
    with locks.starting():
        there = [one for one in deleted() if which is None or one in which]
        needed = _needed()
        doomed = [one for one in there if one.run not in needed]
        freed = sum(files.folder_bytes(one.folder) for one in doomed)
        for one in doomed:
            # Renamed first, so that a half removed run never looks like one to be restored.
            one.folder.rename(one.folder.with_name(f"{_GONE}{one.folder.name}"))
    for leftover in files.trash_dir().glob(f"{_GONE}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    kept = tuple(one.run for one in there if one.run in needed)
    return Emptied(tuple(one.run for one in doomed), freed, kept)


def sweep() -> None:
    """Remove what has lain in the trash for more than KEPT_DAYS days."""
    late = time.time() - KEPT_DAYS * _DAY_SECONDS
    if old := [one for one in deleted() if one.deleted < late]:
        empty(old)


def _needed() -> set[str]:
    """Return the deleted runs that living ones, or needed deleted ones, were built on."""
    bases: dict[str, str] = {}
    for one in deleted():
        with contextlib.suppress(InputError):
            bases[one.run] = store.read_spec(one.folder).base
    wanted = [one.spec.base for one in listing.list_runs()]
    needed: set[str] = set()
    while wanted:
        run = wanted.pop().removeprefix(_BASE)
        if run in bases and run not in needed:
            needed.add(run)
            wanted.append(bases[run])
    return needed
