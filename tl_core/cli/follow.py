"""Follows a job that runs in its own process: progress, a table of epochs, Ctrl-C.

Everything goes to standard error. The job goes on if this process ends.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from tl_core import catalog, wording
from tl_core.cli import output
from tl_core.errors import InputError, Issue, RunFailed
from tl_core.i18n import _
from tl_core.report.first_look import first_look_sentences
from tl_core.runs import launch, store
from tl_core.runs.state import RunState
from tl_core.spec import STRATEGIES, Accuracy, FirstLook, RunSpec, from_dict
from tl_core.watch import decisions, narrate

POLL_SECONDS = 0.2

_NUMBERS = re.compile(r"[\d.,]+")
_COLUMNS = (5, 16, 12, 12, 24)
"""Widths of the table of epochs, in characters."""


@contextlib.contextmanager
def counting(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar while something is counted; gives the callable to report (done, total) to."""
    with _bar() as bar:
        task = bar.add_task(what, total=None, visible=False)
        yield lambda done, total: bar.update(task, completed=done, total=total, visible=True)


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=output.notes,
        transient=True,
        disable=not output.notes.is_terminal,  # a file gets the lines, not the bar
    )


def run_job(spec: RunSpec) -> RunState:
    """Start a job, show what it does and return its last state once it has ended well.

    Raises:
        InputError, RunFailed: see `require_success`.
    """
    return require_success(watch(launch.start(spec)))


def watch(run_id: str, *, stops_run: bool = True) -> RunState:
    """Show what a job does until it ends, and return its last state.

    Args:
        run_id: the job.
        stops_run: the first Ctrl-C asks the job to stop and to keep the best, the second leaves
            it alone; otherwise the first leaves it alone.
    """
    reporter = Reporter()
    with _bar() as bar:
        task = bar.add_task("", total=None)
        while True:
            try:
                state = store.read_run(run_id)
                reporter.report(state)
                if not state.is_active:
                    return state
                _update(bar, task, state)
                time.sleep(POLL_SECONDS)
            except KeyboardInterrupt:
                if not stops_run:
                    output.say(_("Run {run} goes on by itself.").format(run=run_id))
                    raise typer.Exit(1) from None
                stops_run = False
                output.say(_("Stopping; the best so far is kept. Press Ctrl-C again to leave."))
                launch.stop(run_id)


def finish(
    run_id: str,
    *,
    as_json: bool,
    result: Callable[[RunState], dict[str, Any]],
    show: Callable[[RunState], None],
) -> None:
    """Follow a run to its end and tell its result.

    Args:
        run_id: the run.
        as_json: write `result(state)` instead of what `show(state)` tells people.
        result: what programs read about it.
        show: tells people.

    Raises:
        InputError, RunFailed: see `require_success`; with `as_json` only for unusable input.
        typer.Exit: with `as_json`, if the run failed; its JSON says why.
    """
    state = watch(run_id)
    if as_json and issues_of(state) is None:
        output.write_json(result(state))
        if state.status not in ("finished", "stopped"):
            raise typer.Exit(1)
        return
    require_success(state)
    show(state)


def _update(bar: Progress, task: TaskID, state: RunState) -> None:
    what, done, total = _progress(state)
    bar.tasks[0].total = total  # `update` cannot take a known total back
    bar.update(task, description=what, completed=done)


def _progress(state: RunState) -> tuple[str, int, int | None]:
    """Return what is done now, how much of it is done, and of how much, where that is known."""
    if state.status != "running":
        return _waiting(state), 0, None
    if step := state.progress:
        return step["what"], step["done"], step["total"]
    if state.epochs:
        last = state.epochs[-1]
        return state.what, last["epoch"], last.get("epochs_max")
    return state.what or _("Getting ready"), 0, None


def _waiting(state: RunState) -> str:
    if state.status == "queued":
        return _("Waiting for its turn")
    if state.status == "paused":
        return _("Paused")
    return _("Stopping")


def issues_of(state: RunState) -> list[Issue] | None:
    """Return what the job found unusable; None if that is not why it ended."""
    found = (state.error or {}).get("issues")
    return [Issue(i["field"], i["message"], i["fix"]) for i in found] if found else None


