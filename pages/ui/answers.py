"""What a model says of new examples: asked for, remembered in the session, and drawn."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st
from PIL import Image, ImageOps

from pages.ui import pictures, text, weighed
from pages.ui.bringing import Given
from tl_core import data, wording
from tl_core.analysis import looks
from tl_core.data import asked
from tl_core.data.dataset import Dataset
from tl_core.data.layout import Entry
from tl_core.errors import InputError, Issue, RunFailed
from tl_core.i18n import _
from tl_core.report import answers
from tl_core.report.weighing import spoke
from tl_core.runs import asking, store
from tl_core.runs.state import RunState

NEAR = 3
"""Training examples shown beside an answer."""
BATCH = 32
"""Files asked about at once, so that progress shows; of no more it is told where the model looks,
which takes as long as the answer again."""
PICTURE_PX = 320
LOOKED_AT = 200
"""Of many files, those whose picture is kept to be looked at."""
TEXT_CHARS = 160
NEAR_PX, TEXT_PX = 160, 320
"""Width of a training example beside the others."""


@dataclass(frozen=True)
class Shown:
    """What was asked last, as the session remembers it."""

    answers: tuple[dict[str, Any], ...] = ()
    pictures: tuple[bytes | None, ...] = ()
    """A JPEG of each of the first files, where it could be read."""
    epoch: int | None = None
    """Of the weights that answered, while the run goes on."""
    issues: tuple[Issue, ...] = ()


def last(run_id: str) -> Shown:
    """Return what was asked last of a run."""
    found = st.session_state.get(_key(run_id))
    return found if isinstance(found, Shown) else Shown()


def ask(run: RunState, modality: str, given: Given) -> None:
    """Ask the run's model and remember what it says, or why it cannot; nothing else is kept."""
    try:
        with asked.uploaded(given) as entries:
            shown = _asked(run, modality, entries)
    except InputError as error:
        shown = Shown(issues=error.issues)
    except RunFailed as error:
        shown = Shown(issues=(Issue("", error.message, error.fix),))
    st.session_state[_key(run.id)] = shown


def _key(run_id: str) -> str:
    return f"tryit.said.{run_id}"


def _asked(run: RunState, modality: str, entries: Sequence[Entry]) -> Shown:
    is_one = len(entries) == 1
    why = is_one if modality == "text" else len(entries) <= BATCH
    said: list[dict[str, Any]] = []
    seen: list[bytes | None] = []
    epoch = None
    bar = st.progress(0.0, _("Asking the model"))
    for start in range(0, len(entries), BATCH):
        some = entries[start : start + BATCH]
        told = asking.ask(run.id, [entry.path for entry in some], near=NEAR, why=why)
        epoch = told.epoch
        for entry, answer in zip(some, told.answers, strict=True):
            said.append(answer | {"file": entry.name})
            if len(seen) < LOOKED_AT:
                seen.append(_picture(entry, answer) if modality == "picture" else None)
        done = start + len(some)
        words = _("Asking the model: {done} of {total}")
        counted = {"done": wording.count(done), "total": wording.count(len(entries))}
        bar.progress(done / len(entries), words.format(**counted))
    bar.empty()
    if is_one and "issue" in said[0]:
        issue = replace(Issue(**said[0]["issue"]), field=entries[0].name)
        return Shown(issues=(issue,))
    return Shown(tuple(said), tuple(seen), epoch)


def _picture(entry: Entry, answer: Mapping[str, Any]) -> bytes | None:
    """Return a JPEG of a picture that the predictor has found sound."""
    if "issue" in answer:
        return None
    try:
        seen = data.read_picture(entry.path, draft_px=2 * PICTURE_PX)
    except OSError:
        return None
    buffer = io.BytesIO()
    ImageOps.contain(seen, (2 * PICTURE_PX, 2 * PICTURE_PX), Image.Resampling.LANCZOS).save(
        buffer, "JPEG", quality=85
    )
    return buffer.getvalue()


def headline(shown: Shown, modality: str) -> str:
    """Return the answer of the page in one sentence; holds untrusted text."""
    if len(shown.answers) == 1:
        return answers.headline(shown.answers[0], modality)
    good = [one for one in shown.answers if "issue" not in one]
    odd = sum(bool((one["unlike_training"] or {}).get("flag")) for one in good)
    bad = len(shown.answers) - len(good)
    parts = [_("{examples} answered").format(examples=wording.examples(len(good), modality))]
    if odd:
        parts.append(_("{n} of them not like your training data").format(n=wording.count(odd)))
    if bad:
        parts.append(_("{n} could not be used").format(n=wording.count(bad)))
    return "; ".join(parts) + "."


def draw(run: RunState, shown: Shown, dataset: Dataset) -> None:
    """Draw everything that was said."""
    place = _many(shown, dataset.modality) if len(shown.answers) > 1 else 0
    if "issue" not in shown.answers[place]:
        _one(run, shown, place, dataset)


