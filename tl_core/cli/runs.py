"""`thaw runs`: lists, shows, watches and steers the runs on this computer."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from rich.table import Table

from tl_core import wording
from tl_core.actions import ACTIONS
from tl_core.cli import follow, forecasts, output, race, train
from tl_core.cli.options import Json, Run
from tl_core.errors import InputError, Issue
from tl_core.i18n import _
from tl_core.runs import events, launch, results, store
from tl_core.runs.state import RunState
from tl_core.spec import Accuracy
from tl_core.watch.detectors import Kind


def add_to(thaw: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(no_args_is_help=True, help=_("See and steer your runs."))
    group.command("list", help=_("Every run, newest first."))(list_runs)
    group.command("show", help=_("What a run has brought so far."))(show)
    group.command("watch", help=_("Follow a run to its end; with --json one event a line."))(watch)
    group.command("pause", help=_("Pause a run; it keeps its place."))(pause)
    group.command("resume", help=_("Go on with a paused or interrupted run."))(resume)
    group.command("stop", help=_("Stop a run and keep its best."))(stop)
    group.command("act", help=_("Change a run at its next batch; see the actions below."))(act)
    group.command("forecasts", help=_("How good the forecasts of past runs have been."))(
        forecasts.show
    )
    group.command("delete", help=_("Delete a run with all its files."))(delete)
    thaw.add_typer(group, name="runs")


def list_runs(as_json: Json = False) -> None:
    """List the training runs and the races."""
    states = [state for state in store.list_runs() if state.spec.kind in ("train", "race")]
    if as_json:
        output.write_json({"runs": [_entry(state) for state in states]})
    elif not states:
        output.tell(_("There are no runs yet. Begin one with: thaw train DATA"))
    else:
        output.tell(_table(states))


def _entry(state: RunState) -> dict[str, Any]:
    told = results.result(state)
    keys = ("run", "kind", "status", "strategy", "dataset", "base", "best", "created")
    return {key: told[key] for key in keys} | {"race": state.race or None}


def _table(states: list[RunState]) -> Table:
    """Return the runs for people; an id, which begins with its date, is never cut short."""
    table = Table(box=None, pad_edge=False)
    table.add_column(_("run"), no_wrap=True, min_width=max(len(state.id) for state in states))
    for heading in (_("status"), _("strategy"), _("best")):
        table.add_column(heading, overflow="fold")
    for state in states:
        best = Accuracy(**state.best["val_accuracy"]) if state.best else None
        share = wording.percent_interval(best) if best else ""
        shown = _("race") if state.spec.kind == "race" else state.strategy
        table.add_row(state.id, train.status_word(state.status), shown, share)
    return table


def show(run: Run, as_json: Json = False) -> None:
    """Show one run as it stands."""
    state = store.read_run(run)
    is_race = state.spec.kind == "race"
    if as_json:
        output.write_json(results.race_result(state) if is_race else results.result(state))
        return
    follow.Reporter().report(state)
    if is_race:
        race.show(state)
    else:
        output.tell(*train.result_lines(state))


def watch(run: Run, as_json: Json = False) -> None:
    """Follow one run to its end. Ctrl-C ends the watching, not the run."""
    if as_json:
        _stream(store.run_dir(run))
    else:
        state = follow.require_success(follow.watch(run, stops_run=False))
        if state.spec.kind == "race":
            race.show(state)
        else:
            output.tell(*train.result_lines(state))


def _stream(folder: Path) -> None:
    """Write every event of a run as one line of JSON until it ends."""
    offset = 0
    while True:
        # The status first: what is written after it was asked is still read below.
        state = store.read_run(folder.name)
        found, offset, _bad = events.read_events(folder / events.FILE, offset)
        for event in found:
            output.write_json(event)
        if not state.is_active:
            if state.status not in ("finished", "stopped"):
                raise typer.Exit(1)
            return
        time.sleep(follow.POLL_SECONDS)


def pause(run: Run, as_json: Json = False) -> None:
    """Ask a run to pause."""
    launch.pause(run)
    _told(run, as_json)


def resume(run: Run, as_json: Json = False) -> None:
    """Let a paused run go on, or start an interrupted one again where it stood."""
    launch.resume(run)
    _told(run, as_json)


def stop(run: Run, as_json: Json = False) -> None:
    """Ask a run to stop and keep its best."""
    launch.stop(run)
    _told(run, as_json)


Action = Annotated[
    str,
    typer.Argument(
        metavar="ACTION",
        show_default=False,
        help=_("One of: {actions}.").format(actions=", ".join(ACTIONS)),
    ),
]
Alarm = Annotated[
    str,
    typer.Option(
        "--alarm",
        show_default=False,
        help=_("With ignore: one of {kinds}; all of them if none is named.").format(
            kinds=", ".join(get_args(Kind))
        ),
    ),
]


def act(run: Run, action: Action, alarm: Alarm = "", as_json: Json = False) -> None:
    """Ask a run for an action; what came of it is told by its events, and by `runs show`."""
    if alarm and (action != "ignore" or alarm not in get_args(Kind)):
        message = _("'{found}' names no alarm to ignore.").format(found=alarm)
        fix = _("Use ignore with one of: {known}.").format(known=", ".join(get_args(Kind)))
        raise InputError([Issue("alarm", message, fix)])
    asked = launch.act(run, action, alarm=alarm)
    if as_json:
        state = store.read_run(run)
        told = {"run": run, "status": state.status, "action": action, "id": asked}
        output.write_json(told)
    else:
        text = _("{run}: asked for, at its next batch: {action}")
        output.tell(text.format(run=run, action=_(ACTIONS[action])))


def delete(run: Run, as_json: Json = False) -> None:
    """Delete a run that has ended."""
    store.delete_run(run)
    if as_json:
        output.write_json({"run": run, "deleted": True})
    else:
        output.tell(_("Deleted: {run}").format(run=run))


def _told(run: str, as_json: bool) -> None:
    """Tell the status of a run after it was steered."""
    state = store.read_run(run)
    if as_json:
        output.write_json({"run": run, "status": state.status})
    else:
        status = train.status_word(state.status)
        output.tell(_("{run}: {status}").format(run=run, status=status))
