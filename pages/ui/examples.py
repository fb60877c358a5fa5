"""Held-out examples one by one: what each is, what it was taken for, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from pages.ui import mending, pictures, text, weighed
from pages.ui.judged import Judged
from tl_core import wording
from tl_core.analysis import looks
from tl_core.analysis.answers import Answers
from tl_core.analysis.looks import Looked
from tl_core.data import edits, parts
from tl_core.data.dataset import Dataset, Example
from tl_core.data.edits import Edit
from tl_core.data.store import dataset_dir
from tl_core.i18n import _
from tl_core.runs import store

SHOWN = 8
CARD_PX = 220
"""Narrowest; below twice that the cards stand in one column."""
_LETTERS = 300


def draw(found: Judged, answers: Answers, places: Iterable[int], *, key: str) -> None:
    """Draw some of the answers, each with its ways out; more on demand."""
    chosen = list(places)
    most_key = f"results.most.{key}"
    most = st.session_state.get(most_key, SHOWN)
    known, looked = found.examples(), found.looks()
    changed = _changes(found.now)
    with st.grid(4, min_column_width=CARD_PX):
        for place in chosen[:most]:
            with st.container(border=True, height="stretch"):
                example = known.get(int(answers.rows[place]))
                if example is None:
                    st.caption(_("This example is no longer on this computer."))
                else:
                    _look(found, example, looked.of(example.row) if looked else None)
                    _card(found, answers, place, example, changed, key=key)
    if len(chosen) > most:
        left = wording.count(len(chosen) - most)
        label = _("Show more ({n} left)").format(n=left)
        if st.button(label, key=f"results.more.{key}"):
            st.session_state[most_key] = most + 2 * SHOWN
            st.rerun()


def _card(
    found: Judged,
    answers: Answers,
    place: int,
    example: Example,
    changed: dict[int, int],
    *,
    key: str,
) -> None:
    st.caption(text.escape(_verdict(answers, place)))
    if found.now is None:
        return
    row = example.row
    if row in changed:
        _changed(found.now, row, changed[row], key=key)
    else:
        _ways_out(found.now, answers, place, row, key=key)


def _look(found: Judged, example: Example, looked: Looked | None) -> None:
    """Draw an example, with where the model looked where that is known."""
    if looked is None:
        show(example, found.modality)
    elif looked.words:
        st.markdown(weighed.marked({"words": looked.words, "rest": looked.rest}))
    else:
        path = looks.picture(store.run_dir(found.run.id), example.row)
        if not path.is_file():
            show(example, found.modality)
            return
        told = looks.where(looked)
        alt = _("{name} as the model sees it, and lit where it looked. {where}")
        st.image(path.read_bytes(), width="stretch", alt=alt.format(name=example.name, where=told))
        st.caption(told)


def show(example: Example, modality: str) -> None:
    """Draw a picture, or the beginning of a text."""
    if modality == "picture":
        alt = _("{name}").format(name=example.name)
        st.image(pictures.small(str(example.path)), width=2 * pictures.EDGE_PX, alt=alt)
    else:
        line = " ".join(example.text.split())
        st.write(text.escape(line if len(line) <= _LETTERS else line[: _LETTERS - 1] + "…"))


def _verdict(answers: Answers, place: int) -> str:
    label, given = int(answers.labels[place]), int(answers.given[place])
    told = (
        _("rightly {given}, {share} sure")
        if label == given
        else _("labelled {label}, taken for {given}, {share} sure")
    )
    return told.format(
        label=answers.classes[label],
        given=answers.classes[given],
        share=wording.percent(float(answers.sure[place])),
    )


def _ways_out(now: Dataset, answers: Answers, place: int, row: int, *, key: str) -> None:
    """Draw what can be done with an example; each is an entry of the edit log."""
    label, given = (answers.classes[int(n[place])] for n in (answers.labels, answers.given))
    with st.popover(_("Change"), key=f"results.change.{key}.{row}", width="stretch"):
        if label != given:
            words = _("It is {label}").format(label=text.escape(given))
            if st.button(words, key=f"results.is.{key}.{row}", width="stretch"):
                mending.apply(now.id, Edit("relabel", rows=(row,), label=given))
        others = [name for name in now.classes if name not in (label, given)]
        if others:
            chosen = st.selectbox(
                _("It is another class"),
                others,
                index=None,
                placeholder=_("Choose"),
                key=f"results.other.{key}.{row}",
            )
            if chosen in others:
                mending.apply(now.id, Edit("relabel", rows=(row,), label=chosen))
        if st.button(_("Leave it out"), key=f"results.drop.{key}.{row}", width="stretch"):
            mending.apply(now.id, Edit("drop", rows=(row,)))
        told = _("It is not learned from any more, and judges the next run once, at its end; with "
                 "whatever shows nearly the same.")  # fmt: skip
        if st.button(
            _("Only for the test"), key=f"results.test.{key}.{row}", width="stretch", help=told
        ):
            mending.apply(now.id, parts.for_test_only(now, row))


def _changed(now: Dataset, row: int, number: int, *, key: str) -> None:
    """Say what became of an example since the run, with the way back."""
    example = next((e for e in now.examples if e.row == row), None)
    if example is None:
        told = _("Left out since.")
    elif example.split == "test":
        told = _("Only for the test since.")
    else:
        told = _("Labelled {label} since.").format(label=now.classes[example.label])
    st.markdown(f":material/edit: {text.escape(told)}")
    if st.button(_("Take back"), key=f"results.undo.{key}.{row}", width="stretch"):
        mending.apply(now.id, Edit("undo", entry=number))


def _changes(now: Dataset | None) -> dict[int, int]:
    """Return the latest entry in force for each example that a person changed by itself."""
    if now is None:
        return {}
    log = edits.read_log(dataset_dir(now.id))
    live = edits.in_force(log)
    return {
        row: number
        for number, edit in enumerate(log, 1)
        if number in live and edit.by == "person" and edit.do in ("drop", "relabel", "part")
        for row in edit.rows
    }
