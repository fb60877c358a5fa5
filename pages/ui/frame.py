"""What every page stands in: the way in, links to other pages, the border for errors, the head."""

from __future__ import annotations

import contextlib
import functools
import logging
from collections.abc import Callable, Iterator
from typing import Any

import streamlit as st

from pages.ui import text, travel
from tl_core.errors import InputError, Issue, RunFailed
from tl_core.i18n import _

READING_PX = 760
CHARTS_PX = 1100

_log = logging.getLogger(__name__)


def require_frame(name: str) -> None:
    """Send a session that came straight to a page through app.py first; call it at the top.

    A server that has not run `st.navigation` yet takes the folder `pages/` for the whole app and
    runs the page file alone.
    """
    if "frame" not in st.session_state:
        st.session_state["frame.page"] = travel.file(name)
        st.session_state["frame.query"] = st.query_params.to_dict()
        st.switch_page("app.py")


def resume() -> None:
    """Go on to the page that `require_frame` interrupted, with its query."""
    page = st.session_state.pop("frame.page", None)
    if page:
        st.switch_page(page, query_params=st.session_state.pop("frame.query", None))


@contextlib.contextmanager
def border() -> Iterator[None]:
    """Show what a person can mend with its fix; log everything else whole and say it shortly."""
    try:
        yield
    except InputError as error:
        show_issues(error.issues)
        way_out()
    except RunFailed as error:
        show_issues([Issue("", error.message, error.fix)])
        way_out()
    except Exception:
        _log.exception("a page failed")
        st.error(
            _("Something went wrong inside Thaw. Your data and runs are safe; the log of the "
              "server has the details.")
        )  # fmt: skip
        way_out()


def bordered(function: Callable[..., None]) -> Callable[..., None]:
    """Put the border around a function that a fragment runs by itself."""

    @functools.wraps(function)
    def inside(*args: Any, **kwargs: Any) -> None:
        with border():
            function(*args, **kwargs)

    return inside


def show_issues(issues: tuple[Issue, ...] | list[Issue]) -> None:
    """Show each problem with its place and its fix."""
    for issue in issues:
        parts = [text.escape(issue.message), text.escape(issue.fix)]
        where = f"**{text.escape(issue.field)}**: " if issue.field else ""
        st.error(where + " ".join(part for part in parts if part))


def way_out() -> None:
    """Offer the two pages that always work."""
    with st.container(horizontal=True):
        travel.link("start", _("Go to Start"), icon=":material/arrow_back:")
        travel.link("runs", _("See all runs"), icon=":material/list:")


def head(question: str, answer: str = "", *, told: str | None = None) -> None:
    """Draw the title, which is a question, and the answer in large type; `told` defines it."""
    with reading():
        st.title(f":gray[{question}]", anchor=False)
        if answer:
            st.header(answer, anchor=False, help=told)


def reading() -> Any:
    """Return a container as wide as one likes to read; charts may be wider."""
    return st.container(width=READING_PX, gap=None)
