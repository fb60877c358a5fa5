"""The control arm of a run: the same once more without what the base brings, and what both say.

A control is an ordinary run with `control_of` in its request. It shares the data, the split, the
seed, the size and the limits of its run and learns from scratch. Whichever of the two ends last has
its worker compare them, and write what came of it into both logs.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tl_core.errors import InputError, Issue
from tl_core.i18n import _
from tl_core.runs import beside, events, launch, locks, store
from tl_core.runs.state import RunState
from tl_core.spec import CONTROL, Accuracy, RunSpec, from_dict, to_dict

log = logging.getLogger(__name__)

ALPHA = 0.05
"""Helping or hurting is proven below this chance of such a difference where there is none."""
LOCK_SECONDS = 5.0
_ENDED = ("finished", "stopped")

Emit = Callable[..., None]


def request(run: RunState) -> RunSpec:
    """Return what to ask for, to have a run's control."""
    return dataclasses.replace(
        run.spec, strategy=CONTROL, control_of=run.id, retention="none", strategies=()
    )


def why_not(run: RunState) -> str:
    """Return why a run can have no control, in one sentence; empty if it can."""
    if run.spec.kind != "train":
        return _("Only a training run can have a control.")
    if run.spec.control_of or run.spec.strategy == CONTROL:
        return _("The run {id} inherits nothing: it is a control itself.").format(id=run.id)
    if run.race:
        return _("The run {id} takes part in a race; let the control compete there.").format(
            id=run.id
        )
    return ""


def start(run_id: str, *, command: Sequence[str] | None = None) -> str:
    """Start the control of a run and return its id; one that goes on or has ended well is it.

    Args:
        run_id: the run.
        command: see `launch.start`.

    Raises:
        InputError: if there is no such run, or it can have no control.
        RunFailed: if there is no room on the disk.
    """
    run = store.read_run(run_id)
    if reason := why_not(run):
        fix = _("Choose a run that begins with a base; see them with: thaw runs list")
        raise InputError([Issue("run", reason, fix)])
    found = control_of(run_id)
    if found is not None and (found.is_active or found.status in _ENDED):
        return found.id
    return launch.start(request(run), command=command)


def control_of(run_id: str) -> RunState | None:
    """Return the newest control of a run; None if it never had one, or it was deleted."""
    return beside.newest(run_id, lambda spec: spec.control_of == run_id)


def partner(run: RunState) -> RunState | None:
    """Return the other one of a run and its control; None where there is none (any more)."""
    if not run.spec.control_of:
        return control_of(run.id)
    with contextlib.suppress(InputError):
        return store.read_run(run.spec.control_of)
    return None


def told(run: RunState) -> dict[str, Any] | None:
    """Return for programs what is known of a run and its control; None if there is only one."""
    if run.control is not None:
        return dict(run.control)
    other = partner(run)
    if other is None:
        return None
    return {"run": other.id, "status": other.status, "verdict": None}


def judge(run_id: str, result: Mapping[str, Any], emit: Emit) -> None:
    """Compare a run that has just come to its end with its partner, if that has ended before.

    Called by the worker of the run, which still holds its lock. Whatever goes wrong here is only
    noted: the run itself has come to its end and is not lost for it.

    Args:
        run_id: the run.
        result: the fields of its last event, which is not written yet.
        emit: writes into its log.
    """
    try:
        _judge(run_id, result, emit)
    except (OSError, ValueError, KeyError, TypeError, InputError):
        log.exception("the run and its control could not be compared")


def _judge(run_id: str, result: Mapping[str, Any], emit: Emit) -> None:
    run = store.read_run(run_id)
    other = partner(run)
    if other is None or other.status not in _ENDED or not other.finished or "best" not in result:
        return
    is_control = bool(run.spec.control_of)
    base, scratch = (other, run) if is_control else (run, other)
    found = _compared(store.run_dir(base.id), store.run_dir(scratch.id))
    if found is None:
        log.warning("%s and %s were not judged on the same examples", base.id, scratch.id)
        return
    is_cut = "person" in (result.get("stop_reason"), other.stop_reason)
    found |= {"raw": _beside_raw(base, found["base"]), "is_cut": is_cut}
    _tell(emit, other.id, found, run)
    with locks.hold(store.run_dir(other.id), wait_seconds=LOCK_SECONDS) as is_ours:
        if is_ours:  # otherwise it goes on by now, and will judge at its end
            with events.EventWriter(store.run_dir(other.id) / events.FILE) as writer:
                _tell(writer.emit, run.id, found, other)


def _compared(base: Path, scratch: Path) -> dict[str, Any] | None:
    """Return what a paired test makes of the validation examples; None if they differ."""
    from tl_core.engine.compare import read_paired

    found = read_paired(base, scratch)
    if found is None:
        return None
    is_proven = found.p < ALPHA
    return {
        "verdict": ("helps" if found.difference > 0 else "hurts") if is_proven else "not_proven",
        "base": to_dict(found.first),
        "scratch": to_dict(found.second),
        "difference": {"value": found.difference, "low": found.low, "high": found.high},
        "p": found.p,
        "only_base": found.only_first,
        "only_scratch": found.only_second,
    }


def _beside_raw(base: RunState, reached: Mapping[str, Any]) -> dict[str, Any] | None:
    """Compare what the base came to with the control that needs no network, if it was measured.

    The two were judged on different examples, so that only clear differences count.
    """
    raw = (base.grounds or {}).get("raw")
    if not raw:
        return None
    from tl_core.advisor.facts import difference

    value, low, high = difference(from_dict(Accuracy, dict(reached)), from_dict(Accuracy, raw))
    return {
        "name": (base.grounds or {})["raw_name"],
        "accuracy": raw,
        "difference": {"value": value, "low": low, "high": high},
        "verdict": "helps" if low > 0 else "hurts" if high < 0 else "not_proven",
    }


def _tell(emit: Emit, other_id: str, found: Mapping[str, Any], of: RunState) -> None:
    """Write the verdict into one of the two logs, and an alert where the base hurts."""
    from tl_core.watch.inheritance import hurts, sentences

    emit("control", run=other_id, **found, text=" ".join(sentences(found)))
    last = int(of.epochs[-1]["epoch"]) if of.epochs else 0
    if alert := hurts(found, last):
        emit("alert", epoch=alert.epoch, kind=alert.kind, text=alert.text, control=other_id)
