"""From page to page, and pages that look again by themselves; the two must not meet.

A page with a timer goes on asking while the server switches to another page. Streamlit answers
such a late question under the old page's name, and the browser then drops the new page's content.
So where timers may be ticking, the browser itself follows a link: it stops its timers first.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NoReturn
from urllib.parse import urlencode

import streamlit as st

from pages.ui import language, pulse
from tl_core.errors import InputError
from tl_core.i18n import _

_NOW, _BEFORE = "travel.polls", "travel.polled"
_WISH = "travel.wish"
_AGAIN = "travel.again"
_KEY = "travel"
_POLLED = "travel.polled"

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

# A link from a page to itself changes what the server is asked for, not the address that the
# browser shows; whatever is pressed next would be asked for at the old one. And a page that is
# drawn quickly stands scrolled as far down as the one that was left, its answer out of sight.
_address = st.components.v2.component(
    "thaw_address",
    js="""
let seen = "", stood = null
export default function ({ data }) {
  const told = JSON.stringify(data)
  if (told === seen) return
  seen = told
  const asked = new URLSearchParams(data.query)
  const place = [data.page, asked.get("lesson"), asked.get("flight")].join()
  if (stood !== null && stood !== place)
    document.querySelector("[data-testid=stMain]")?.scrollTo({ top: 0, behavior: "instant" })
  stood = place
  const page = location.pathname.replace(/\\/+$/, "").split("/").pop()
  const query = asked.toString()
  if (page !== data.page || new URLSearchParams(location.search).toString() === query) return
  history.replaceState(history.state, "", location.pathname + (query ? `?${query}` : ""))
}
""",
)


def arrived(page: str) -> None:
    """Have the browser show the address of what was drawn, and its top if it is another page.

    Args:
        page: the last part of its path.
    """
    pairs = [(key, one) for key in st.query_params for one in st.query_params.get_all(key)]
    _address(key="travel.address", data={"page": page, "query": urlencode(pairs)})


def file(name: str) -> str:
    """Return the file of a page, as Streamlit wants to hear it."""
    return f"pages/{name}.py"


def link(name: str, label: str, query: dict[str, str] | None = None, **options: Any) -> None:
    """Draw a link to a page, in the same language."""
    st.page_link(file(name), label=label, query_params=language.kept(query), **options)


def begin() -> None:
    """Begin a whole run: whoever wished to travel has arrived; count timers anew."""
    st.session_state.pop(_WISH, None)
    st.session_state.pop(_AGAIN, None)
    st.session_state[_BEFORE] = st.session_state.get(_NOW, False)
    st.session_state[_NOW] = False


def poll(
    panel: Callable[..., None],
    seconds: float | None,
    *args: Any,
    news: Callable[..., object] | None = None,
) -> None:
    """Draw `panel`, again every so many seconds by itself; None draws it once.

    Its name should be its own: Streamlit tells fragments apart by name and place only.

    Args:
        panel: draws, given `args`.
        seconds: between two looks; with `news` and many who watch, more (`pulse.every`).
        args: of both.
        news: gives what is equal as long as nothing new is to be drawn; then nothing is. There can
            be one such panel on a page.
    """

    @functools.wraps(panel)
    def unless_leaving(*args: Any) -> None:
        # A tick may have drawn over the link of the run before, unseen.
        if wish := st.session_state.get(_WISH):
            _lead(*wish)
            return
        if news is None:
            panel(*args)
        else:
            known = _known(news, *args)
            panel(*args)
            pulse.drawn(known)
        if st.session_state.pop(_AGAIN, False):
            st.rerun()

    if seconds is not None:
        st.session_state[_NOW] = True
    if news is None:
        st.fragment(unless_leaving, run_every=seconds)(*args)
        return
    st.fragment(unless_leaving, key=_POLLED)(*args)
    if seconds is not None:
        every = pulse.every(seconds)
        st.fragment(_look, run_every=every)(news, seconds, every, *args)


def _look(news: Callable[..., object], seconds: float, every: float, *args: Any) -> None:
    if st.session_state.get(_WISH):
        return
    pulse.look(lambda: _known(news, *args), _POLLED, seconds)
    if pulse.every(seconds) != every:
        st.rerun()  # only a whole page sets its timer anew


def _known(news: Callable[..., object], *args: Any) -> object:
    """Return what is known; nothing where it is gone, which the panel explains."""
    try:
        return news(*args)
    except InputError:
        return None


def again() -> None:
    """Have the whole page drawn once more when the panel of `poll` is through.

    Not before: whatever was pressed since its last look is heard only by the buttons it draws.
    """
    st.session_state[_AGAIN] = True


def go(name: str, query: dict[str, str] | None = None) -> NoReturn:
    """Leave for another page; nothing after this call is run."""
    if not (st.session_state.get(_NOW) or st.session_state.get(_BEFORE)):
        st.switch_page(file(name), query_params=language.kept(query))
    st.session_state[_WISH] = (name, query)
    _lead(name, query)
    st.stop()


def _lead(name: str, query: dict[str, str] | None) -> None:
    """Draw a link that the browser follows by itself."""
    with st.container(key=_KEY):
        link(name, _("Go on"), query)
    _follow(key="travel.follow")
