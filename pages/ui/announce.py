"""Sentences that a screen reader says when they change, politely: after what it is saying."""

from __future__ import annotations

import streamlit as st

APART_SECONDS = 10
"""Epochs may end every second; so often nobody wants to hear how it goes."""

_said = st.components.v2.component(
    "thaw_said",
    html="""
<div class="thaw-said" role="status" aria-live="polite" aria-atomic="true"></div>
""",
    css="""
.thaw-said { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; }
""",
    js="""
const waiting = new WeakMap()

export default function ({ data, parentElement }) {
  const box = parentElement.querySelector(".thaw-said")
  const state = waiting.get(box) ?? { last: -Infinity, timer: 0 }
  waiting.set(box, state)
  state.words = data.words
  // Words that stand there already are not put there again: they would be said again.
  const say = () => {
    state.timer = 0
    if (box.textContent === state.words) return
    box.textContent = state.words
    state.last = Date.now()
  }
  const wait = state.last + 1000 * data.apart - Date.now()
  if (wait <= 0) say()
  else state.timer ||= setTimeout(say, wait)
}
""",
)


def politely(words: str, *, key: str) -> None:
    """Have words said, unseen, if they differ from those said last under this key."""
    _said(key=key, data={"words": words, "apart": APART_SECONDS})
