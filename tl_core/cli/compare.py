"""`thaw runs compare`: several runs side by side, with the paired verdict."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Annotated, Any

import pandas as pd
import typer
from rich.table import Table

from tl_core import data, wording
from tl_core.cli import output
from tl_core.cli.options import Json
from tl_core.errors import InputError, Issue
from tl_core.i18n import N_, _
from tl_core.paired import Comparison, Pair
from tl_core.report.overlay_scale import LETTERS, MOST
from tl_core.report.settings import Column, differing, names, results_table, settings_table
from tl_core.runs import results, store, versus
from tl_core.runs.state import RunState
from tl_core.watch import compared

Runs = Annotated[
    list[str],
    typer.Argument(
        metavar="RUN…",
        show_default=False,
        help=N_("Two runs or more; a race stands for all of its runs."),
    ),
]


def compare(runs: Runs, as_json: Json = False) -> None:
    """Compare runs: what each has come to, where their settings differ, and who does better."""
    states = _read(runs)
    found = versus.compare(states)
    columns = _columns(states)
    if as_json:
        output.write_json(_result(states, columns, found))
        return
    labels = names(columns)
    spoken = {
        state.id: f"{letter} ({label})"
        for state, letter, label in zip(states, LETTERS, labels, strict=False)
    }
    called = {state.id: letter for state, letter in zip(states, LETTERS, strict=False)}
    output.tell(compared.headline(found, spoken), *compared.remarks(found, called), "")
    output.tell(_table(results_table(columns, dict(zip(LETTERS, labels, strict=False)))), "")
    output.tell(_table(settings_table(columns, only_differences=True)))
    if len(found.pairs) > 1:
        output.tell("", _pairs(found, called))


def _read(run_ids: Sequence[str]) -> list[RunState]:
    """Return the training runs that are named.

    Raises:
        InputError: if there are fewer than two or too many, or one is no training run.
    """
    found: dict[str, RunState] = {}
    issues: list[Issue] = []
    for run_id in run_ids:
        try:
            run = store.read_run(run_id)
        except InputError as error:
            issues += error.issues
            continue
        more = store.competitors(run) if run.spec.kind == "race" else (run,)
        if run.spec.kind not in ("train", "race"):
            message = _("The run {id} has trained nothing.").format(id=run_id)
            issues.append(Issue("run", message, _("See all runs with: thaw runs list")))
        found |= {one.id: one for one in more if one.spec.kind == "train"}
    if not issues and not 2 <= len(found) <= MOST:
        message = _("From 2 to {most} runs can be compared; got {n}.")
        fix = _("Name some of those that this lists: thaw runs list")
        issues.append(Issue("run", message.format(most=MOST, n=len(found)), fix))
    if issues:
        raise InputError(issues)
    return list(found.values())


def _columns(states: Sequence[RunState]) -> list[Column]:
    named = {summary.id: summary.name for summary in data.list_datasets()}
    return [
        Column(
            letter=letter,
            spec=state.spec,
            strategy=state.strategy,
            dataset=named.get(state.spec.dataset, state.spec.dataset),
            actions=state.actions,
            best=state.best,
            finished=state.finished,
            seconds=float((state.finished or {}).get("seconds") or state.seconds),
            when=time.strftime("%Y-%m-%d %H:%M", time.localtime(state.created)),
        )
        for letter, state in zip(LETTERS, states, strict=False)
    ]


def _result(
    states: Sequence[RunState], columns: Sequence[Column], found: Comparison
) -> dict[str, Any]:
    """Return what programs read about a comparison; runs go by their ids."""
    plain = {state.id: state.id for state in states}
    return {
        "runs": [results.result(state) for state in states],
        "pairs": [_pair(pair) for pair in found.pairs],
        "not_comparable": [
            {"first": one.first, "second": one.second, "why": one.why, "shared": one.shared}
            for one in found.unlike
        ],
        "without_answers": [*found.training, *found.silent],
        "differences": list(differing(columns)),
        "verdict": compared.headline(found, plain),
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "first": pair.first,
        "second": pair.second,
        "n": pair.n,
        "only_first": pair.only_first,
        "only_second": pair.only_second,
        "p": pair.p,
        "p_holm": pair.p_holm,
        "better": pair.better or None,
    }


def _pairs(found: Comparison, called: dict[str, str]) -> Table:
    rows = [
        [
            _("{a} and {b}").format(a=called[pair.first], b=called[pair.second]),
            wording.count(pair.only_first),
            wording.count(pair.only_second),
            wording.count(pair.n),
            wording.number(pair.p_holm),
            compared.verdict_of(pair, called),
        ]
        for pair in found.pairs
    ]
    headings = [
        _("pair"),
        _("only the first is right on"),
        _("only the second"),
        _("of"),
        _("p, corrected"),
        _("verdict"),
    ]
    return _table(pd.DataFrame(rows, columns=headings))


def _table(frame: pd.DataFrame) -> Table:
    """Return a table for people; what is not known is a dash."""
    table = Table(box=None, pad_edge=False)
    for heading in frame.columns:
        table.add_column(output.cell(heading), overflow="fold")
    for row in frame.itertuples(index=False):
        table.add_row(*("–" if pd.isna(cell) else output.cell(cell) for cell in row))
    return table
