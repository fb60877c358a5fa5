"""What numbers mean, beside them: the definition and its source, one click or touch away."""

from __future__ import annotations

import streamlit as st

from pages.ui import text
from tl_core import glossary
from tl_core.i18n import _


def told(*ids: str) -> str:
    """Return definitions with their sources, as Markdown for a `help` or a paragraph."""
    return "\n\n".join(_told(glossary.term(term_id)) for term_id in ids)


def everything() -> None:
    """Draw every definition, by the alphabet."""
    for term in sorted(glossary.terms().values(), key=lambda term: _(term.title).casefold()):
        st.markdown(_told(term))


def meanings(*ids: str, key: str) -> None:
    """Draw what opens the definitions of the numbers beside it."""
    with st.popover(
        _("What these numbers mean"), type="tertiary", icon=":material/help:", key=f"terms.{key}"
    ):
        st.markdown(told(*ids))


def _told(term: glossary.Term) -> str:
    named = f"**{text.escape(_(term.title))}** ({text.escape(_(term.technical))})"
    source = _("Source: {source}").format(source=term.source)
    return f"{named}: {text.escape(_(term.text))} :small[:gray[{text.escape(source)}]]"
