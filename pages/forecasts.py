"""Forecasts: what was expected of every run before it learned, and what it reached."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.ui import curves, frame, text, travel
from tl_core import data
from tl_core.i18n import _
from tl_core.report import charts
from tl_core.report.forecasts import MOST_DRAWN, forecasts_table
from tl_core.runs import ledger
from tl_core.spec import Outcome
from tl_core.watch import foretold
from tl_core.watch.calibration import by_promise, calibrate

frame.require_frame("forecasts")


def records(outcomes: tuple[Outcome, ...]) -> None:
    """Say how the two kinds of forecasts have done, each with what it promises; one is folded."""
    headings = (_("Expected from rules"), _("Measured beforehand"))
    kinds = zip(headings, map(calibrate, by_promise(outcomes)), strict=True)
    known = [(heading, found) for heading, found in kinds if found is not None]
    for number, (heading, found) in enumerate(known):
        with st.expander(heading, expanded=not number):
            lines = (text.escape(line) for line in foretold.record(found))
            st.markdown("\n".join(f"- {line}" for line in lines))


def picture(outcomes: tuple[Outcome, ...], names: dict[str, str]) -> None:
    """Draw expected against reached, and say how to read it."""
    make = partial(charts.forecasts_figure, outcomes, names)
    curves.draw(make, key="forecasts.picture", alt=charts.forecasts_alt(outcomes))
    words = _(
        "Each point is a run. A bar across that meets the dashed diagonal has held (blue circle); "
        "one that does not is an orange diamond. Filled: measured beforehand; hollow: expected "
        "from rules; with a cross: a leak was suspected in the data. The thin bar upwards is what "
        "chance allows on the validation examples."
    )
    if len(outcomes) > MOST_DRAWN:
        words += " " + _("Drawn are the newest {n}.").format(n=MOST_DRAWN)
    st.caption(words)


def table(outcomes: tuple[Outcome, ...], names: dict[str, str]) -> None:
    """Draw the numbers behind the picture, each with the way to its run."""
    with st.expander(_("Details and numbers")):
        shown = forecasts_table(outcomes, names)
        shown.insert(0, _("run"), [f"watch?run={o.run}" for o in outcomes])
        link = st.column_config.LinkColumn(display_text=_("Open"), width="small")
        st.dataframe(
            shown,
            hide_index=True,
            column_config={_("run"): link},
            alt=_("Every forecast with what came of it"),
        )


def method() -> None:
    """Say how a forecast is judged, and why so."""
    with st.expander(_("How are they judged?")):
        st.write(
            _("Before a run learns, Thaw keeps what it expects of it, if the data were measured by "
              "then. An interval holds if what was reached on the validation examples lies in it: "
              "that is what you see beside it. But those examples are few, so even a forecast that "
              "is exactly right can miss by chance. How many would hold in spite of it is worked "
              "out for each run from its own number of validation examples, and the record is "
              "judged against that. The brackets are 95 % intervals (Wilson) of the share.")
        )  # fmt: skip
        st.write(
            _("The best epoch is chosen on the same validation examples, which favours what was "
              "reached a little; where there are test examples, the table has what was right of "
              "those. Time is counted from the forecast to the end, without measuring, waiting "
              "and pauses.")
        )  # fmt: skip


past = ledger.past()
frame.head(_("How good have the forecasts been?"), foretold.answer(past.outcomes))
names = {summary.id: summary.name for summary in data.list_datasets()}
if past.outcomes:
    picture(past.outcomes, names)
    records(past.outcomes)
    table(past.outcomes, names)
else:
    st.write(
        _("Once data have been measured and a run on them has been trained to its end, what was "
          "expected of it stands here beside what it reached.")
    )  # fmt: skip
    travel.link("start", _("Bring data or take a sample"), icon=":material/arrow_back:")
if lines := foretold.left_out(past.left_out):
    st.caption(text.escape(_("Left out:") + " " + " ".join(lines)))
method()
