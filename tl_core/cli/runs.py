"""`thaw runs`: lists, shows, watches and steers the runs on this computer."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, get_args

import typer

from tl_core.actions import ACTIONS
from tl_core.cli import compare, follow, forecasts, labels, listing, mix, output, race, train
from tl_core.cli import results as judged
from tl_core.cli.options import Json, Run
from tl_core.errors import InputError, Issue
from tl_core.i18n import N_, _
from tl_core.runs import controls, events, launch, results, store, trash
from tl_core.watch.detectors import Kind


def add_to(thaw: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(no_args_is_help=True, help=N_("See and steer your runs."))
    group.command("list", help=N_("Every run, newest first."))(listing.list_runs)
    group.command("show", help=N_("What a run has brought so far."))(show)
    group.command("results", help=N_("How good a finished run is, and what it gets wrong."))(
        judged.results
    )
    group.command("watch", help=N_("Follow a run to its end; with --json one event a line."))(watch)
    group.command("pause", help=N_("Pause a run; it keeps its place."))(pause)
    group.command("resume", help=N_("Go on with a paused or interrupted run."))(resume)
    group.command("stop", help=N_("Stop a run and keep its best."))(stop)
    group.command("act", help=N_("Change a run at its next batch; see the actions below."))(act)
    group.command("compare", help=N_("Runs side by side, with a paired verdict."))(compare.compare)
    group.command(
        "control", help=N_("Train the same from scratch, to see whether the base helps.")
    )(control)
    group.command("forecasts", help=N_("How good the forecasts of past runs have been."))(
        forecasts.show
    )
    group.command("mix", help=N_("Mix a finished run with its base: judge it, keep it."))(mix.mix)
    labels.add_to(group)
    group.command("delete", help=N_("Move a run into the trash."))(delete)
    group.command("restore", help=N_("Give a deleted run back from the trash."))(restore)
    thaw.add_typer(group, name="runs")


def show(run: Run, as_json: Json = False) -> None:
    """Show one run as it stands."""
    state = store.read_run(run)
    is_race = state.spec.kind == "race"
    if as_json:
        found = results.race_result(state) if is_race else results.result(state)
        output.write_json(found if is_race else found | {"control": controls.told(state)})
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


def control(run: Run, as_json: Json = False) -> None:
    """Start the control of a run and return at once; the verdict comes once both have ended."""
    found = controls.start(run)
    if as_json:
        output.write_json({"run": run, "control": found})
        return
    output.tell(found)
    output.say(
        _("Once both have ended, the verdict is shown by: thaw runs show {run}").format(run=run)
    )


Action = Annotated[
    str,
    typer.Argument(
        metavar="ACTION",
        show_default=False,
        help=N_("One of: {actions}.").format(actions=", ".join(ACTIONS)),
    ),
]
Alarm = Annotated[
    str,
    typer.Option(
        "--alarm",
        show_default=False,
        help=N_("With ignore: one of {kinds}; all of them if none is named.").format(
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
    """Move a run that has ended into the trash."""
    trash.delete(run)
    if as_json:
        output.write_json({"run": run, "deleted": True, "days_left": trash.KEPT_DAYS})
        return
    text = _("Deleted: {run}. For {n} days it can be had back with: thaw runs restore {run}")
    output.tell(text.format(run=run, n=trash.KEPT_DAYS))


def restore(run: Run, as_json: Json = False) -> None:
    """Give back a run that was deleted."""
    trash.restore(run)
    if as_json:
        output.write_json({"run": run, "status": store.read_run(run).status})
    else:
        output.tell(_("Restored: {run}").format(run=run))


def _told(run: str, as_json: bool) -> None:
    """Tell the status of a run after it was steered."""
    state = store.read_run(run)
    if as_json:
        output.write_json({"run": run, "status": state.status})
    else:
        status = train.status_word(state.status)
        output.tell(_("{run}: {status}").format(run=run, status=status))
