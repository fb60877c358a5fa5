"""A race as it goes on: who leads, who trains now, who has dropped out, and the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from pages.ui import commands, curves, frame, jobs, live, picks, pulse, text, travel
from tl_core import wording
from tl_core.errors import Issue
from tl_core.i18n import _, ngettext
from tl_core.report import lanes
from tl_core.report import race as report
from tl_core.report.lanes import Lane
from tl_core.report.race import Row
from tl_core.runs import listing, store
from tl_core.runs.state import RunState
from tl_core.spec import Accuracy

MOVING = frozenset({"gradual_unfreezing", "lora", "full_fine_tune"})
"""Strategies that learn a head first, and then change what the base has learned."""


def panel(run_id: str, was_active: bool) -> None:
    """Draw the race; when it has just ended, run the whole page once more."""
    run = store.read_run(run_id)
    if was_active != run.is_active:
        travel.again()
    runs = store.competitors(run)
    rows = rows_of(run, runs)
    said, end, more = answer(run, runs, rows).partition(". ")
    frame.head(_("Which way does best?"), text.escape(said + end.strip()))
    if more:
        with frame.reading():
            st.write(text.escape(more))
    if run.error and len(run.error.get("issues") or ()) > 1:
        frame.show_issues([Issue(**issue) for issue in run.error["issues"]])
    if run.is_active:
        jobs.show_progress(run, doing=_("Getting ready"))
    if any(row.accuracy for row in rows) and not run.is_active:
        make = partial(report.race_figure, rows)
        curves.draw(make, key=f"race.{run.id}", alt=report.race_alt(rows))
    told = lanes_of(run, rows, runs)
    if any(lane.epochs for lane in told):
        make = partial(lanes.lanes_figure, told)
        curves.draw(make, key=f"race.lanes.{run.id}", alt=lanes.lanes_alt(told))
    for row, one in _with_runs(rows, runs):
        _line(row, one)
    live.buttons(run)
    if len(runs) > 1 and st.button(_("Compare these runs"), key="race.compare"):
        travel.go("compare", picks.query([run.id]))
    _folds(run, rows, told)


def news(run_id: str, _was_active: bool) -> object:
    """Return what is equal as long as there is nothing new to draw."""
    run = store.read_run(run_id)
    return pulse.of_run(run), [pulse.of_run(one) for one in store.competitors(run)]


def rows_of(run: RunState, runs: Sequence[RunState]) -> tuple[Row, ...]:
    """Return the competitors as they stand: ranked if the race has ended, else the best first."""
    states = {one.id: one for one in runs}
    ranking = (run.finished or {}).get("ranking") or []
    ranked = {place["run"]: place for place in ranking}
    rows = []
    for told in (run.standing or {}).get("competitors", ()):
        one, place = states.get(told["run"]), ranked.get(told["run"], {})
        best = place.get("accuracy") or told["accuracy"]
        if one is not None and one.best and not place:  # newer than what the race has told
            best = one.best["val_accuracy"]
        rows.append(
            Row(
                strategy=told["strategy"],
                run=told["run"],
                accuracy=Accuracy(**best) if best else None,
                seconds=_seconds(one) or told["seconds"],
                dropped=told["dropped"],
                has_failed=one is not None and one.status == "failed",
                p_vs_best=place.get("p_vs_best"),
                trainable_parameters=place.get("trainable_parameters"),
                weight_bytes=place.get("bytes"),
            )
        )
    order = [place["run"] for place in ranking]
    return tuple(sorted(rows, key=lambda row: _merit(row, order)))


def lanes_of(run: RunState, rows: Sequence[Row], runs: Sequence[RunState]) -> tuple[Lane, ...]:
    """Return the lane of each competitor; deleted ones have no curve.

    While they race each keeps its lane; at the end they stand as they are ranked.
    """
    states = {one.id: one for one in runs}
    told = {row["run"]: row for row in (run.standing or {}).get("competitors", ())}
    order = list(told)
    if run.is_active:
        rows = sorted(rows, key=lambda row: order.index(row.run))
    return tuple(
        _lane(row, states.get(row.run), told[row.run].get("until") if run.is_active else None)
        for row in rows
    )


def _lane(row: Row, one: RunState | None, until: float | None) -> Lane:
    if one is None:
        return Lane(row)
    return Lane(
        row,
        one.epochs,
        until=until if row.dropped is None else None,
        is_at_work=one.status == "running",
        best=one.best["epoch"] if one.best else None,
    )


def _merit(row: Row, order: Sequence[str]) -> tuple[float, float]:
    """Return what sorts the better first."""
    place = order.index(row.run) if row.run in order else len(order)
    return place, -(row.accuracy.value if row.accuracy else 0.0)


def _seconds(one: RunState | None) -> float:
    """Return the seconds of training of a run so far."""
    if one is None:
        return 0.0
    last = one.epochs[-1]["seconds"] if one.epochs else 0.0
    return float((one.finished or {}).get("seconds") or last or 0.0)


def answer(run: RunState, runs: Sequence[RunState], rows: Sequence[Row]) -> str:
    """Return how the race stands in a few sentences, a short one first; may be untrusted text."""
    if verdict := (run.finished or {}).get("verdict"):
        return str(verdict)
    if run.error:
        return _("{message} {fix}").format(message=run.error["message"], fix=run.error["fix"])
    if run.status in ("interrupted", "stopped"):
        return _("It broke off. Every run is kept where it stood, and the race can go on.")
    if run.status == "paused":
        return _("It is paused; everyone waits.")
    return " ".join(filter(None, [_leading(rows), _now(run, runs), _left(run)]))


def _leading(rows: Sequence[Row]) -> str:
    """Say who leads, if no other's interval reaches as high as theirs begins; a test comes later.

    While somebody still races who has not been judged, nobody leads.
    """
    known = [(row.accuracy, row.strategy) for row in rows if row.accuracy is not None]
    is_waiting = any(
        row.accuracy is None and row.dropped is None and not row.has_failed for row in rows
    )
    if len(known) < 2 or is_waiting:
        return ""
    (first, name), *others = sorted(known, key=lambda one: -one[0].value)
    if any(accuracy.high >= first.low for accuracy, _strategy in others):
        return _("Too close to call so far.")
    return _("{name} leads so far: {share}.").format(
        name=text.strategy(name), share=wording.percent_interval(first)
    )


def _now(run: RunState, runs: Sequence[RunState]) -> str:
    """Say who trains at this moment."""
    if run.status == "queued":
        return _("It waits for its turn behind another job.") if run.waiting else ""
    at_work = next((one for one in runs if one.status in ("running", "stopping")), None)
    round_now = (run.standing or {}).get("round")
    if at_work is None or not round_now:
        return _("It is about to start.")
    return _("Round {n} of {all}: it is the turn of {strategy}.").format(
        n=round_now, all=(run.standing or {})["rounds"], strategy=text.strategy(at_work.strategy)
    )


def _left(run: RunState) -> str:
    """Say how many are left once somebody has dropped out."""
    told = (run.standing or {}).get("competitors", ())
    left = sum(one["is_racing"] for one in told)
    if left == len(told):
        return ""
    return ngettext(
        "{n} of {all} is still in the race.", "{n} of {all} are still in the race.", left
    ).format(n=left, all=len(told))


def _with_runs(rows: Sequence[Row], runs: Sequence[RunState]) -> list[tuple[Row, RunState | None]]:
    states = {one.id: one for one in runs}
    return [(row, states.get(row.run)) for row in rows]


def _line(row: Row, one: RunState | None) -> None:
    """Draw one competitor: the way to its own page, and what it has come to."""
    name = text.strategy(row.strategy)
    parts = [wording.percent_interval(row.accuracy)] if row.accuracy else []
    if row.seconds:
        parts.append(_("{time} of training").format(time=wording.duration(row.seconds)))
    if row.trainable_parameters is not None:
        parts.append(
            ngettext("{n} parameter learns", "{n} parameters learn", row.trainable_parameters)
            .format(n=wording.count(row.trainable_parameters))
        )  # fmt: skip
    if row.weight_bytes is not None:
        parts.append(wording.file_size(row.weight_bytes))
    if row.p_vs_best is not None:
        parts.append(_("p {p} against the first").format(p=wording.number(row.p_vs_best)))
    if one is not None and _is_head_alone(one):
        parts.append(_("best before more than the head moved"))
    if one is not None and one.status == "running":
        parts.append(_("trains now"))
    elif row.dropped or row.has_failed:
        parts.append(report.state_of(row))
    with st.container(gap=None):
        if one is None:
            st.write(_("{name} (deleted)").format(name=name))
        else:
            _way(name, row.run, icon=":material/show_chart:")
        if parts:
            st.caption(text.escape(" · ".join(parts)))


def _is_head_alone(one: RunState) -> bool:
    """Tell whether nothing that the strategy moved of the base is in the model it has kept."""
    kept = (one.finished or {}).get("best_phase")
    return one.strategy in MOVING and kept in ("before", "head")


def _folds(run: RunState, rows: Sequence[Row], told: Sequence[Lane]) -> None:
    """Draw what is folded away: how a race works, the numbers, the command."""
    with st.expander(_("Why?")):
        st.write(
            _("All learn from the same examples and are judged on the same held-out ones, so that "
              "only the strategy differs. In each round everyone left trains for the same time. "
              "Then the worse half drops out by validation loss, but nobody whom a paired test "
              "cannot tell from the better half (successive halving). At the end each is tested "
              "against the first on the examples on which only one of the two is right (exact "
              "McNemar test, corrected for several comparisons). Below p 0.05 they count as told "
              "apart; otherwise it is too close to call.")
        )  # fmt: skip
        st.write(
            _("Each lane shows the right answers on held-out examples, with their interval, over "
              "the time that its strategy has trained; a dotted line is the end of its turn in "
              "this round, a cross is where it dropped out. A place with an equals sign is shared: "
              "the intervals of those who share it overlap.")
        )  # fmt: skip
    with st.expander(_("Details and numbers")):
        if rows:
            st.dataframe(report.race_table(rows), hide_index=True, alt=_("The race as numbers"))
        if any(lane.epochs for lane in told):
            st.dataframe(
                lanes.lanes_table(told), hide_index=True, alt=_("The curves of the race as numbers")
            )
        st.caption(
            text.escape(_("Race {id}, begun {when}").format(id=run.id, when=text.when(run.created)))
        )
    commands.fold(commands.race(run.spec))


def link_to(run: RunState) -> None:
    """Draw the way from a competitor to its race, where that is still there."""
    race = next((one for one in listing.list_runs() if one.id == run.race), None)
    if race is not None:
        label = _("Part of a race ({status}): see how all stand").format(
            status=text.status(race.status)
        )
        _way(label, race.id, icon=":material/arrow_back:")


def _way(label: str, run_id: str, *, icon: str) -> None:
    """Draw the way to another run on this page; a link would look like the run that is shown."""
    if st.button(label, key=f"race.open.{run_id}", type="tertiary", icon=icon):
        travel.go("watch", {"run": run_id})
