"""Head start: what did transfer bring on these very data, against learning from scratch?"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from pages.ui import benefit as panel
from pages.ui import commands, frame, jobs, known, text, travel
from pages.ui.place import Place, here, with_run
from tl_core import benefits
from tl_core.benefits import Benefit
from tl_core.data.dataset import Dataset
from tl_core.i18n import _
from tl_core.report import benefit_words as words
from tl_core.runs import benefit, launch, store
from tl_core.runs.state import RunState
from tl_core.spec import STRATEGIES, RunSpec

POLL_SECONDS = 2.0
MINUTES = (2.0, 5.0, 10.0, 20.0)

frame.require_frame("benefit")


def request(place: Place, strategy: str, minutes: float) -> RunSpec:
    """Return the request to measure, on the same split as the run that led here."""
    spec = replace(place.request("benefit"), strategy=strategy, minutes=minutes)
    if not place.run:
        return spec
    run = store.read_run(place.run).spec
    return replace(
        spec, revision=run.revision, seed=run.seed, val_fraction=run.val_fraction, size=run.size
    )


def choices(place: Place) -> list[str]:
    """Return the strategies that may transfer: the quick one, and that of the run."""
    found = [benefits.DEFAULT_STRATEGY]
    if place.run:
        used = store.read_run(place.run).strategy
        if used in STRATEGIES and used not in (*found, "from_scratch"):
            found.append(used)
    return found


def offer(place: Place, *, label: str, primary: bool) -> None:
    """Draw what begins a measurement."""
    ways = choices(place)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        minutes = st.selectbox(
            _("Minutes for all of it"), MINUTES, index=1, format_func=lambda m: f"{m:g}",
            key="benefit.minutes", width=180,
        )  # fmt: skip
        strategy = ways[0]
        if len(ways) > 1:
            strategy = st.selectbox(
                _("How it transfers"), ways, format_func=text.strategy, key="benefit.strategy"
            )
        kind = "primary" if primary else "secondary"
        if st.button(label, type=kind, key="benefit.start"):
            launch.start(request(place, strategy, minutes))
            st.rerun()


def watched(job_id: str) -> None:
    """Draw a measurement that goes on, with every point as it appears."""
    job = store.read_run(job_id)
    if not job.is_active:
        travel.again()
    found = benefit.read(job_id)
    frame.head(question, words.answer(found) if found else _("Being measured now."))
    jobs.show_progress(job, doing=_("Measuring what the head start brings"))
    if st.button(_("Stop and keep what is measured"), key="benefit.stop"):
        launch.stop(job_id)
        st.rerun()
    if found:
        panel.draw(found, key="benefit")


def ended(place: Place, job: RunState | None, recorded: Benefit | None) -> None:
    """Draw what is known, and offer to measure where it is not, or not here."""
    own = benefit.read(job.id) if job else None
    found = own or recorded
    if found is None:
        frame.head(question, _("That can be measured in about five minutes."))
        explain()
    else:
        frame.head(question, text.escape(words.answer(found)))
    if job is not None and job.status != "finished":
        jobs.show_end(job)
        may_go_on = job.status == "interrupted" or own is not None
        if may_go_on and st.button(_("Go on measuring"), key="benefit.resume"):
            launch.resume(job.id)
            st.rerun()
    label = _("Measure it")
    if found is not None:
        label = _("Measure again") if own else _("Measure it here")
        if own is None:
            told = _("Recorded beforehand for this sample:")
            st.caption(text.escape(f"{told} {words.settings_sentence(found)}"))
        panel.draw(found, key="benefit")
    offer(place, label=label, primary=found is None)
    commands.fold(commands.benefit(request(place, choices(place)[0], benefits.DEFAULT_MINUTES)))


def explain() -> None:
    """Say what will be measured."""
    with frame.reading():
        st.write(
            _("Thaw trains on your data again and again, with all labels, half of them, a quarter "
              "and so on: once from the base, once from scratch, and with all labels from larger "
              "bases too. Then you see how many labels the head start saves, how much sooner it "
              "gets there, and whether it gets further.")
        )  # fmt: skip


question = _("What did the head start bring?")
place = with_run(here())
dataset: Dataset = known.need_data(
    place, question, _("Here you will see what transfer saves in labels and time.")
)
asked = request(place, benefits.DEFAULT_STRATEGY, benefits.DEFAULT_MINUTES)
job = benefit.newest(place.data, place.base_id, asked.revision)
if job is not None and job.is_active:
    travel.poll(frame.bordered(watched), POLL_SECONDS, job.id)
else:
    ended(place, job, benefit.recorded(dataset.fingerprint, place.base_id))
if place.run:
    travel.link("watch", _("Back to the run"), {"run": place.run}, icon=":material/arrow_back:")
