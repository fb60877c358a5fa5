"""From page to page, and pages that look again by themselves; the two must not meet.

A page with a timer goes on asking while the server switches to another page. Streamlit answers
such a late question under the old page's name, and the browser then drops the new page's content.
So where timers may be ticking, the browser itself follows a link: it stops its timers first.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NoReturn

import streamlit as st

from tl_core.i18n import _

_NOW, _BEFORE = "travel.polls", "travel.polled"
_WISH = "travel.wish"
_AGAIN = "travel.again"
_KEY = "travel"

_follow = st.components.v2.component(
    "thaw_follow",
    js="""
export default function () {
  let tries = 60
  const follow = () => {
    const link = document.querySelector(".st-key-travel a")
    if (link) link.click()
    else if (tries-- > 0) requestAnimationFrame(follow)
  }
  follow()
}
""",
)


def file(name: str) -> str:
    """Return the file of a page, as Streamlit wants to hear it."""
    return f"pages/{name}.py"


def link(name: str, label: str, query: dict[str, str] | None = None, **options: Any) -> None:
    """Draw a link to a page."""
    st.page_link(file(name), label=label, query_params=query, **options)


def begin() -> None:
    """Begin a whole run: whoever wished to travel has arrived; count timers anew."""
    st.session_state.pop(_WISH, None)
    st.session_state.pop(_AGAIN, None)
    st.session_state[_BEFORE] = st.session_state.get(_NOW, False)
    st.session_state[_NOW] = False


def poll(panel: Callable[..., None], seconds: float | None, *args: Any) -> None:
    """Draw `panel`, again every so many seconds by itself; None draws it once.

    Its name should be its own: Streamlit tells fragments apart by name and place only.
    """

    @functools.wraps(panel)
    def unless_leaving(*args: Any) -> None:
        # A tick may have drawn over the link of the run before, unseen.
        if wish := st.session_state.get(_WISH):
            _lead(*wish)
            return
        panel(*args)
        if st.session_state.pop(_AGAIN, False):
            st.rerun()

    if seconds is not None:
        st.session_state[_NOW] = True
    st.fragment(unless_leaving, run_every=seconds)(*args)


def again() -> None:
    """Have the whole page drawn once more when the panel of `poll` is through.

    Not before: whatever was pressed since its last look is heard only by the buttons it draws.
    """
    st.session_state[_AGAIN] = True


def go(name: str, query: dict[str, str] | None = None) -> NoReturn:
    """Leave for another page; nothing after this call is run."""
    if not (st.session_state.get(_NOW) or st.session_state.get(_BEFORE)):
        st.switch_page(file(name), query_params=query)
    st.session_state[_WISH] = (name, query)
    _lead(name, query)
    st.stop()


def _lead(name: str, query: dict[str, str] | None) -> None:
    """Draw a link that the browser follows by itself."""
    with st.container(key=_KEY):
        link(name, _("Go on"), query)
    _follow(key="travel.follow")
