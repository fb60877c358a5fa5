"""Mixtures of a finished run with its base: what was measured of them, and who keeps one.

THAW_HOME/runs/<id>/artifacts/mixes.json    what was found at each share, of the run that is mixed

A mixture that is kept is a run of its own, whose request names the run that it comes from.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tl_core import files
from tl_core.errors import InputError, Issue
from tl_core.i18n import _
from tl_core.runs import store
from tl_core.runs.model import require_final
from tl_core.runs.state import RunState
from tl_core.spec import RunSpec

FILE = "artifacts/mixes.json"
KIND = "interpolate"
SCRATCH = "from_scratch"
UNMOVED = frozenset({"before", "head"})
"""Phases whose best has left the base as it was."""

Point = Mapping[str, Any]
"""share, val_loss, val_accuracy, retention and p, see `engine.mixing.measure`."""


def why_not(run: RunState) -> str:
    """Return why a run cannot be mixed with its base, in a sentence; empty if it can."""
    end = run.finished
    if run.spec.kind != "train" or end is None:
        return _("Only a training run that has come to its end can be mixed with its base.")
    if run.strategy == SCRATCH:
        return _("It was trained from scratch: there is no base to mix it with.")
    if end.get("best_phase", "head") in UNMOVED:
        return _("The model that it kept has the base as it was; there is nothing to mix.")
    if run.spec.mix_of:
        return _("It is a mixture already; mix the run that it comes from.")
    return ""


def request(run: RunState, *, share: float | None = None, keep: bool = False) -> RunSpec:
    """Return the request to measure mixtures of a run, or to keep one.

    Args:
        run: the run that is to be mixed.
        share: of its own weights, in [0, 1]; None to measure at several.
        keep: whether to keep the mixture at `share` as a run.

    Raises:
        InputError: if the run cannot be mixed.
    """
    if problem := why_not(run):
        fix = _("Choose a run that has changed its base; see them with: thaw runs list")
        raise InputError([Issue("run", problem, fix)])
    spec = dataclasses.replace(run.spec, strategy=run.strategy, mix_of=run.id, share=share)
    return spec if keep else dataclasses.replace(spec, kind=KIND)


def points(run_id: str) -> tuple[Point, ...]:
    """Return what was measured of a run's mixtures, by rising share of its own weights.

    Nothing where the run has changed since.
    """
    try:
        told = files.read_json(store.run_dir(run_id) / FILE)
        found = told["points"] if told["sha256"] == _weights(run_id) else []
        return tuple(sorted(found, key=lambda point: float(point["share"])))
    except (OSError, ValueError, TypeError, KeyError, InputError):
        return ()


def add(run_id: str, point: Point) -> None:
    """Keep what was measured at one share, in the place of what was known of it."""
    others = [one for one in points(run_id) if one["share"] != point["share"]]
    told = {"sha256": _weights(run_id), "points": [*others, point]}
    files.write_json(store.run_dir(run_id) / FILE, told)


def _weights(run_id: str) -> str:
    """Return the hash of the weights that a run has ended with."""
    from tl_core.catalog import tuned

    return tuned.read(run_id).sha256


def kept(run_id: str) -> tuple[RunState, ...]:
    """Return the runs that keep a mixture of this one, the newest first."""
    runs = store.list_runs()
    return tuple(r for r in runs if r.spec.kind == "train" and r.spec.mix_of == run_id)


def measuring(run_id: str) -> RunState | None:
    """Return the last job that measured mixtures of a run, if there is one."""
    jobs = (r for r in store.list_runs() if r.spec.kind == KIND and r.spec.mix_of == run_id)
    return next(jobs, None)


def job(
    spec: RunSpec,
    dataset: Any,
    folder: Path,
    emit: Callable[..., None],
    should_continue: Callable[[], bool],
) -> dict[str, Any]:
    """Measure the mixtures that a request asks for, or keep the one that it names.

    Returns:
        The fields of the finished event.

    Raises:
        InputError: if the run that it comes from, or its weights, are gone, or it cannot be mixed.
    """
    from tl_core.engine import mixing

    request(store.read_run(spec.mix_of))
    origin = require_final(spec.mix_of)
    emit("phase", phase="mix", what=_("Mixing the trained network with its base"))
    place = store.run_dir(origin.id)
    ends = mixing.open_ends(spec, dataset, place, folder, emit, should_continue)
    if spec.kind == KIND:
        shares = mixing.SHARES if spec.share is None else (spec.share,)
        mixing.measure(ends, shares, lambda point: add(origin.id, point))
        return {"stop_reason": "done"}
    assert spec.share is not None
    end = mixing.keep(ends, spec.share, origin.finished or {})
    return end | {"mix": {"of": origin.id, "share": spec.share}}
