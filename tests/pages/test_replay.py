"""The clock of a replay: by itself at its speed, never beyond the end."""

from __future__ import annotations

import time

from streamlit.testing.v1 import AppTest

from pages.ui.replay import SECONDS, SPEEDS, Clock, epoch_at


def test_it_goes_on_at_its_speed_and_ends() -> None:
    clock = Clock(at=3, since=100.0, seconds=2.0)
    assert [epoch_at(clock, now, 6) for now in (100.0, 101.9, 102.0, 105.0, 500.0)] == [
        3,
        3,
        4,
        5,
        6,
    ]


def test_at_rest_no_time_goes_by() -> None:
    assert epoch_at(Clock(at=4), 1e9, 10) == 4
    assert epoch_at(Clock(at=4), 1e9, 2) == 2


def test_every_speed_but_by_hand_has_its_seconds() -> None:
    assert set(SPEEDS) - set(SECONDS) == {"step"}
    assert SECONDS["slow"] > SECONDS["normal"] > SECONDS["fast"]


def _page() -> None:
    import streamlit as st

    from pages.ui import replay

    replay.wake("one", 3)
    replay.controls("one", 3)
    st.write(f"epoch {replay.epoch('one', 3)}, playing {replay.is_playing('one')}")


def test_step_by_step_and_on_its_own() -> None:
    page = AppTest.from_function(_page).run()
    assert page.markdown[0].value == "epoch 0, playing False"
    page.button(key="one.next").click().run()
    assert page.markdown[0].value == "epoch 1, playing False"
    page.button(key="one.play").click().run()
    assert page.markdown[0].value == "epoch 1, playing True"
    page.button(key="one.pause").click().run()
    assert page.markdown[0].value.endswith("playing False")
    page.get("button_group")[0].set_value("step").run()
    assert not page.exception
    assert [button.label for button in page.button] == ["Next epoch"]


def test_while_nobody_looks_nothing_goes_by() -> None:
    page = AppTest.from_function(_page).run()
    now = time.monotonic()
    page.session_state["one.clock"] = Clock(at=1, since=now - 1000, seconds=1.5)
    page.session_state["one.seen"] = now - 998
    page.run()
    assert page.markdown[0].value == "epoch 2, playing False"
