"""`thaw race`: several strategies compete on the same data within one budget of time."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from tl_core import wording
from tl_core.cli import follow, output, train
from tl_core.cli.options import Base, Data, Json, Seed, Size, Val, prepare, settled
from tl_core.i18n import N_, _
from tl_core.report.lanes import places
from tl_core.report.race import Row, state_of
from tl_core.runs import launch, results
from tl_core.runs.race import DEFAULT_MINUTES, DEFAULT_STRATEGIES
from tl_core.runs.state import RunState
from tl_core.spec import DEFAULT_VAL_FRACTION, STRATEGIES, Accuracy, RunSpec


def add_to(thaw: typer.Typer) -> None:
    """Register the command."""
    thaw.command("race", help=N_("Let strategies compete on the same data and split."))(race)


def race(
    data: Data,
    strategies: Annotated[
        str,
        typer.Option("--strategies", show_default=False, help=N_("Several: ID,ID (all six).")),
    ] = ",".join(DEFAULT_STRATEGIES),
    base: Base = "",
    size: Size = None,
    val: Val = DEFAULT_VAL_FRACTION,
    seed: Seed = 0,
    minutes: Annotated[
        float, typer.Option("--minutes", help=N_("Time for all of them together."))
    ] = DEFAULT_MINUTES,
    as_json: Json = False,
) -> None:
    """Race on `data`; the race goes on by itself if this process ends."""
    draft = RunSpec(
        kind="race",
        dataset=data,
        base=base,
        size=size,
        val_fraction=val,
        seed=seed,
        minutes=minutes,
        strategies=_named(strategies),
    )
    dataset = prepare(data, draft)
    run_id = launch.start(settled(draft, dataset))
    follow.finish(run_id, as_json=as_json, result=results.race_result, show=show)


def _named(strategies: str) -> tuple[str, ...]:
    """Return the ids of the strategies, each once, in the order typed."""
    if strategies.strip() == "all":
        return tuple(STRATEGIES)
    return tuple(dict.fromkeys(name.strip() for name in strategies.split(",") if name.strip()))


def show(state: RunState) -> None:
    """Tell people how a race stands or has ended."""
    status = train.status_word(state.status)
    output.tell(_("{run}: {status}").format(run=state.id, status=status))
    end = state.finished or {}
    rows = (state.standing or {}).get("competitors", [])
    if ranking := end.get("ranking"):
        rows = ranking
        output.tell(end["verdict"], "", _ranking_table(ranking))
    elif rows:
        output.tell(_standing_table(rows))
    if rows:
        output.tell("", _("Each is a run of its own:"))
    for row in rows:
        output.tell(f"  {row['run']}  {_(STRATEGIES[row['strategy']])}")


def _ranking_table(ranking: list[dict[str, Any]]) -> Table:
    table = _table(
        _("strategy"),
        _("right on held-out"),
        _("p against the first"),
        _("training"),
        _("parameters that learn"),
        _("weights"),
    )
    for row in ranking:
        table.add_row(
            _(STRATEGIES[row["strategy"]]),
            wording.percent_interval(Accuracy(**row["accuracy"])),
            _p(row["p_vs_best"]),
            wording.duration(60 * row["minutes"]),
            _count(row["trainable_parameters"]),
            "–" if row["bytes"] is None else wording.file_size(row["bytes"]),
        )
    return table


def _standing_table(rows: list[dict[str, Any]]) -> Table:
    table = _table(_("strategy"), _("right on held-out"), _("place"), _("training"), _("state"))
    standing = [
        Row(
            row["strategy"],
            row["run"],
            Accuracy(**row["accuracy"]) if row["accuracy"] else None,
            row["seconds"],
            row["dropped"],
            has_failed=not row["is_racing"] and row["dropped"] is None,
        )
        for row in rows
    ]
    for row, place in zip(standing, places(standing), strict=True):
        table.add_row(
            _(STRATEGIES[row.strategy]),
            wording.percent_interval(row.accuracy) if row.accuracy else "–",
            place or "–",
            wording.duration(row.seconds) if row.seconds else "–",
            state_of(row),
        )
    return table


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for place, heading in enumerate(headings):
        table.add_column(heading, overflow="fold", no_wrap=place == 1)  # the share stays whole
    return table


def _p(value: float | None) -> str:
    return "–" if value is None else wording.number(value)


def _count(value: int | None) -> str:
    return "–" if value is None else wording.count(value)
