"""Results: what did it learn, and what does it get wrong?"""

from __future__ import annotations

import streamlit as st

from pages.ui import (
    again,
    commands,
    confusion,
    examples,
    feature_map,
    frame,
    judged,
    known,
    looks,
    mending,
    reliability,
    terms,
    text,
    travel,
)
from pages.ui.judged import Judged
from pages.ui.place import here
from tl_core import wording
from tl_core.analysis import mistakes, told
from tl_core.analysis.answers import Answers
from tl_core.i18n import _
from tl_core.runs import model, store
from tl_core.runs.state import RunState

frame.require_frame("results")
QUESTION = _("What did it learn, and what does it get wrong?")


def choose() -> None:
    """Without a run in the address: offer the runs that have come to their end."""
    runs = [run for run in known.shown_runs() if run.spec.kind == "train" and run.finished]
    frame.head(QUESTION, _("Which run?") if runs else _("No run has come to its end yet."))
    st.write(_("Here you will see how good a trained model is, and where it fails."))
    for run in runs[:10]:
        travel.link("results", text.escape(known.run_title(run)), {"run": run.id})
    if not runs:
        travel.link("start", _("Bring data or take a sample"), icon=":material/arrow_back:")


def nothing_yet(run: RunState) -> None:
    """Say why there is nothing to see of a run, and offer the way."""
    if run.is_active:
        told_ = _("It is still learning; its results come when it has ended.")
    elif run.finished:
        told_ = _("What it said of its held-out examples is no longer on this computer.")
    else:
        told_ = _("It broke off before there was anything to judge.")
    frame.head(QUESTION, told_)
    travel.link("watch", _("Watch this run"), {"run": run.id}, icon=":material/show_chart:")


def part_of(found: Judged) -> Answers:
    """Ask which part to look at, where there are two; the one that may be looked at comes first."""
    if len(found.parts) == 1:
        return found.parts["val"]
    names = {"val": _("Validation part"), "test": _("Test part")}
    chosen = st.segmented_control(
        _("Which examples"),
        list(found.parts),
        format_func=names.__getitem__,
        default="val",
        key="results.part",
    )
    if chosen == "test":
        st.caption(_("Whoever mends data by what the test part shows has used it up: its score "
                     "then is as kind as that of the validation part."))  # fmt: skip
    return found.parts["test" if chosen == "test" else "val"]


def show(found: Judged) -> None:
    """Draw everything about a run that has come to its end."""
    score = found.score
    answer = " ".join([told.expected(score, found.modality), told.where_it_fails(score)])
    frame.head(QUESTION, text.escape(answer), told=terms.told("expected_right"))
    with frame.reading():
        st.write(text.escape(told.judged_on(score, found.modality)))
        st.caption(text.escape(known.run_title(found.run)))
    mending.refusal()
    st.subheader(_("Which is taken for which?"), anchor=False)
    part = part_of(found)
    confusion.draw(found, part)
    worst = mistakes.worst(part)
    if worst:
        st.subheader(_("The worst mistakes"), anchor=False)
        words = _("{n} of {all} wrong, those first of which it was surest. Some of them may be "
                  "labelled wrongly.")  # fmt: skip
        st.write(words.format(n=wording.count(len(worst)), all=wording.count(len(part))))
        examples.draw(found, part, worst, key=f"worst.{part.part}")
    looks.draw(found)
    reliability.draw(found)
    feature_map.draw(found)
    label = _("Look inside: what tuning changed")
    travel.link("inside", label, {"run": found.run.id}, icon=":material/visibility:")
    again.draw(found)
    folds(found)


def folds(found: Judged) -> None:
    """Draw what is folded away: why, and the command."""
    with st.expander(_("Why?")):
        st.write(
            _("A score says how often a model is right; the matrix says what it is wrong about. "
              "Many mistakes between two classes: bring more examples that tell these two apart, "
              "or make them one class. Sure mistakes: look at the label first. Whoever corrects "
              "labels only where the model disagrees moves them towards the model, which makes "
              "the next score a little kind; look at some that it got right, too.")
        )  # fmt: skip
    own = {"run": found.run.id}
    if model.is_final(found.run):
        travel.link("tryit", _("Try it"), own, icon=":material/quick_reference:")
    travel.link("watch", _("Watch this run"), own, icon=":material/show_chart:")
    commands.fold(commands.results(found.run.id))


asked = here().run
if not asked:
    choose()
else:
    state = store.read_run(asked)
    if state.spec.kind == "explain":
        travel.go("results", {"run": state.spec.run})
    if state.spec.kind != "train":
        travel.go("watch", {"run": state.id})
    seen = None if state.is_active else judged.judged(state)
    if seen is None:
        nothing_yet(state)
    else:
        show(seen)
