"""A clock for replays: from epoch to epoch by itself at a chosen speed, or step by step.

Where somebody has asked for reduced motion, nothing goes on by itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import streamlit as st

from tl_core.i18n import N_, _

BY_HAND = "step"
SPEEDS = {
    "slow": N_("Slow"),
    "normal": N_("Normal"),
    "fast": N_("Fast"),
    BY_HAND: N_("Step by step"),
}
SECONDS = {"slow": 3.0, "normal": 1.5, "fast": 0.5}
"""From one epoch to the next."""
LOOK_SECONDS = 0.25
GONE_SECONDS = 10.0
"""Who has not looked for so long has left the page; nothing should go by meanwhile."""
_STILL = "replay.still"

_motion = st.components.v2.component(
    "thaw_motion",
    js="""
const told = matchMedia("(prefers-reduced-motion: reduce)")
export default function ({ data, setStateValue }) {
  if (told.matches !== data.known) setStateValue("reduced", told.matches)
}
""",
)


@dataclass(frozen=True, slots=True)
class Clock:
    """Where a replay stands."""

    at: int = 0
    """The epoch it began at, or rests at."""
    since: float | None = None
    """When it began to go on by itself, as `time.monotonic` tells it; None while it rests."""
    seconds: float = SECONDS["normal"]
    """From one epoch to the next."""


def epoch_at(clock: Clock, now: float, last: int) -> int:
    """Return the epoch that a replay has come to, `last` at most."""
    gone = 0 if clock.since is None else int((now - clock.since) / clock.seconds)
    return min(clock.at + gone, last)


def epoch(key: str, last: int) -> int:
    """Return the epoch that the replay of that key has come to."""
    return epoch_at(_clock(key), time.monotonic(), last)


def look(key: str, last: int) -> int:
    """Return the epoch that the replay has come to, and note that somebody sees it."""
    st.session_state[_seen(key)] = time.monotonic()
    return epoch(key, last)


def wake(key: str, last: int) -> None:
    """Let a replay that nobody has seen for a while rest where it was seen last."""
    clock, seen = _clock(key), float(st.session_state.get(_seen(key), 0.0))
    if clock.since is not None and time.monotonic() - seen > GONE_SECONDS:
        rest(key, epoch_at(clock, max(seen, clock.since), last))


def is_playing(key: str) -> bool:
    """Tell whether the replay goes on by itself."""
    return _clock(key).since is not None


def rest(key: str, at: int) -> None:
    """Let the replay rest at an epoch."""
    st.session_state[_name(key)] = replace(_clock(key), at=at, since=None)


def play(key: str, at: int) -> None:
    """Let the replay go on by itself from an epoch, at the speed that is chosen."""
    seconds = SECONDS.get(st.session_state.get(f"{key}.speed", ""), SECONDS["normal"])
    now = time.monotonic()
    st.session_state[_name(key)] = Clock(at, now, seconds)
    st.session_state[_seen(key)] = now


def go_on(key: str, last: int) -> None:
    """Let the replay go on by itself, unless somebody goes on by hand."""
    if not st.session_state.get(_STILL) and st.session_state.get(f"{key}.speed") != BY_HAND:
        play(key, epoch(key, last))


def controls(key: str, last: int) -> None:
    """Draw what makes a replay go on: its speed, go on or pause, one epoch further."""
    is_still = _asks_for_less_motion()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if not is_still:
            st.segmented_control(
                _("Speed"),
                list(SPEEDS),
                format_func=lambda one: _(SPEEDS[one]),
                default="normal",
                required=True,
                key=f"{key}.speed",
                on_change=_change_speed,
                args=(key, last),
            )
        if is_playing(key):
            _button(_("Pause"), f"{key}.pause", ":material/pause:", _pause, key, last)
        elif not is_still and st.session_state.get(f"{key}.speed") != BY_HAND:
            _button(_("Go on"), f"{key}.play", ":material/play_arrow:", _play, key, last)
        _button(_("Next epoch"), f"{key}.next", ":material/skip_next:", _step, key, last)
    if is_still:
        st.caption(_("Your computer asks for less motion: you go on from epoch to epoch."))


def _asks_for_less_motion() -> bool:
    """Tell whether the browser's computer does; known from the moment it has said so."""
    known = bool(st.session_state.get(_STILL))
    told = _motion(key="replay.motion", data={"known": known}, on_reduced_change=lambda: None)
    if told.reduced is not None:
        known = st.session_state[_STILL] = bool(told.reduced)
    return known


def _button(
    label: str, name: str, icon: str, do: Callable[[str, int], None], key: str, last: int
) -> None:
    st.button(label, key=name, icon=icon, on_click=do, args=(key, last))


def _play(key: str, last: int) -> None:
    play(key, epoch(key, last))


def _pause(key: str, last: int) -> None:
    rest(key, epoch(key, last))


def _step(key: str, last: int) -> None:
    rest(key, min(epoch(key, last) + 1, last))


def _change_speed(key: str, last: int) -> None:
    """Go on from here at the new speed, or rest where it is to be gone by hand."""
    if st.session_state[f"{key}.speed"] == BY_HAND or not is_playing(key):
        rest(key, epoch(key, last))
    else:
        play(key, epoch(key, last))


def _clock(key: str) -> Clock:
    found: Clock = st.session_state.get(_name(key), Clock())
    return found


def _name(key: str) -> str:
    return f"{key}.clock"


def _seen(key: str) -> str:
    return f"{key}.seen"
