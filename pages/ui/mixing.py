"""The way back to the base after a run: a slider over measured mixtures, one of which is kept."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.ui import curves, frame, jobs, known, terms, text, travel
from tl_core import data, wording
from tl_core.i18n import _
from tl_core.report import forgetting as report
from tl_core.runs import launch, mixes, store
from tl_core.runs.mixes import Point
from tl_core.runs.state import RunState
from tl_core.spec import Accuracy

POLL_SECONDS = 1.0
TOLD_APART = 0.05
"""Two networks count as told apart below this p of the exact McNemar test."""


def section(run: RunState) -> None:
    """Draw the slider of a finished run that has changed its base; nothing for any other."""
    if mixes.why_not(run) or not data.exists(run.spec.dataset):
        return
    job = mixes.measuring(run.id)
    poll = POLL_SECONDS if job is not None and job.is_active else None
    travel.poll(frame.bordered(mixtures), poll, run.id, poll is not None)


def mixtures(run_id: str, was_active: bool) -> None:
    """Draw what was measured of a run's mixtures so far, and the slider over it."""
    run, job = store.read_run(run_id), mixes.measuring(run_id)
    if was_active and not (job and job.is_active):
        travel.again()
    with frame.reading():
        heading = _("Between the base and what it has become")
        st.markdown(f"**{heading}**")
        st.write(
            _("Every weight can stand part of the way between the base's value and the one it was "
              "trained to (weight interpolation, WiSE-FT). On the way lie networks that may do the "
              "new task as well and have forgotten less. At 0 % stand the base as it was and the "
              "last layer that was fitted to it first.")
        )  # fmt: skip
    found = mixes.points(run_id)
    if job is not None and job.is_active:
        jobs.show_progress(job, doing=_("Measuring mixtures"))
    elif len(found) < 2:
        _offer(run, job)
    if len(found) >= 2:
        _slider(run, found)


def _offer(run: RunState, job: RunState | None) -> None:
    """Offer to measure; say why an earlier attempt came to nothing."""
    if job is not None and job.status != "finished":
        jobs.show_end(job)
    if st.button(_("Measure mixtures"), key="mixing.measure"):
        launch.start(mixes.request(run))
        st.rerun()


def _slider(run: RunState, found: tuple[Point, ...]) -> None:
    """Draw the slider, what stands at it, and the button that keeps it."""
    shares = [float(one["share"]) for one in found]
    share = st.select_slider(
        _("Share of what was learned"),
        options=shares,
        value=shares[-1],
        format_func=wording.percent,
        key=f"mixing.share.{run.id}",
        help=terms.told("mixture"),
    )
    at = next(one for one in found if float(one["share"]) == share)
    right, left = Accuracy(**at["val_accuracy"]), at.get("retention") or {}
    columns = st.columns(2)
    columns[0].metric(_("Right on held-out examples"), wording.percent_interval(right))
    columns[1].metric(_("Old answers left"), report.share_of(left))
    if left.get("source"):
        st.caption(_("On examples of the base's own kind: {share} of the old answers left.").format(
            share=report.share_of(left["source"])))  # fmt: skip
    st.caption(text.escape(against(at)))
    make = partial(report.mixes_figure, found, share)
    curves.draw(make, key=f"watch.mixes.{run.id}", alt=report.mixes_alt(found))
    _keep(run, float(share))
    with st.expander(_("The mixtures as numbers")):
        st.dataframe(report.mixes_table(found), hide_index=True, alt=_("The mixtures as numbers"))


def against(at: Point) -> str:
    """Say whether a mixture can be told from the trained network on the same examples."""
    if float(at["share"]) == 1:
        return _("This is the network that the run has kept. Only the stops of the slider were "
                 "measured; validation examples chose the epoch, so that new ones may do a little "
                 "worse.")  # fmt: skip
    p = float(at["p"])
    told = (
        _("On the new task, a paired test tells it from the trained network (p = {p}).")
        if p < TOLD_APART
        else _("On the new task it is too close to the trained network to call (p = {p}).")
    )
    return told.format(p=wording.number(p))


def _keep(run: RunState, share: float) -> None:
    """Draw the button that makes the mixture a run of its own, or the way to it."""
    same = next((r for r in mixes.kept(run.id) if r.spec.share == share), None)
    if same is not None:
        label = _("Open the kept mix of {share}").format(share=wording.percent(share))
        travel.link("watch", label, {"run": same.id}, icon=":material/arrow_forward:")
        return
    is_itself = share == 1
    words = _("Keep this mix") if not is_itself else _("Keep this mix (100 % is the run itself)")
    if st.button(words, key="mixing.keep", type="primary", disabled=is_itself):
        new = launch.start(mixes.request(run, share=share, keep=True))
        travel.go("watch", {"run": new})


def origin(run: RunState) -> None:
    """Say of a kept mixture where it comes from; nothing for any other run."""
    if not run.spec.mix_of or run.spec.share is None:
        return
    st.caption(mixed_words(run.spec.share))
    if run.spec.mix_of in store.run_ids():
        label = _("Open the run that it comes from: {title}")
        title = known.run_title(store.read_run(run.spec.mix_of))
        query = {"run": run.spec.mix_of}
        travel.link("watch", text.escape(label.format(title=title)), query)


def mixed_words(share: float) -> str:
    """Say what a kept mixture is made of."""
    return _("A mixture: {share} of what was learned, the rest as the base had it.").format(
        share=wording.percent(share)
    )
