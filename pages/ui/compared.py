"""Several runs side by side: their curves, the paired verdict, and where their settings differ."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from pages.ui import curves, frame, known, pulse, text, travel
from tl_core import wording
from tl_core.errors import InputError
from tl_core.i18n import _
from tl_core.paired import Comparison
from tl_core.report.overlay import overlay_figure
from tl_core.report.overlay_scale import AXES, LETTERS, MEASURES, MOST, SHOWN, Curve, View
from tl_core.report.overlay_words import overlay_alt, overlay_table
from tl_core.report.settings import Column, names, results_table, settings_table
from tl_core.runs import store, versus
from tl_core.runs.state import RunState
from tl_core.spec import Accuracy
from tl_core.watch import compared


def asked() -> list[str]:
    """Return the ids of runs that the address names, each once; untrusted text."""
    found = st.query_params.get("runs", "").split(",")
    return list(dict.fromkeys(part.strip() for part in found if part.strip()))


def read(run_ids: Sequence[str]) -> list[RunState]:
    """Return the runs that are there, at most as many as can be told apart.

    A race stands for all who compete in it.
    """
    found: dict[str, RunState] = {}
    for run_id in run_ids:
        try:
            run = store.read_run(run_id)
        except InputError:
            continue
        more = store.competitors(run) if run.spec.kind == "race" else (run,)
        found |= {one.id: one for one in more if one.spec.kind == "train"}
    return list(found.values())[:MOST]


def panel(run_ids: tuple[str, ...], active: int) -> None:
    """Draw the comparison; when one of the runs has ended, run the whole page once more."""
    runs = read(run_ids)
    if active != sum(run.is_active for run in runs):
        travel.again()
    columns = columns_of(runs)
    called = {run.id: column.letter for run, column in zip(runs, columns, strict=True)}
    labels = names(columns)
    found = _compared(tuple(map(_version, runs)))
    spoken = called
    if len(runs) == 2:  # more names would make no sentence
        spoken = {run.id: f"{called[run.id]} ({n})" for run, n in zip(runs, labels, strict=True)}
    _head(runs, found, spoken, called)
    view = _switches()
    told = [
        Curve(run.id, called[run.id], label, run.epochs, run.best, run.is_active)
        for run, label in zip(runs, labels, strict=True)
    ]
    if told:
        make = partial(overlay_figure, told, view)
        curves.draw(make, key="compare.chart", alt=overlay_alt(told, view))
    with st.container(gap="xsmall"):
        for run, letter, label in zip(runs, LETTERS, labels, strict=False):
            _line(run, letter, label)
    if len(runs) > 1:
        _settings(columns)
        _pairs(found, called)
    if runs:
        _folds(told, columns, dict(zip(LETTERS, labels, strict=False)))


def news(run_ids: tuple[str, ...], _active: int) -> object:
    """Return what is equal as long as there is nothing new to draw."""
    return [pulse.of_run(run)[0] for run in read(run_ids)]


def _head(
    runs: Sequence[RunState], found: Comparison, spoken: dict[str, str], called: dict[str, str]
) -> None:
    answer = compared.headline(found, spoken) if len(runs) > 1 else ""
    if not runs:
        answer = _("Choose the runs below.")
    elif not answer:
        answer = _("Choose another run to compare it with.")
    frame.head(_("Which run does better?"), text.escape(answer))
    if len(runs) > 1 and (more := compared.remarks(found, called)):
        with frame.reading():
            st.write(text.escape(" ".join(more)))


def _version(run: RunState) -> tuple[str, str, int]:
    """Return what changes when the answers of a run may have: not with each of its epochs."""
    return run.id, run.status, 0 if run.is_active else run.last_seq


@st.cache_data(max_entries=32, show_spinner=False)
def _compared(versions: tuple[tuple[str, str, int], ...]) -> Comparison:
    return versus.compare(read([run_id for run_id, _status, _seq in versions]))


def columns_of(runs: Sequence[RunState]) -> list[Column]:
    """Return the runs as columns of the table of settings, each with its letter."""
    return [
        Column(
            letter=letter,
            spec=run.spec,
            strategy=run.strategy,
            dataset=known.dataset_name(run.spec.dataset),
            actions=run.actions,
            best=run.best,
            finished=run.finished,
            seconds=float((run.finished or {}).get("seconds") or run.seconds),
            when=text.when(run.created),
        )
        for letter, run in zip(LETTERS, runs, strict=False)
    ]


def _switches() -> View:
    """Draw what can be chosen of the picture, and return what is chosen."""
    with st.container(horizontal=True):
        chosen = [
            st.segmented_control(
                label,
                list(options),
                format_func=lambda key, options=options: _(options[key]),
                default=next(iter(options)),
                required=True,
                key=f"compare.{name}",
                label_visibility="collapsed",
            )
            for name, label, options in (
                ("measure", _("What is drawn"), MEASURES),
                ("shown", _("On which examples"), SHOWN),
                ("by", _("Along what"), AXES),
            )
        ]
    measure, shown, by = (str(one) for one in chosen)
    return View(by=by, measure=measure, shown=shown)


def _line(run: RunState, letter: str, label: str) -> None:
    """Draw one run: its letter and name, which lead to it, and what it has come to."""
    parts = [text.status(run.status)]
    if run.best:
        best = wording.percent_interval(Accuracy(**run.best["val_accuracy"]))
        parts.append(_("best {accuracy} at epoch {n}").format(accuracy=best, n=run.best["epoch"]))
    if run.seconds:
        parts.append(wording.duration(run.seconds))
    with st.container(gap=None):
        name = f"**{letter}**\u2002{text.escape(label)}"
        if st.button(name, key=f"compare.open.{run.id}", type="tertiary"):
            travel.go("watch", {"run": run.id})
        st.caption(text.escape(" · ".join(parts)))


def _settings(columns: Sequence[Column]) -> None:
    """Draw what was asked of each, or only where they differ."""
    st.subheader(_("What they were asked to do"), anchor=False)
    only = st.toggle(_("Differences only"), value=True, key="compare.differences")
    shown = settings_table(columns, only_differences=only)
    if shown.empty:
        st.write(_("All of them were asked for the same."))
    else:
        st.dataframe(shown, hide_index=True, alt=_("The settings of each run"))


def _pairs(found: Comparison, called: dict[str, str]) -> None:
    """Draw the paired tests, where the sentence above cannot hold them all."""
    if len(found.pairs) < 2:
        return
    st.subheader(_("Pair by pair"), anchor=False)
    rows = [
        {
            _("pair"): _("{a} and {b}").format(a=called[pair.first], b=called[pair.second]),
            _("only the first is right on"): pair.only_first,
            _("only the second"): pair.only_second,
            _("of"): pair.n,
            _("p, corrected"): wording.number(pair.p_holm),
            _("verdict"): compared.verdict_of(pair, called),
        }
        for pair in found.pairs
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=_("The paired tests as numbers"))


def _folds(told: Sequence[Curve], columns: Sequence[Column], called: dict[str, str]) -> None:
    """Draw what is folded away: how it is judged, the numbers, the command."""
    with st.expander(_("Why?")):
        st.write(
            _("Two runs judged on the same validation examples are compared example by example: "
              "only those on which one is right and the other wrong tell them apart (exact McNemar "
              "test). With several pairs each p is corrected for their number (Holm). Below 0.05 "
              "they count as told apart; otherwise it is too close to call, however the curves "
              "look. The best epoch of each was chosen on these same examples, which favours all "
              "of them a little.")
        )  # fmt: skip
    with st.expander(_("As a table")):
        st.dataframe(
            results_table(columns, called), hide_index=True, alt=_("What each run has come to")
        )
        st.dataframe(overlay_table(told), hide_index=True, alt=_("The curves as numbers"))
