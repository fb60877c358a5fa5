"""What benefit jobs have found, by run and by data, and what comes recorded with the samples."""

from __future__ import annotations

from typing import Any

from tl_core import benefits, files
from tl_core.benefits import Benefit
from tl_core.records import to_dict
from tl_core.runs import listing, store
from tl_core.runs.state import RunState

_RECORDED = ("sample_data", "benefits")


def read(run_id: str) -> Benefit | None:
    """Return what a benefit job has measured so far; None before its first training.

    Raises:
        InputError: if there is no such run.
    """
    return benefits.read(store.run_dir(run_id) / benefits.FILE)


def newest(dataset: str, base: str, revision: int = 0) -> RunState | None:
    """Return the job to speak of for these data under this base; None if nobody has measured.

    The newest that goes on or has something to show comes before newer ones that have not.
    """
    jobs = [
        run
        for run in listing.list_runs()
        if run.spec.kind == "benefit"
        and (run.spec.dataset, run.spec.base, run.spec.revision) == (dataset, base, revision)
    ]
    telling = (run for run in jobs if run.is_active or read(run.id) is not None)
    return next(telling, jobs[0] if jobs else None)


def recordings() -> tuple[Benefit, ...]:
    """Return what was recorded for the samples; `benchmarks/record_benefit.py` records them."""
    app = files.app_dir()
    paths = sorted(app.joinpath(*_RECORDED).glob("*.json")) if app else []
    return tuple(found for path in paths if (found := benefits.read(path)))


def recorded(fingerprint: str, base: str) -> Benefit | None:
    """Return what was recorded for a sample; None if these data are none, or none was recorded."""
    asked = (fingerprint, base)
    return next((one for one in recordings() if (one.fingerprint, one.base) == asked), None)


def result(state: RunState) -> dict[str, Any]:
    """Return what programs read about a benefit job; a value not known yet is None."""
    found = read(state.id)
    told = {
        "run": state.id,
        "status": state.status,
        "stop_reason": state.stop_reason,
        "error": state.error,
    }
    return told | (summary(found) if found else {"benefit": None})


def summary(found: Benefit) -> dict[str, Any]:
    """Return a record as programs read it: what was measured, and what follows."""
    fewer, faster = benefits.fewer_labels(found), benefits.faster(found)
    one, other = found.whole(benefits.TRANSFERRED), found.whole(benefits.SCRATCH)
    against = found.against(benefits.SCRATCH)
    return {
        "benefit": to_dict(found),
        "fewer_labels": None
        if fewer is None
        else {
            "transferred": to_dict(fewer.transferred),
            "scratch": to_dict(fewer.scratch),
            "times": round(fewer.times, 2),
        },
        "faster": to_dict(faster),
        "ceiling": {
            "transferred": to_dict(one.accuracy) if one else None,
            "scratch": to_dict(other.accuracy) if other else None,
            "p": against.p if against else None,
        },
        "inherited_share": benefits.inherited_share(found),
        "bases": [_base(found, part.base) for part in found.others()],
    }


def _base(found: Benefit, base: str) -> dict[str, Any]:
    part, against = found.whole(benefits.TRANSFERRED, base), found.against("transferred", base)
    return {
        "base": base,
        "accuracy": to_dict(part.accuracy) if part else None,
        "p": against.p if against else None,
    }
