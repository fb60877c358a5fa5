"""Panels that look again by themselves hear what was pressed, and arrive where one wished to go."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def _changing_panel() -> None:
    """A page whose panel finds at every look that the state has changed, the first three times."""
    import streamlit as st

    from pages.ui import travel

    travel.begin()
    st.session_state["whole"] = st.session_state.get("whole", 0) + 1

    def changing() -> None:
        if st.session_state["whole"] < 3:
            travel.again()
        if st.button("Press"):
            st.session_state["heard"] = True

    travel.poll(changing, 1.0)


def test_a_change_has_the_whole_page_drawn_once_more() -> None:
    app = AppTest.from_function(_changing_panel).run()
    assert app.session_state["whole"] == 3


def test_what_was_pressed_as_the_state_changed_is_heard() -> None:
    app = AppTest.from_function(_changing_panel).run()
    app.session_state["whole"] = 0
    app.button[0].click().run()
    assert app.session_state["heard"]
    assert app.session_state["whole"] == 3


def _page_whose_run_is_gone() -> None:
    """A page that looks for news of what was deleted meanwhile."""
    import streamlit as st

    from pages.ui import travel
    from tl_core.errors import InputError

    def news() -> object:
        raise InputError([])

    travel.begin()
    travel.poll(lambda: st.caption("explained"), 1.0, news=news)


def test_what_is_gone_is_left_to_the_panel_to_explain() -> None:
    app = AppTest.from_function(_page_whose_run_is_gone).run()
    assert not app.exception
    assert app.caption[0].value == "explained"
