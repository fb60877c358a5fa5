"""The process that has networks in memory to show what is inside of them (see `standby`).

There is one for all: a base, its twin with random weights and what a run has made of it are looked
at side by side.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tl_core.insides import Read, Scan, Seen
from tl_core.runs import standby
from tl_core.runs.standby import Duty, Told
from tl_core.spec import to_dict

if TYPE_CHECKING:
    from tl_core.engine.modality import Backbone

OPTION = "--inside"
"""By which the worker's command becomes this process."""
SCAN_SECONDS = 1.0
"""So long it works on a person's pictures for one question, so that others need not wait."""

Look = Callable[[Told], Told]
"""Answers a question of `looking`."""


def folder() -> Path:
    """Return the folder in which the process works, whether or not there is one."""
    return standby.folder_of_all() / "inside"  # no run is called so: their names begin with a date


def serve(folder: Path, look: Look) -> int:
    """Be the process; returns the exit code."""
    return standby.serve(folder, Duty(lambda: look({"what": "nothing"}), look, lambda: True))


def look(question: Told) -> Told:
    """Answer a question for real.

    Raises:
        InputError: if the file, the dataset or the base cannot be used.
        RunFailed: if the weights of the base are not those that it is known by.
    """
    return _ANSWERS[question["what"]](question)


def _nothing(_question: Told) -> Told:
    """Import what takes long, before anybody asks."""
    from tl_core.engine import inside, patches  # noqa: F401

    return {}


def _opened(network: Told) -> Backbone:
    from tl_core.engine import inside

    return inside.opened(network["base"], network["size"], is_random=bool(network["is_random"]))


def _look(question: Told) -> Told:
    from tl_core.data.loose import open_loose
    from tl_core.engine import inside

    example = open_loose([Path(question["file"])])[0]
    return _told(inside.look(_opened(question["network"]), example, question["channels"]))


def _read(question: Told) -> Told:
    from tl_core.data.loose import open_loose
    from tl_core.engine import attention

    text = open_loose([Path(question["file"])], "text")[0].text
    return _told(attention.look(_opened(question["network"]), text))


def _scan(question: Told) -> Told:
    from tl_core.data import load
    from tl_core.engine import patches

    against = question["against"]
    found = patches.scan(
        _opened(question["network"]),
        load(question["dataset"], question["revision"]),
        seconds=SCAN_SECONDS,
        against=_opened(against) if against else None,
        channels=question["channels"],
    )
    return _told(found)


def _told(record: Seen | Read | Scan) -> Told:
    told: Told = to_dict(record)
    return told


_ANSWERS: dict[str, Look] = {"nothing": _nothing, "look": _look, "read": _read, "scan": _scan}
