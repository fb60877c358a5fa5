"""Looking closer at a finished run: jobs that a page offers, and how far they are."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui import frame, jobs, travel
from pages.ui.judged import Judged
from tl_core.catalog import tuned
from tl_core.i18n import _
from tl_core.runs import launch, store
from tl_core.runs.state import RunState
from tl_core.spec import RunSpec


def spec_of(run: RunState, aspects: Sequence[str], rows: Sequence[int] = ()) -> RunSpec:
    """Return the request to look closer at a run."""
    return RunSpec(
        kind="explain",
        dataset=run.spec.dataset,
        revision=run.spec.revision,
        base=run.spec.base,
        run=run.id,
        aspects=tuple(aspects),
        rows=tuple(rows),
    )


def why_not(found: Judged) -> str:
    """Return why nobody can look closer at a run; empty if one can."""
    if found.before is None:
        return _("Its data are no longer on this computer.")
    if not tuned.weights_of(found.run.id).is_file():
        return _("Its weights are no longer on this computer.")
    return ""


def offer(found: Judged, spec: RunSpec, *, label: str, doing: str, key: str) -> None:
    """Draw a button that begins a job, or how far that job is.

    Args:
        found: the run that is looked at.
        spec: the request.
        label: of the button.
        doing: what the job is for, in words.
        key: of the button.
    """
    if why := why_not(found):
        st.caption(why)
        return
    job = jobs.find(spec)
    if job is not None and job.status != "finished":
        poll = 1.0 if job.is_active else None
        travel.poll(frame.bordered(_panel), poll, job.id, job.is_active, doing)
    elif st.button(label, key=key):
        launch.start(spec)
        st.rerun()


def _panel(job_id: str, was_active: bool, doing: str) -> None:
    """Draw how far a job is; when it ends, run the whole page once more."""
    job = store.read_run(job_id)
    if was_active and not job.is_active:
        travel.again()
    jobs.show(job, doing=doing)


def offer_answers(found: Judged) -> None:
    """Offer to have all probabilities of an earlier run measured."""
    st.write(
        _("This run has kept the most probable class of each example only. Its model can be asked "
          "again for all probabilities; that changes nothing about it.")
    )  # fmt: skip
    offer(
        found,
        spec_of(found.run, ("answers",)),
        label=_("Ask it again"),
        doing=_("Asking the model about its held-out examples"),
        key="results.answers",
    )
