"""Recorded real runs that come with Thaw, so that Watch can be seen without training.

Each lies in `sample_data/recorded/<run id>/` as a run folder without its weights and pictures;
opening one copies it among the person's own runs, where it can be watched and deleted like any.
`benchmarks/record_run.py` makes them.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from tl_core import files
from tl_core.errors import InputError, Issue
from tl_core.i18n import _


def recorded_runs() -> tuple[str, ...]:
    """Return the ids of the runs that come with Thaw, newest first."""
    folder = _folder()
    if folder is None or not folder.is_dir():
        return ()
    return tuple(sorted((p.parent.name for p in folder.glob("*/events.jsonl")), reverse=True))


def open_recorded(run_id: str) -> str:
    """Put a recorded run among the person's runs, if it is not there, and return its id.

    Raises:
        InputError: if no such run comes with Thaw.
    """
    folder = _folder()
    if folder is None or run_id not in recorded_runs():
        message = _("No recorded run '{id}' comes with Thaw.").format(id=run_id[:80])
        raise InputError([Issue("run", message, _("See them on the Runs page."))])
    target = files.runs_dir() / run_id
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".new-") as temporary:
            copy = Path(temporary) / run_id
            shutil.copytree(folder / run_id, copy)
            copy.rename(target)
    return run_id


def _folder() -> Path | None:
    app = files.app_dir()
    return app / "sample_data" / "recorded" if app else None
