"""A small look for news in place of drawing a page anew every second, and how often to look.

A panel of charts takes ten times as long to draw as it takes to see that nothing has happened. So
the timer runs a fragment that draws nothing; where there is news, the browser asks for the panel.
"""

from __future__ import annotations

import math
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from tl_core.runs.state import RunState

STEP_SECONDS = 2.0
"""So often one watcher is shown the batches of the epoch that runs now."""
SHARE_SECONDS = 0.5
"""With more of them each waits longer, so that all together take no more of the machine."""
LOOK_SHARE_SECONDS = 0.25
"""With more than four watchers each looks less often, too. Training uses every core, so that what
the server takes of one holds up all; twenty who watch cost a run 6 % (`benchmarks/watching.py`)."""

_GONE_LOOKS = 5  # who has missed so many looks has left
_ME, _COUNT, _DRAWN = "pulse.me", "pulse.count", "pulse.drawn"

_ask = st.components.v2.component(
    "thaw_pulse",
    js="""
export default function ({ data, setTriggerValue }) {
  if (data.news) setTriggerValue("news", data.news)
}
""",
)

_looked: dict[str, float] = {}  # who watches, and until when that is believed
_looked_lock = threading.Lock()

News = Callable[[], object]
"""Gives what is equal as long as there is nothing new to be drawn."""


def drawn(news: object) -> None:
    """Note what was known when the panel was drawn, once it has been drawn whole."""
    st.session_state[_DRAWN] = news


def look(news: News, panel_key: str, seconds: float) -> None:
    """Look for news, and have the fragment of that key run again if there is any.

    `seconds` is after how long one who watches alone looks again.
    """
    _note(seconds)
    is_new = st.session_state.get(_DRAWN) != news()
    if is_new:
        st.session_state[_COUNT] = st.session_state.get(_COUNT, 0) + 1
    told = st.session_state[_COUNT] if is_new else 0
    _ask(key="pulse.ask", data={"news": told}, on_news_change=lambda: st.rerun(panel_key))


def _note(seconds: float) -> None:
    """Note that this session is watching."""
    me = st.session_state.setdefault(_ME, uuid.uuid4().hex)
    now = time.monotonic()
    with _looked_lock:
        _looked[me] = now + _GONE_LOOKS * _wait(seconds)
        for one in [one for one, until in _looked.items() if until < now]:
            del _looked[one]


def every(seconds: float) -> float:
    """Return after how long to look again; a whole number of times as long as one alone waits."""
    with _looked_lock:
        return _wait(seconds)


def _wait(seconds: float) -> float:
    return seconds * max(1, math.ceil(LOOK_SHARE_SECONDS * len(_looked) / seconds))


def pace() -> float:
    """Return after how many seconds it is worth to draw mere batches again."""
    return max(STEP_SECONDS, SHARE_SECONDS * len(_looked))


def of_run(run: RunState) -> tuple[RunState, int]:
    """Return what makes news of a run: everything but its clock; batches at a pace of their own."""
    at_rest = replace(run, progress=None, seconds=0.0, updated=0.0, last_seq=0)
    return at_rest, int(run.updated / pace()) if run.progress else 0
