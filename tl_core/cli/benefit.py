"""`thaw benefit`: what transfer brings on one's own data, against learning from scratch."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Annotated

import pandas as pd
import typer
from rich.table import Table

from tl_core import benefits, catalog
from tl_core.cli import follow, output, train
from tl_core.cli.options import Base, Json, Seed, Size, Val, prepare, settled
from tl_core.errors import InputError
from tl_core.i18n import N_, _
from tl_core.report import benefit as report
from tl_core.report import benefit_words as words
from tl_core.report import ceiling
from tl_core.runs import benefit, launch, store
from tl_core.runs.state import RunState
from tl_core.spec import DEFAULT_VAL_FRACTION, RunSpec


def add_to(thaw: typer.Typer) -> None:
    """Register the command."""
    thaw.command("benefit", help=N_("What the base's head start brings, against from scratch."))(
        measure
    )


def measure(
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA|RUN",
            show_default=False,
            help=N_("As for train; or a run, whose data, base, size and split are taken."),
        ),
    ],
    strategy: Annotated[
        str, typer.Option("--strategy", help=N_("Id of the strategy that transfers."))
    ] = benefits.DEFAULT_STRATEGY,
    base: Base = "",
    size: Size = None,
    val: Val = DEFAULT_VAL_FRACTION,
    seed: Seed = 0,
    minutes: Annotated[
        float, typer.Option("--minutes", help=N_("Time for all trainings together."))
    ] = benefits.DEFAULT_MINUTES,
    as_json: Json = False,
) -> None:
    """Measure on `data`; the job goes on by itself if this process ends."""
    draft = RunSpec(
        kind="benefit",
        dataset=data,
        base=base,
        strategy=strategy,
        size=size,
        val_fraction=val,
        seed=seed,
        minutes=minutes,
    )
    draft = _like_run(data, draft)
    dataset = prepare(draft.dataset, draft)
    run_id = launch.start(settled(draft, dataset))
    follow.finish(run_id, as_json=as_json, result=benefit.result, show=show)


def _like_run(run: str, draft: RunSpec) -> RunSpec:
    """Return the request for what a run has learned from, if `run` names one."""
    with contextlib.suppress(InputError):
        spec = store.read_run(run).spec
        return replace(
            draft,
            dataset=spec.dataset,
            base=draft.base or spec.base,
            size=draft.size or spec.size,
            val_fraction=spec.val_fraction,
            seed=spec.seed,
        )
    return draft


def show(state: RunState) -> None:
    """Tell people what was found."""
    status = train.status_word(state.status)
    output.tell(_("{run}: {status}").format(run=state.id, status=status))
    found = benefit.read(state.id)
    if found is None:
        return
    names = {base.id: base.title for base in catalog.all_bases()}
    output.tell(
        words.answer(found),
        "",
        words.fewer_sentence(found),
        words.faster_sentence(found),
        words.ceiling_sentence(found),
        words.bases_sentence(found, names),
        words.inherited_sentence(found),
        words.inherited_source(found),
        "",
        _table(report.labels_table(found)),
        "",
        _table(ceiling.ceiling_table(found, names)),
        "",
        words.settings_sentence(found),
    )


def _table(frame: pd.DataFrame) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in frame.columns:
        table.add_column(heading, overflow="fold")
    for row in frame.itertuples(index=False):
        table.add_row(*(output.cell(value) for value in row))
    return table
