"""The process that keeps one run's model in memory and answers for it (see `standby`).

It loads the model anew when the run has found a better one, and goes with its run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tl_core.errors import InputError
from tl_core.runs import model, standby, store
from tl_core.runs.model import Kept
from tl_core.runs.standby import Duty, Told
from tl_core.runs.state import RunState
from tl_core.spec import to_dict

OPTION = "--predict"
"""By which the worker's command becomes this process."""


class Answering(Protocol):
    """A model in memory."""

    def __call__(self, paths: list[Path], *, near: int, why: bool) -> list[dict[str, Any]]:
        """Return for each file what `engine.predict.told` says, or `file` and `issue`.

        Besides `text`, what it says, and `lit`, the picture lit where the model looks: a JPEG in
        base64, empty unless asked for.
        """
        ...


Open = Callable[[RunState, Kept], Answering]
"""Loads the model of a run."""


@dataclass
class _Loaded:
    """What is in memory."""

    kept: Kept | None = None
    answering: Answering | None = None


def folder_of(run_id: str) -> Path:
    """Return the folder in which a run's predictor works, whether or not there is one.

    Raises:
        InputError: if there is no such run.
    """
    return standby.folder_of_all() / store.run_dir(run_id).name


def open_model(state: RunState, kept: Kept) -> Answering:
    """Load the best model of a run for real."""
    from tl_core.data import load
    from tl_core.data.loose import open_loose
    from tl_core.engine import predict

    dataset = load(state.spec.dataset, state.spec.revision)
    asked = predict.open_model(state.spec, dataset, store.run_dir(state.id), kept.epoch)

    def answering(paths: list[Path], *, near: int, why: bool) -> list[dict[str, Any]]:
        told: dict[int, dict[str, Any]] = {}
        usable = {}
        for place, path in enumerate(paths):
            try:
                usable[place] = open_loose([path], dataset.modality)[0]
            except InputError as error:
                told[place] = {"file": str(path), "issue": to_dict(error.issues[0])}
        if usable:
            said = predict.ask(asked, tuple(usable.values()), near=near, why=why)
            for (place, example), answer in zip(usable.items(), said, strict=True):
                shown = {"text": example.text, "lit": predict.lit(answer)}
                told[place] = predict.told(example.name, answer) | shown
        return [told[place] for place in range(len(paths))]

    return answering


def serve(folder: Path, open_model: Open = open_model) -> int:
    """Be the predictor of the run that `folder` is called after; returns the exit code."""
    run_id, loaded = folder.name, _Loaded()

    def answer(wanted: Told) -> Told:
        answering = _load(run_id, loaded, open_model)
        paths = [Path(path) for path in wanted["files"]]
        said = answering(paths, near=int(wanted["near"]), why=bool(wanted["why"]))
        return {"answers": said, "epoch": loaded.kept.epoch if loaded.kept else None}

    duty = Duty(lambda: _load(run_id, loaded, open_model), answer, lambda: _exists(run_id))
    return standby.serve(folder, duty)


def _exists(run_id: str) -> bool:
    """Tell whether the run is still there: nobody may ask a deleted one."""
    try:
        store.run_dir(run_id)
    except InputError:
        return False
    return True


def _load(run_id: str, loaded: _Loaded, open_model: Open) -> Answering:
    """Have the run's best model in memory, as it is now.

    Raises:
        InputError: if the run has none, or its data or base are gone.
    """
    state, kept = model.require_kept(run_id)
    if loaded.answering is None or loaded.kept != kept:
        loaded.answering = open_model(state, kept)
        loaded.kept = kept
    return loaded.answering
