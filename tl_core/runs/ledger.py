"""What came of every run's forecast, without reading all logs again in every new process.

A log of many epochs is large, and a run that has ended tells no more. What it said is therefore
kept in `THAW_HOME/cache/forecasts.json`, one small entry a run, good for as long as its log has the
same size and date. Deleting the file costs one reading of the logs.
"""

from __future__ import annotations

import contextlib
from typing import Any

from tl_core import files
from tl_core.errors import InputError
from tl_core.records import from_dict, to_dict
from tl_core.runs import events, forecast, store
from tl_core.runs.forecast import Judged, Past
from tl_core.runs.state import TERMINAL

FORMAT = 1
"""Of the entries; others are passed over and made again."""

_FILE = "forecasts.json"


def past() -> Past:
    """Return what came of all forecasts, the newest run first."""
    kept = _read()
    found: list[Judged] = []
    now: dict[str, Any] = {}
    for run_id in store.run_ids():
        with contextlib.suppress(OSError, InputError):  # deleted since it was listed
            stamp = _stamp(run_id)
            entry = kept.get(run_id)
            if entry is None or entry["stamp"] != stamp:
                state = store.read_run(run_id)
                entry = {"stamp": stamp, "judged": to_dict(forecast.judged(state))}
                if state.status in TERMINAL:
                    now[run_id] = entry
            else:
                now[run_id] = entry
            if entry["judged"]:
                found.append(from_dict(Judged, entry["judged"]))
    if now != kept:
        _write(now)
    return forecast.past(found)


def _stamp(run_id: str) -> list[int]:
    """Return what changes whenever a log does: its size in bytes, and its date in ns."""
    told = (files.runs_dir() / run_id / events.FILE).stat()
    return [told.st_size, told.st_mtime_ns]


def _read() -> dict[str, Any]:
    """Return the entries by run; none if the file is missing, damaged or of another format."""
    try:
        values = files.read_json(files.cache_dir() / _FILE)
        if values["format"] == FORMAT:
            return dict(values["runs"])
    except (OSError, ValueError, TypeError, KeyError):
        pass
    return {}


def _write(runs: dict[str, Any]) -> None:
    """Keep the entries; a full disk only means that the logs are read again."""
    with contextlib.suppress(OSError):
        files.write_json(files.cache_dir() / _FILE, {"format": FORMAT, "runs": runs})
