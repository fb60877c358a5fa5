"""A few of the texts, class by class."""

from __future__ import annotations

import streamlit as st

from pages.ui import text
from tl_core import wording
from tl_core.data.dataset import Dataset
from tl_core.i18n import _

MOST_OF_A_CLASS = 3
MOST_CLASSES = 8
MOST_LETTERS = 160


def by_class(dataset: Dataset) -> None:
    """Draw a few texts of each class; for many classes, of the first few."""
    shown = dataset.classes[:MOST_CLASSES]
    for label, name in enumerate(shown):
        own = [e.text for e in dataset.examples if e.label == label]
        n = wording.examples(len(own), dataset.modality)
        st.markdown(f"**{text.escape(name)}** :small[{n}]")
        # Spread over the class: neighbours in a table are often alike.
        some = own[:: max(1, len(own) // MOST_OF_A_CLASS)][:MOST_OF_A_CLASS]
        st.markdown("\n".join(f"- {text.escape(_short(one))}" for one in some))
    left = len(dataset.classes) - len(shown)
    if left:
        st.caption(_("and {classes} more").format(classes=text.classes(left)))


def _short(words: str) -> str:
    """Return the beginning of a text on one line."""
    line = " ".join(words.split())
    return line if len(line) <= MOST_LETTERS else line[: MOST_LETTERS - 1].rstrip() + "…"
