"""Measuring in the background: jobs that pages begin by themselves, once, and their progress."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from pages.ui import frame, known, measures, text
from pages.ui.place import Place
from tl_core import catalog, data, wording
from tl_core.data import suspicions
from tl_core.data.dataset import Dataset
from tl_core.errors import Issue
from tl_core.i18n import _
from tl_core.runs import launch, listing, store
from tl_core.runs.state import RunState
from tl_core.spec import FirstLook, RunSpec, from_dict


def evidence_spec(place: Place, base_id: str = "") -> RunSpec:
    """Return the request to measure the place's data under its base (or under `base_id`)."""
    return (replace(place, base=base_id) if base_id else place).request("evidence")


def ensure_audit(dataset: Dataset) -> RunState | None:
    """Return the job that looks for what takes a network; None where all was looked for.

    A job that failed or was stopped is not begun again by itself: `show` offers that.
    """
    if suspicions.is_audited(dataset):
        return None
    spec = RunSpec(
        kind="audit",
        dataset=dataset.id,
        revision=dataset.revision,
        base=catalog.default_base(dataset.modality),
    )
    found = find(spec)
    if found is None or found.status == "finished":  # finished, and its record is gone
        return store.read_run(launch.start(spec))
    return found


def find(spec: RunSpec) -> RunState | None:
    """Return the newest job that was asked for in exactly these words."""
    return next((run for run in listing.list_runs() if run.spec == spec), None)


def ensure_evidence(place: Place, base_id: str = "") -> RunState:
    """Return the job that measures; begin it if there never was one, or its record is gone.

    A job that failed or was stopped is not begun again by itself: `show` offers that.
    """
    spec = evidence_spec(place, base_id)
    found = find(spec)
    is_gone = (
        found is not None
        and found.status == "finished"
        and known.evidence(data.load(place.data), place, base_id) is None
    )
    if found is None or is_gone:
        return store.read_run(launch.start(spec))
    return found


def show(state: RunState, *, doing: str) -> None:
    """Draw how far a measuring job is, or why it does not go on, with a button to repeat it."""
    if state.is_active:
        show_progress(state, doing=doing)
    elif state.status != "finished":
        show_end(state)
        if st.button(_("Measure again"), key=f"jobs.again.{state.id}"):
            _again(state)


def show_first_look(state: RunState) -> None:
    """Draw what a measuring job tells of its first examples, once it does."""
    if state.first_look is None or not state.is_active:
        return
    found = from_dict(FirstLook, state.first_look)
    st.write(text.escape(measures.first_look(found, catalog.find(state.spec.base))))
    if found.shift is not None:
        with st.expander(_("Details and numbers")):
            st.table(measures.depths_table(found.shift, found.shift_expected), border="horizontal")


def show_progress(state: RunState, *, doing: str) -> None:
    """Draw how far a job is.

    Args:
        state: the job, which goes on by itself.
        doing: what it is for, in words, until it says itself; may hold untrusted text.
    """
    if state.waiting:
        words = _("Waiting for another job to end; then: {doing}").format(doing=doing)
        st.progress(0.0, text.escape(words))
    else:
        st.progress(*_step(state, doing))


def _step(state: RunState, doing: str) -> tuple[float, str]:
    """Return the share done, 0 to 1, and the words for it."""
    step = state.progress or {}
    done, total = step.get("done") or 0, step.get("total") or 0
    what = state.what or doing
    if not total:
        return 0.0, text.escape(what)
    words = _("{what}: {done} of {total} {things}").format(
        what=what,
        done=wording.count(done),
        total=wording.count(total),
        things=step.get("what") or "",
    )
    left = _seconds_left(state, done, total)
    if left is not None:
        words += _("; about {time} left").format(time=wording.duration(left))
    return min(done / total, 1.0), text.escape(words)


def _seconds_left(state: RunState, done: int, total: int) -> float | None:
    """Return the seconds that this step still takes at the pace seen since it was first shown."""
    key = f"jobs.pace.{state.id}"
    step = (state.phase, total)
    seen = st.session_state.get(key)
    if not seen or seen[0] != step or seen[1] > done:
        seen = st.session_state[key] = (step, done, state.updated)
    gained, passed = done - seen[1], state.updated - seen[2]
    return (total - done) * passed / gained if gained and done < total else None


def show_end(state: RunState) -> None:
    """Say why a job ended without a result."""
    if state.status == "failed" and state.error:
        issues = state.error.get("issues") or [
            {"field": "", "message": state.error["message"], "fix": state.error["fix"]}
        ]
        frame.show_issues([Issue(**issue) for issue in issues])
    elif state.status == "interrupted":
        st.warning(_("It was interrupted. Nothing is lost."))
    else:
        st.warning(_("It was stopped."))


def _again(state: RunState) -> None:
    """Take the job up where it was interrupted, or begin it anew."""
    if state.status == "interrupted":
        launch.resume(state.id)
    else:
        store.delete_run(state.id, for_good=True)
        launch.start(state.spec)
    st.rerun()
