"""`thaw train`: trains in front of your eyes, or detached."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from tl_core import catalog
from tl_core.cli import follow, output
from tl_core.cli.options import Base, Data, Json, Minutes, Seed, Size, Val, prepare, settled
from tl_core.errors import InputError, Issue
from tl_core.i18n import N_, _
from tl_core.runs import all_depths as beside
from tl_core.runs import controls, forecast, launch, results, spawn, store
from tl_core.runs.state import RunState
from tl_core.spec import (
    CONTROL,
    DEFAULT_PATIENCE,
    DEFAULT_VAL_FRACTION,
    STRATEGIES,
    RunSpec,
)
from tl_core.watch import all_depths, ending, foretold, narrate
from tl_core.watch.story import story

Source = Annotated[
    str,
    typer.Option(
        "--source",
        help=N_("Folder of examples like those the base was trained on: what the run forgets of "
               "them is told, too."),
    ),
]  # fmt: skip

Control = Annotated[
    bool,
    typer.Option("--control", help=N_("Also train the same from scratch, and compare the two.")),
]
Detach = Annotated[bool, typer.Option("--detach", help=N_("Start the run and return at once."))]


def add_to(thaw: typer.Typer) -> None:
    """Register the command."""
    thaw.command("train", help=N_("Train, with the strategy that the evidence recommends."))(train)


def train(
    data: Data,
    strategy: Annotated[
        str, typer.Option("--strategy", help=N_("'auto', or the id of a strategy."))
    ] = "auto",
    base: Base = "",
    size: Size = None,
    val: Val = DEFAULT_VAL_FRACTION,
    seed: Seed = 0,
    minutes: Minutes = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            "--epochs",
            show_default=False,
            help=N_("Most epochs, counted over all stages of a run."),
        ),
    ] = None,
    patience: Annotated[
        int,
        typer.Option("--patience", help=N_("Epochs without progress before stopping; 0: never.")),
    ] = DEFAULT_PATIENCE,
    retention: Annotated[
        str,
        typer.Option("--retention", help=N_("Against forgetting: none, l2_sp or ldifs.")),
    ] = "none",
    source: Source = "",
    processes: Annotated[
        int,
        typer.Option("--processes", min=1, max=64, help=N_("Train in so many processes at once.")),
    ] = 1,
    control: Control = False,
    detach: Detach = False,
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
        source_folder=source,
    )
    wrong = [_no_control()] if control and strategy == CONTROL else []
    dataset = prepare(data, draft, issues=[*source_issues(draft), *wrong])
    command = spawn.together(processes) if processes > 1 else None
    run_id = launch.start(settled(draft, dataset), command=command)
    beside = controls.start(run_id, command=command) if control else ""
    if not detach:
        finish(run_id, as_json=as_json, beside=beside)
    else:
        _leave(run_id, beside, as_json=as_json)


def _leave(run_id: str, beside: str, *, as_json: bool) -> None:
    """Tell which runs go on by themselves."""
    if as_json:
        output.write_json({"run": run_id} | ({"control": beside} if beside else {}))
    else:
        output.tell(run_id, *([beside] if beside else []))
        output.say(_("Watch it with: thaw runs watch {run}").format(run=run_id))


def source_issues(draft: RunSpec) -> tuple[Issue, ...]:
    """Return what is wrong with the folder of the base's own kind of examples, if one is named."""
    from tl_core.data.loose import MIN_IN_FOLDER, open_folder

    if not draft.source_folder:
        return ()
    try:
        modality = catalog.find(draft.base).modality if draft.base else "picture"
        open_folder(Path(draft.source_folder).expanduser(), modality, most=MIN_IN_FOLDER)
    except InputError as error:
        return tuple(error.issues)
    return ()


def _no_control() -> Issue:
    return Issue(
        "control",
        _("Training from scratch is the control itself."),
        _("Leave --control out, or choose a strategy that begins with a base."),
    )


def finish(run_id: str, *, as_json: bool, beside: str = "") -> None:
    """Follow a run to its end and tell its result.

    Args:
        run_id: the run.
        as_json: see `follow.finish`.
        beside: its control, which is followed to its end before the result is told.

    Raises:
        InputError, RunFailed, typer.Exit: see `follow.finish`.
    """
    follow.finish(
        run_id,
        as_json=as_json,
        result=lambda state: results.result(_after(state, beside)),
        show=lambda state: output.tell(*result_lines(_after(state, beside))),
    )


def _after(state: RunState, beside: str) -> RunState:
    """Return the state of a run once its control has ended too, if it has one."""
    if not beside or state.status not in ("finished", "stopped"):
        return state
    follow.watch(beside)
    return store.read_run(state.id)


def result_lines(state: RunState) -> list[str]:
    """Return how a run ended, for people."""
    strategy = _(STRATEGIES.get(state.strategy, state.strategy))
    lines = [_("{run}: {status}, {strategy}").format(
        run=state.id, status=status_word(state.status), strategy=strategy
    )]  # fmt: skip
    lines.append(narrate.narrate(state))
    if numbers := narrate.status_line(state):
        lines.append(numbers)
    rungs = [decision for decision in state.decisions if decision["what"] == "rung"]
    if state.finished and (told := story(state, rungs)):
        lines.append(" ".join(told))
    if learned := ending.what_learned(state):
        lines.append(learned)
    if state.control:
        lines.append(str(state.control["text"]))
    if said := all_depths.sentence(state):
        lines.append(" ".join([said, _("With: {command}").format(command=_reading(state))]))
    if found := forecast.outcome(state):
        lines.append(" ".join([foretold.sentence(found), *foretold.remarks(found)]))
    return lines


def _reading(state: RunState) -> str:
    """Return the command that trains a last layer on all depths, on the same data and split."""
    spec = beside.request(state)
    options = {
        "--base": spec.base,
        "--size": spec.size,
        "--val": spec.val_fraction,
        "--seed": spec.seed,
        "--strategy": spec.strategy,
    }
    told = [str(part) for pair in options.items() if pair[1] not in (None, "") for part in pair]
    return shlex.join(["thaw", "train", spec.dataset, *told])


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
