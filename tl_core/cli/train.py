"""`thaw train`: trains in front of your eyes, or detached."""

from __future__ import annotations

from typing import Annotated

import typer

from tl_core.cli import follow, output
from tl_core.cli.options import Base, Data, Json, Minutes, Seed, Size, Val, prepare, settled
from tl_core.i18n import _
from tl_core.runs import forecast, launch, results, spawn
from tl_core.runs.state import RunState
from tl_core.spec import (
    DEFAULT_PATIENCE,
    DEFAULT_VAL_FRACTION,
    STRATEGIES,
    RunSpec,
)
from tl_core.watch import ending, foretold, narrate


def add_to(thaw: typer.Typer) -> None:
    """Register the command."""
    thaw.command("train", help=_("Train, with the strategy that the evidence recommends."))(train)


def train(
    data: Data,
    strategy: Annotated[
        str, typer.Option("--strategy", help=_("'auto', or the id of a strategy."))
    ] = "auto",
    base: Base = "",
    size: Size = None,
    val: Val = DEFAULT_VAL_FRACTION,
    seed: Seed = 0,
    minutes: Minutes = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            "--epochs", show_default=False, help=_("Most epochs, counted over all stages of a run.")
        ),
    ] = None,
    patience: Annotated[
        int,
        typer.Option("--patience", help=_("Epochs without progress before stopping; 0: never.")),
    ] = DEFAULT_PATIENCE,
    retention: Annotated[
        str,
        typer.Option("--retention", help=_("Against forgetting: none, l2_sp or ldifs.")),
    ] = "none",
    processes: Annotated[
        int,
        typer.Option("--processes", min=1, max=64, help=_("Train in so many processes at once.")),
    ] = 1,
    detach: Annotated[
        bool, typer.Option("--detach", help=_("Start the run and return at once."))
    ] = False,
    as_json: Json = False,
) -> None:
    """Train on `data`; the run goes on by itself if this process ends."""
    draft = RunSpec(
        kind="train",
        dataset=data,
        base=base,
        strategy=strategy,
        size=size,
        val_fraction=val,
        seed=seed,
        epochs=epochs,
        patience=patience,
        minutes=minutes,
        retention=retention,
    )
    dataset = prepare(data, draft)
    command = spawn.together(processes) if processes > 1 else None
    run_id = launch.start(settled(draft, dataset), command=command)
    if not detach:
        finish(run_id, as_json=as_json)
    elif as_json:
        output.write_json({"run": run_id})
    else:
        output.tell(run_id)
        output.say(_("Watch it with: thaw runs watch {run}").format(run=run_id))


def finish(run_id: str, *, as_json: bool) -> None:
    """Follow a run to its end and tell its result.

    Raises:
        InputError, RunFailed, typer.Exit: see `follow.finish`.
    """
    follow.finish(
        run_id,
        as_json=as_json,
        result=results.result,
        show=lambda state: output.tell(*result_lines(state)),
    )


def result_lines(state: RunState) -> list[str]:
    """Return how a run ended, for people."""
    strategy = _(STRATEGIES.get(state.strategy, state.strategy))
    lines = [_("{run}: {status}, {strategy}").format(
        run=state.id, status=status_word(state.status), strategy=strategy
    )]  # fmt: skip
    lines.append(narrate.narrate(state))
    if numbers := narrate.status_line(state):
        lines.append(numbers)
    if learned := ending.what_learned(state):
        lines.append(learned)
    if found := forecast.outcome(state):
        lines.append(" ".join([foretold.sentence(found), *foretold.remarks(found)]))
    return lines


def status_word(status: str) -> str:
    """Return the status in words."""
    return {
        "queued": _("waiting for its turn"),
        "running": _("running"),
        "paused": _("paused"),
        "stopping": _("stopping"),
        "finished": _("finished"),
        "stopped": _("stopped"),
        "failed": _("failed"),
        "interrupted": _("interrupted"),
    }.get(status, status)
