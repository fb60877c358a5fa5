"""The words that a text's class rests on, marked in the text itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.ui import text
from tl_core import wording
from tl_core.i18n import _
from tl_core.report.weighing import spoke
from tl_core.runs import store
from tl_core.runs.state import RunState


def fold(run: RunState) -> None:
    """Draw some held-out texts with the words that counted; nothing for a run without them."""
    told = store.weighed(run.id)
    if not told:
        return
    with st.expander(_("Which words counted")):
        st.write(
            _("Some held-out texts, its surest mistakes first. Each word was left out once: "
              ":blue-background[+ words] spoke for the class that the model gave, "
              ":orange-background[− words] against it (erasure). Of two words that say the same, "
              "each may seem to count for nothing.")
        )  # fmt: skip
        for one in told:
            st.caption(text.escape(_verdict(one)))
            st.markdown(marked(one))


def _verdict(one: Mapping[str, Any]) -> str:
    is_right = one["predicted"] == one["label"]
    told = (
        _("{name}: rightly {predicted}, {share} sure")
        if is_right
        else _("{name}: taken for {predicted}, {share} sure, but labelled {label}")
    )
    return told.format(
        name=one["name"],
        predicted=one["predicted"],
        label=one["label"],
        share=wording.percent(one["probability"]),
    )


def marked(one: Mapping[str, Any]) -> str:
    """Return a text as Markdown, its words escaped; those that counted on colour and signed."""
    return " ".join([*map(_word, one["words"]), text.escape(one["rest"])]).strip()


def _word(word: Mapping[str, Any]) -> str:
    shown = text.escape(word["text"])
    marks = {1: ":blue-background[+ {}]", -1: ":orange-background[− {}]", 0: "{}"}
    return marks[spoke(word["weight"])].format(shown)