def _many(shown: Shown, modality: str) -> int:
    """Draw the table of many answers; return the one to look at."""
    st.dataframe(
        answers.table(shown.answers),
        hide_index=True,
        column_config={_("File"): st.column_config.TextColumn(width="medium")},
        alt=headline(shown, modality),
    )
    st.download_button(
        _("Download as CSV"),
        answers.csv_text(shown.answers),
        file_name="predictions.csv",
        mime="text/csv",
        icon=":material/download:",
        key="tryit.csv",
    )
    good = [n for n, one in enumerate(shown.answers) if "issue" not in one]
    chosen = st.selectbox(
        _("Look at one"),
        good,
        format_func=lambda place: shown.answers[place]["file"],
        key="tryit.look",
    )
    return good[0] if chosen is None and good else int(chosen or 0)


def _one(run: RunState, shown: Shown, place: int, dataset: Dataset) -> None:
    """Draw one example with its classes, whether it is like the training data, and the nearest."""
    answer = shown.answers[place]
    left, right = st.columns([2, 3])
    with left:
        _thing(shown, place)
    with right:
        for guess in answer["top"]:
            share = guess["probability"]
            label = f"{text.escape(guess['label'])}: {wording.percent(share)}"
            st.progress(min(max(share, 0.0), 1.0), label)
        _likeness(answer, dataset.modality)
    _sight(run, answer)
    _nearest(answer, dataset)


def _thing(shown: Shown, place: int) -> None:
    """Draw what was asked about."""
    answer = shown.answers[place]
    jpeg = shown.pictures[place] if place < len(shown.pictures) else None
    if jpeg is not None:
        st.image(jpeg, width=PICTURE_PX, alt=answer["file"])
    elif answer.get("words"):
        st.markdown(weighed.marked(_as_weighed(answer)))
        st.caption(
            _("Each word was left out once: :blue-background[+ words] spoke for the first class, "
              ":orange-background[− words] against it (erasure).")
            if any(spoke(word["weight"]) for word in answer["words"])
            else _("Each word was left out once: none of them alone changes the answer (erasure).")
        )  # fmt: skip
    elif answer.get("text"):
        st.markdown(text.escape(answer["text"][: 4 * TEXT_CHARS]))


def _sight(run: RunState, answer: Mapping[str, Any]) -> None:
    """Draw where in a picture the model looks, if it has told, and how far that can be trusted."""
    found = looks.in_answer(answer)
    if found is None:
        return
    st.subheader(_("Where it looks"), anchor=False)
    left, right = st.columns([2, 3])
    where = looks.where(found)
    left.image(base64.b64decode(answer["lit"]), width=PICTURE_PX, alt=where)
    how = looks.HOW[answer["looks"]["how"]]
    means = _("Lit is what speaks for {label} ({how}), in the part of the picture that the model "
              "sees.")  # fmt: skip
    right.write(text.escape(where))
    told = (means.format(label=found.given, how=_(how)), *_doubts(run, answer["looks"]["edge"]))
    right.caption(text.escape(" ".join(filter(None, told))))


def _doubts(run: RunState, edge: int) -> tuple[str, ...]:
    """Return how far maps of where the model looks can be trusted."""
    kept = looks.read(store.run_dir(run.id))
    if kept and kept.head is not None:
        return (looks.verdict(kept),)
    measured = _("Whether such maps depend on what was learned is measured among its results.")
    return looks.coarse(edge), measured


def _as_weighed(answer: Mapping[str, Any]) -> dict[str, Any]:
    words = [{"text": one["word"], "weight": one["weight"]} for one in answer["words"]]
    rest = answer["text"].split()[len(words) :]
    return {"words": words, "rest": " ".join(rest)}


def _likeness(answer: Mapping[str, Any], modality: str) -> None:
    found = answer.get("unlike_training")
    if found is None:
        st.caption(_("Whether it is like the training data cannot be told without the base."))
        return
    told = text.escape(answers.likeness(found, modality))
    if found["flag"]:
        st.warning(f"{told} {text.escape(answers.warning(modality))}")
    else:
        st.caption(told)


def _nearest(answer: Mapping[str, Any], dataset: Dataset) -> None:
    """Draw the training examples most alike, as the base sees them."""
    near = answer.get("nearest") or ()
    if not near:
        return
    st.subheader(_("Nearest in your training data"), anchor=False)
    of_key = {example.key: example for example in dataset.examples}
    row = st.container(horizontal=True)
    width = NEAR_PX if dataset.modality == "picture" else TEXT_PX
    for one in near:
        example = of_key.get(one["key"])
        words = _("{label}, likeness {cosine}").format(
            label=one["label"], cosine=wording.number(one["cosine"])
        )
        with row.container(width=width):
            if example is not None and dataset.modality == "picture":
                alt = _("{name}, of the class {label}").format(name=one["name"], label=one["label"])
                pictures.one(example, alt=alt)
            elif example is not None:
                st.markdown(text.escape(example.text[:TEXT_CHARS]))
            st.caption(text.escape(words))
