"""What a worker does for each kind of job: thin calls of the parts that do the work.

Everything heavy is imported when a job begins, so that a worker can tell that it lives first.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tl_core import files
from tl_core.errors import Cancelled
from tl_core.i18n import _
from tl_core.runs import events, mixes
from tl_core.runs.control import Inbox
from tl_core.runs.foretell import foretell
from tl_core.runs.model import require_final
from tl_core.runs.request import SAMPLE_PREFIX
from tl_core.spec import RunSpec, to_dict

REPORT_SECONDS = 0.5

Emit = Callable[..., None]
Ask = Callable[[], bool]
Job = Callable[[RunSpec, Path, Emit, Ask], Mapping[str, Any]]
"""Takes the request, the run folder, `emit(kind, **fields)` and `should_continue()`, which blocks
while paused and is False on a stop; returns the fields of the finished event. A stop reason of
`person`, or raising Cancelled, makes it a stopped event."""


def import_job(spec: RunSpec, folder: Path, emit: Emit, should_continue: Ask) -> dict[str, Any]:
    """Import the data that `spec.source` names: a path, or `sample:ID`."""
    from tl_core.data import discard_upload, import_data, load_sample
    from tl_core.data.columns import Columns

    what = _("Reading your data")
    emit("phase", phase="import", what=what)
    progress = _reporter(what, emit, should_continue)
    if spec.source.startswith(SAMPLE_PREFIX):
        dataset = load_sample(spec.source.removeprefix(SAMPLE_PREFIX), progress)
    else:
        dataset = import_data(
            Path(spec.source),
            name=spec.name,
            columns=Columns(
                text=spec.text_column,
                label=spec.label_column,
                path=spec.path_column,
                split=spec.split_column,
                group=spec.group_column,
            ),
            progress=progress,
            should_stop=lambda: not should_continue(),
        )
        discard_upload(Path(spec.source))
    # The data are in by now: who stops here gets them, and twins are looked for by the audit.
    with contextlib.suppress(Cancelled):
        _look_for_twins(dataset, emit, should_continue)
    return {"stop_reason": "done", "dataset": dataset.id}


def _look_for_twins(dataset: Any, emit: Emit, should_continue: Ask) -> None:
    """Keep near-duplicates together; a network is loaded only where hashes propose any."""
    from tl_core.data import twins

    if not twins.settled(dataset):
        from tl_core.evidence.twins import ensure

        ensure(dataset, emit, should_continue)


def audit_job(spec: RunSpec, folder: Path, emit: Emit, should_continue: Ask) -> dict[str, Any]:
    """Look for what takes a network to see: near-duplicates, and labels that may be wrong."""
    from tl_core.evidence import suspects, twins

    dataset = twins.ensure(_load(spec), emit, should_continue)
    suspects.ensure(dataset, emit, should_continue)
    return {"stop_reason": "done", "revision": dataset.revision}


def _load(spec: RunSpec) -> Any:
    from tl_core.data.store import load

    return load(spec.dataset, spec.revision)


def _reporter(what: str, emit: Emit, should_continue: Ask) -> Callable[[int, int], None]:
    """Return a progress function that tells at most twice a second, and notices a stop."""
    told = 0.0

    def report(done: int, total: int) -> None:
        nonlocal told
        if not should_continue():
            raise Cancelled(_("The import was stopped; nothing was kept."))
        if time.monotonic() - told >= REPORT_SECONDS or done == total:
            told = time.monotonic()
            emit("step", what=what, done=done, total=total)

    return report


def evidence_job(spec: RunSpec, folder: Path, emit: Emit, should_continue: Ask) -> dict[str, Any]:
    """Measure the dataset under the base; the record is kept with the dataset and the run."""
    evidence = _measure(spec, emit, should_continue)
    files.write_json(folder / "artifacts" / "evidence.json", to_dict(evidence))
    return {"stop_reason": "done"}


def pilot_job(spec: RunSpec, folder: Path, emit: Emit, should_continue: Ask) -> dict[str, Any]:
    """Try a short thaw within its share of the time; what it shows is kept with the evidence."""
    from tl_core.advisor.trial import limit_minutes
    from tl_core.data.measured import write_evidence
    from tl_core.evidence.pilot import measure

    evidence = _measure(spec, emit, should_continue)
    expected = _advice(spec, evidence).candidates[0].minutes
    dataset = _load(spec)
    found = measure(
        dataset,
        evidence,
        val_fraction=spec.val_fraction,
        seconds=60 * limit_minutes(expected, spec.minutes),
        folder=folder,
        emit=emit,
        should_continue=should_continue,
    )
    if found is not None:
        evidence = dataclasses.replace(evidence, pilot=found)
        write_evidence(dataset, evidence, val_fraction=spec.val_fraction)
    files.write_json(folder / "artifacts" / "evidence.json", to_dict(evidence))
    return {"stop_reason": "done" if found else "time"}


def train_job(spec: RunSpec, folder: Path, emit: Emit, should_continue: Ask) -> dict[str, Any]:
    """Train; where the strategy is left to Thaw, measure and ask the advisor first."""
    from tl_core.engine.train import train_run
    from tl_core.runs import controls
    from tl_core.runs.alarms import watched

    strategy, dataset = spec.strategy, _load(spec)
    if spec.mix_of:  # nothing is trained: a mixture is kept
        return mixes.job(spec, dataset, folder, emit, should_continue)
    if strategy == "auto":
        strategy = _planned(folder) or _advised(spec, emit, should_continue)
    else:
        foretell(spec, dataset, strategy, folder, emit)
    tell = watched(emit, spec, folder)
    result = train_run(spec, dataset, strategy, folder, tell, should_continue, Inbox(folder))
    if os.environ.get("RANK", "0") == "0":  # of several processes the main one alone writes
        controls.judge(folder.name, result, emit)
    return result


def _planned(folder: Path) -> str | None:
    """Return what an earlier attempt settled on: a resumed run must not change its mind."""
    told, _offset, _bad = events.read_events(folder / events.FILE)
    plans = [event.get("strategy") for event in told if event["kind"] == "plan"]
    return plans[-1] if plans else None


def _advised(spec: RunSpec, emit: Emit, should_continue: Ask) -> str:
    advice = _advice(spec, _measure(spec, emit, should_continue))
    strategy: str = advice.recommendation.strategy
    emit("plan", strategy=strategy, advice=to_dict(advice))
    return strategy


def _advice(spec: RunSpec, evidence: Any) -> Any:
    from tl_core.advisor.plan import advise
    from tl_core.data.audit import facts
    from tl_core.data.measured import under_other_bases

    dataset = _load(spec)
    known = facts(dataset, val_fraction=spec.val_fraction, seed=spec.seed)
    return advise(known, evidence, others=under_other_bases(dataset, evidence))


def _measure(spec: RunSpec, emit: Emit, should_continue: Ask) -> Any:
    from tl_core.evidence import measure

    return measure(
        _load(spec),
        spec.base,
        size=spec.size,
        seed=spec.seed,
        val_fraction=spec.val_fraction,
        emit=emit,
        should_continue=should_continue,
    )


def race_job(spec: RunSpec, folder: Path, emit: Emit, should_continue: Ask) -> dict[str, Any]:
    """Let strategies compete."""
    from tl_core.runs.race import run_race

    return run_race(spec, folder, emit, should_continue)


def export_job(spec: RunSpec, folder: Path, emit: Emit, should_continue: Ask) -> dict[str, Any]:
    """Write the model of a run in the formats asked for."""
    from tl_core.runs.export import export_run

    return export_run(spec, folder, emit, should_continue)


def interpolate_job(
    spec: RunSpec, folder: Path, emit: Emit, should_continue: Ask
) -> dict[str, Any]:
    """Judge mixtures of a finished run with its base."""
    return mixes.job(spec, _load(spec), folder, emit, should_continue)


def benefit_job(spec: RunSpec, folder: Path, emit: Emit, should_continue: Ask) -> dict[str, Any]:
    """Measure what transfer brings on the data, by many short trainings."""
    from tl_core.engine.benefit import measure

    return measure(spec, _load(spec), folder, emit, should_continue)


def explain_job(spec: RunSpec, folder: Path, emit: Emit, should_continue: Ask) -> dict[str, Any]:
    """Look closer at a finished run; what is found is kept with that run."""
    from tl_core.engine.explain import explain
    from tl_core.runs.store import run_dir

    run = require_final(spec.run)
    asked = dataclasses.replace(run.spec, strategy=run.strategy)
    explain(
        asked,
        _load(asked),
        run_dir(run.id),
        aspects=spec.aspects,
        rows=spec.rows,
        emit=emit,
        should_continue=should_continue,
    )
    return {"stop_reason": "done"}


JOBS: Mapping[str, Job] = {
    "import": import_job,
    "audit": audit_job,
    "evidence": evidence_job,
    "pilot": pilot_job,
    "train": train_job,
    "race": race_job,
    "export": export_job,
    "interpolate": interpolate_job,
    "benefit": benefit_job,
    "explain": explain_job,
}

HEAVY = frozenset(JOBS) - {"import"}
"""Kinds that keep the whole machine busy: one at a time, by a warm worker where there is one."""
