"""Asking the model of a run, which a process of its own keeps in memory; see `predictor`."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tl_core.errors import InputError
from tl_core.runs import calling, model, predictor
from tl_core.runs.spawn import WORKER


@dataclass(frozen=True, slots=True)
class Said:
    """What a model has said of some files."""

    answers: tuple[dict[str, Any], ...]
    """In the order of the files; each as `predictor.Answering` makes it, or `file` and `issue`
    (field, message, fix) of a file that cannot be used."""
    epoch: int | None
    """Of the weights that answered, while the run may still find better ones."""


def ensure(run_id: str, *, command: Sequence[str] = WORKER) -> None:
    """See to it that a process has the run's model in memory, or soon will; returns at once.

    Raises:
        InputError: if there is no such run, or it has no model to ask.
    """
    model.require_kept(run_id)
    calling.ensure(predictor.folder_of(run_id), predictor.OPTION, command=command)


def is_ready(run_id: str) -> bool:
    """Tell whether the model is in memory, so that an answer takes a moment only."""
    with contextlib.suppress(InputError):
        return calling.is_ready(predictor.folder_of(run_id))
    return False


def ask(
    run_id: str,
    paths: Sequence[Path],
    *,
    near: int = 0,
    why: bool = False,
    command: Sequence[str] = WORKER,
) -> Said:
    """Return what the best model of a run says of some files; waits for it.

    Args:
        run_id: the run; while it goes on, its best so far answers.
        paths: files of the kind that it has learned from; untrusted, looked at by the process.
        near: how many of the training examples most alike to tell.
        why: also what the first class rests on: which words of a text, where in a picture.
        command: the worker's command.

    Raises:
        InputError: if there is no such run, it has no model to ask, or its data are gone.
        RunFailed: if the process ends again and again, or takes too long.
    """
    told = calling.ask(
        lambda: predictor.folder_of(run_id),
        lambda: ensure(run_id, command=command),
        {"files": [str(path) for path in paths], "near": near, "why": why},
    )
    return Said(tuple(told["answers"]), told["epoch"])


def stop(run_id: str) -> None:
    """End the process that answers for a run, if there is one; a question it has is lost to it.

    Raises:
        InputError: if there is no such run.
    """
    calling.end(predictor.folder_of(run_id))