def require_success(state: RunState) -> RunState:
    """Return the state of a job that ended well.

    Raises:
        InputError: if the job found the request or the data unusable.
        RunFailed: if the job failed or its process is gone.
    """
    if issues := issues_of(state):
        raise InputError(issues)
    if state.status == "interrupted":
        fix = _("Go on with: thaw runs resume {run}").format(run=state.id)
        raise RunFailed("interrupted", _("The process of the run has gone."), fix)
    if state.status == "failed":
        error = state.error or {}
        raise RunFailed(
            error.get("code", "internal"), error.get("message", ""), error.get("fix", "")
        )
    return state


class Reporter:
    """Tells each news of a run once: phases, a first look, the plan, epochs, alerts, its course."""

    def __init__(self) -> None:
        """Begin with nothing told."""
        self._told: set[tuple[Any, ...]] = set()
        self._words = ""

    def report(self, state: RunState) -> None:
        """Tell what is new in `state`."""
        if state.what and self._is_new("phase", state.attempt, state.phase, state.what):
            output.say(state.what)
        if state.first_look and self._is_new("first look", state.attempt):
            output.say(" ".join(_first_look(state)))
        if state.plan and self._is_new("plan"):
            shown = STRATEGIES.get(state.strategy, state.strategy)
            output.say(_("Plan: {strategy}").format(strategy=_(shown)))
        for decision in state.decisions:
            for words in decisions.sentences(decision):
                if self._is_new("decision", state.attempt, words):
                    output.say(f"      {words}")
        for epoch in state.epochs:
            self._tell_epoch(epoch)
            self._tell_alerts(epoch["epoch"], state)
        if state.epochs and state.status == "running":
            self._tell_how_it_goes(state)

    def _tell_how_it_goes(self, state: RunState) -> None:
        """Tell the sentence of the page when it is another one, not at each of its numbers."""
        said = narrate.narrate(state)
        words = _NUMBERS.sub("", said)
        if words != self._words:
            self._words = words
            output.say(f"      {said}")

    def _tell_epoch(self, epoch: dict[str, Any]) -> None:
        if not self._is_new("epoch", epoch["epoch"], epoch["attempt"]):
            return
        if self._is_new("header"):
            output.notes.print(_row(*_header()), style="bold", highlight=False, soft_wrap=True)
        output.notes.print(_epoch_row(epoch), highlight=False, soft_wrap=True)

    def _tell_alerts(self, epoch: int, state: RunState) -> None:
        """Tell the alerts of an epoch; they may come a moment after it."""
        said_before = {alert["kind"] for alert in state.alerts if alert["epoch"] == epoch - 1}
        for alert in state.alerts:
            # What is said epoch after epoch is told when it begins.
            is_due = alert["epoch"] == epoch and alert["kind"] not in said_before
            if is_due and self._is_new("alert", epoch, alert["kind"]):
                output.say(f"      {alert['text']}")

    def _is_new(self, *news: Any) -> bool:
        if news in self._told:
            return False
        self._told.add(news)
        return True


def _first_look(state: RunState) -> list[str]:
    base = catalog.find(state.spec.base)
    found = from_dict(FirstLook, state.first_look or {})
    return first_look_sentences(found, base.modality, base.title)


def _header() -> tuple[str, ...]:
    return (
        _("epoch"),
        _("phase"),
        _("train loss"),
        _("val loss"),
        _("right on held-out"),
        "",
    )


def _epoch_row(epoch: dict[str, Any]) -> Text:
    judged = Accuracy(epoch["val_accuracy"], epoch["val_low"], epoch["val_high"], epoch["val_n"])
    return _row(
        str(epoch["epoch"]),
        epoch["phase"],
        f"{epoch['train_loss']:.4f}",
        f"{epoch['val_loss']:.4f}",
        wording.percent_interval(judged),
        _("best") if epoch.get("improved") else "",
    )


def _row(*cells: str) -> Text:
    number, phase, *rest, remark = cells
    first = f"{number:>{_COLUMNS[0]}}  {phase:<{_COLUMNS[1]}}"
    columns = "".join(f"{c:>{w}}" for c, w in zip(rest, _COLUMNS[2:], strict=True))
    return Text(f"{first}{columns}  {remark}".rstrip(), no_wrap=True)
