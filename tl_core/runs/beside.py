"""Runs that were begun beside another one, found by what they were asked for."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from tl_core.errors import InputError
from tl_core.runs import store
from tl_core.runs.request import read_spec
from tl_core.runs.state import RunState
from tl_core.spec import RunSpec

_STAMP = len("20260101-000000")
"""Of an id: the second at which it was made."""


def newest(run_id: str, is_it: Callable[[RunSpec], bool]) -> RunState | None:
    """Return the newest run whose request is the one looked for; None if there is none (any more).

    Args:
        run_id: the run beside which it was begun; older ones are not looked at, nor is this one.
        is_it: tells by the request.
    """
    for other in store.run_ids():
        if other[:_STAMP] < run_id[:_STAMP]:
            return None
        with contextlib.suppress(InputError):
            if other != run_id and is_it(read_spec(store.run_dir(other))):
                return store.read_run(other)
    return None
