"""The frozen base, read at all depths, trained beside a run that changed the base."""

from __future__ import annotations

import dataclasses

from tl_core.runs import beside, launch, store
from tl_core.runs.state import RunState
from tl_core.spec import RunSpec

STRATEGY = "multi_stage_probe"


def request(run: RunState) -> RunSpec:
    """Return what to ask for: the same data, split, seed and size, and nothing but a last layer."""
    return dataclasses.replace(
        run.spec, strategy=STRATEGY, strategies=(), retention="none", source_folder=""
    )


def found(run: RunState) -> RunState | None:
    """Return the newest run that was asked for just this after `run`, if it is any good.

    None if there is none, or it neither goes on nor has come to a result.
    """
    wanted = request(run)
    other = beside.newest(run.id, lambda spec: spec == wanted)
    return other if other is not None and (other.is_active or other.finished) else None


def start(run_id: str) -> str:
    """Start it beside a run and return its id; the one that is found is it.

    Raises:
        InputError: if there is no such run.
        RunFailed: if there is no room on the disk.
    """
    run = store.read_run(run_id)
    other = found(run)
    return other.id if other is not None else launch.start(request(run))
