"""The border around pages: what can be mended is explained, the rest is logged and kept short."""

from __future__ import annotations

import logging

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.ui import frame
from tests.pages.handmade import said

PAGE = """
import streamlit as st
from pages.ui import frame
with frame.border():
    {body}
"""


@pytest.fixture(autouse=True)
def _no_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A script of one page has nothing to link to."""
    monkeypatch.setattr(frame, "way_out", lambda: st.caption("the way out"))


def page(body: str) -> AppTest:
    return AppTest.from_string(PAGE.format(body=body)).run()


def test_every_issue_is_shown_with_its_fix() -> None:
    app = page(
        "from tl_core.errors import InputError, Issue; "
        "raise InputError([Issue('a', 'One.', 'Do this.'), Issue('b', 'Two.', 'Do that.')])"
    )
    assert [e.value for e in app.error] == [
        "**a**: One\\. Do this\\.", "**b**: Two\\. Do that\\."
    ]  # fmt: skip
    assert "the way out" in said(app)


def test_a_failed_start_is_explained() -> None:
    app = page(
        "from tl_core.errors import RunFailed; "
        "raise RunFailed('disk_full', 'No room.', 'Free some.')"
    )
    assert "No room. Free some." in said(app)


def test_a_defect_is_logged_whole_and_said_shortly(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        app = page("raise ZeroDivisionError('secret detail')")
    assert "Something went wrong inside Thaw" in said(app)
    assert "secret" not in said(app)
    assert "secret detail" in caplog.text
    assert not app.exception


def test_a_rerun_is_no_error() -> None:
    app = page("st.write('once'); st.stop()")
    assert not app.error
