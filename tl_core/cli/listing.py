"""`thaw runs list`: every run or some of them, and what lies in the trash."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from tl_core import data, wording
from tl_core.cli import output, train
from tl_core.cli.options import Json
from tl_core.i18n import N_, _
from tl_core.runs import listing, results, trash
from tl_core.runs.state import RunState
from tl_core.spec import Accuracy

SHOWN = ("train", "race")
"""Kinds of job that people think of as runs."""


def list_runs(
    search: Annotated[
        str,
        typer.Option(
            "--search", show_default=False, help=N_("Only runs that hold all of these words.")
        ),
    ] = "",
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", show_default=False, help=N_("Only runs with this tag; repeatable.")),
    ] = None,
    deleted: Annotated[
        bool, typer.Option("--trash", help=N_("Those in the trash instead, to be restored."))
    ] = False,
    as_json: Json = False,
) -> None:
    """List the training runs and the races."""
    when: dict[str, trash.Deleted] = {}
    if deleted:
        trash.sweep()
        when = {one.run: one for one in reversed(trash.deleted())}
        states = tuple(one.state() for one in when.values())
    else:
        states = listing.list_runs()
    names = {summary.id: summary.name for summary in data.list_datasets()}
    found = listing.matching(
        (state for state in states if state.spec.kind in SHOWN),
        search=search,
        tags=tag or (),
        about=lambda run: names.get(run.spec.dataset, ""),
    )
    if as_json:
        output.write_json({"runs": [_entry(state, when.get(state.id)) for state in found]})
    elif found:
        output.tell(_table(found, when))
    elif deleted:
        output.tell(_("There is nothing in the trash."))
    elif search or tag:
        output.tell(_("No run fits. See all of them with: thaw runs list"))
    else:
        output.tell(_("There are no runs yet. Begin one with: thaw train DATA"))


def _entry(state: RunState, gone: trash.Deleted | None) -> dict[str, Any]:
    told = results.result(state)
    keys = ("run", "kind", "status", "strategy", "dataset", "base", "best", "created", "mix")
    said = {"name": state.name, "note": state.note, "tags": list(state.tags)}
    when = {"deleted": gone.deleted, "days_left": gone.days_left} if gone else {}
    return {key: told[key] for key in keys} | {"race": state.race or None} | said | when


def _table(states: tuple[RunState, ...], when: dict[str, trash.Deleted]) -> Table:
    """Return the runs for people; an id, which begins with its date, is never cut short."""
    table = Table(box=None, pad_edge=False)
    table.add_column(_("run"), no_wrap=True, min_width=max(len(state.id) for state in states))
    more = _("gone in") if when else _("name and tags")
    for heading in (_("status"), _("strategy"), _("best"), more):
        table.add_column(heading, overflow="fold")
    for state in states:
        best = Accuracy(**state.best["val_accuracy"]) if state.best else None
        share = wording.percent_interval(best) if best else ""
        shown = _("race") if state.spec.kind == "race" else state.strategy
        if state.spec.mix_of:
            shown = _("{strategy}, mixed").format(strategy=shown)
        gone = when.get(state.id)
        said = " ".join((state.name, *(f"#{tag}" for tag in state.tags))).strip()
        last = _("{n} days").format(n=gone.days_left) if gone else output.cell(said)
        table.add_row(state.id, train.status_word(state.status), shown, share, last)
    return table
