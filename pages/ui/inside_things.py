"""What to look at from inside: something brought, one of the person's own examples, or a sample."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui import bringing
from pages.ui.insides import Thing
from tl_core.data import samples
from tl_core.data.dataset import Dataset, Example
from tl_core.i18n import _

SENTENCE = "The bank raised its interest rates while we sat on the bank of the river."
"""To begin with: one word in two meanings, in the language of the base that is here."""
OF_A_CLASS, CLASSES = 3, 12
"""Examples that are offered, so many at most."""
_LETTERS = 60


def choose(key: str, modality: str, dataset: Dataset | None) -> Thing:
    """Draw the ways to choose something, and return what was chosen last.

    Args:
        key: of the page and the kind of data.
        modality: picture or text.
        dataset: the person's own data of that kind, if there are any.
    """
    if given := bringing.something(key, modality, single=True):
        name, content = given[0]
        told = {"picture": _("your picture {name}"), "text": _("your text")}[modality]
        st.session_state[_of(key)] = Thing(name, content.read(), told.format(name=name))
        bringing.taken(key)
        st.rerun()
    if dataset is not None:
        _offer(key, dataset)
    kept = st.session_state.get(_of(key))
    if not isinstance(kept, Thing):
        kept = _first(modality, dataset)
    return kept


def _of(key: str) -> str:
    return f"{key}.thing"


def _offer(key: str, dataset: Dataset) -> None:
    """Offer some of the person's own examples, spread over the classes."""
    offered = _spread(dataset)

    def take() -> None:
        example = st.session_state.get(f"{key}.example")
        if isinstance(example, Example):
            st.session_state[_of(key)] = _thing(example, dataset)

    st.selectbox(
        _("Or one of your own"),
        offered,
        index=None,
        format_func=lambda example: _label(example, dataset),
        placeholder=_("Choose"),
        key=f"{key}.example",
        on_change=take,
    )


def _spread(dataset: Dataset) -> Sequence[Example]:
    found: list[Example] = []
    for label in range(min(len(dataset.classes), CLASSES)):
        own = [one for one in dataset.examples if one.label == label and one.split != "test"]
        # Neighbours in a folder are often alike.
        found += own[:: max(1, len(own) // OF_A_CLASS)][:OF_A_CLASS]
    return found


def _label(example: Example, dataset: Dataset) -> str:
    shown = " ".join((example.text or example.name).split())[:_LETTERS]
    return f"{dataset.classes[example.label]}: {shown}"


def _thing(example: Example, dataset: Dataset) -> Thing:
    told = _("{name}, of the class {label}")
    words = told.format(name=example.name, label=dataset.classes[example.label])
    if dataset.modality == "text":
        return Thing("text.txt", example.text.encode("utf-8", "replace"), words)
    return Thing(f"picture{example.path.suffix}", example.path.read_bytes(), words)


def _first(modality: str, dataset: Dataset | None) -> Thing:
    """Return what to look at before anybody has chosen."""
    if dataset is not None and (offered := _spread(dataset)):
        return _thing(offered[0], dataset)
    if modality == "text":
        return Thing("text.txt", SENTENCE.encode(), _("a sample sentence"))
    path, credit = samples.photograph()
    return Thing(path.name, path.read_bytes(), credit)
