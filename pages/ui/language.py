"""The language of a browser session: the address has it, so that a link brings it along.

Where the address has none it is that of the computer, else that of the browser.
"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import parse_qs

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from tl_core import i18n
from tl_core.i18n import LANGUAGES, _

PARAM = "lang"
_KEY = "language.chosen"

# Screen readers choose their voice by it; Streamlit says English whatever a page speaks.
_declared = st.components.v2.component(
    "thaw_language",
    js="export default ({ data }) => { document.documentElement.lang = data }",
)


_of_computer = ""
"""The language that the environment asks for; empty if it is none of ours."""


def begin() -> None:
    """Have each text in the language of the session that it is made for."""
    global _of_computer
    _of_computer = i18n.from_environment()
    i18n.follow(_of_session)


def _of_session() -> str:
    """Return the language of this session.

    It is asked for each text, some hundreds of times for a page. Looked up in `st.query_params`
    and the environment every time, it took nearly half of drawing Watch.
    """
    if get_script_run_ctx(suppress_warning=True) is None:
        return i18n.from_environment()
    return _asked() or _of_computer or i18n.known(st.context.locale or "")


def _asked() -> str:
    session = get_script_run_ctx()
    return _asked_in(session.query_string) if session else ""


@lru_cache(maxsize=256)
def _asked_in(query: str) -> str:
    return i18n.known(parse_qs(query).get(PARAM, [""])[-1])


def kept(query: dict[str, str] | None) -> dict[str, str] | None:
    """Return the query of a link, with the language if the address has one."""
    asked = _asked()
    return {**(query or {}), PARAM: asked} if asked else query


def switch() -> None:
    """Draw the choice of a language; the address changes with it, the place does not."""
    st.session_state[_KEY] = i18n.language()
    st.selectbox(
        _("Language"), list(LANGUAGES), format_func=LANGUAGES.__getitem__, key=_KEY,
        on_change=_choose,
    )  # fmt: skip
    _declared(data=i18n.language(), key="language.declared")


def _choose() -> None:
    st.query_params[PARAM] = st.session_state[_KEY]
