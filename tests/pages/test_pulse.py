"""A look for news asks for a drawing where there is something new, and only there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import pulse
from tests.pages.conftest import Make
from tests.pages.handmade import epoch
from tl_core.data.dataset import Dataset
from tl_core.runs import store
from tl_core.spec import RunSpec


def _page() -> None:
    import streamlit as st

    from pages.ui import pulse

    if "first" not in st.session_state:
        st.session_state["first"] = True
        pulse.drawn(1)
    pulse.look(lambda: st.session_state.get("known", 1), "panel", 1.0)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What the browser is told at each look: 0 if there is nothing to ask for."""
    told: list[int] = []

    def ask(*, key: str, data: dict[str, int], on_news_change: Any) -> None:
        told.append(data["news"])

    monkeypatch.setattr(pulse, "_ask", ask)
    monkeypatch.setattr(pulse, "_looked", {})
    return told


@pytest.fixture(autouse=True)
def _nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "_looked", {})


def test_only_news_is_asked_for_and_each_look_asks_anew(asked: list[int]) -> None:
    app = AppTest.from_function(_page).run()
    app.run()
    app.session_state["known"] = 2
    app.run()
    app.run()
    assert asked == [0, 0, 1, 2]


def test_many_who_watch_wait_longer(asked: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    AppTest.from_function(_page).run()
    assert pulse.pace() == pulse.STEP_SECONDS
    assert pulse.every(1.0) == 1.0
    now = pulse.time.monotonic()
    monkeypatch.setattr(pulse, "_looked", {str(n): now + 9 for n in range(19)} | {"gone": now - 1})
    AppTest.from_function(_page).run()
    assert pulse.pace() == 20 * pulse.SHARE_SECONDS
    assert pulse.every(1.0) == 20 * pulse.LOOK_SHARE_SECONDS


def _watched_page() -> None:
    import streamlit as st

    from pages.ui import pulse, travel

    travel.begin()
    st.session_state["whole"] = st.session_state.get("whole", 0) + 1

    def others_come() -> None:
        """Have others come at the first look, which follows the drawing."""
        if pulse._looked:
            pulse._looked.update({str(n): pulse.time.monotonic() + 9 for n in range(19)})

    travel.poll(lambda: None, 1.0, news=others_come)


def test_the_page_sets_its_timer_anew_when_others_have_come(
    asked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    intervals: list[float] = []
    whole = pulse.every

    def noted(seconds: float) -> float:
        intervals.append(whole(seconds))
        return intervals[-1]

    monkeypatch.setattr(pulse, "every", noted)
    app = AppTest.from_function(_watched_page).run()
    assert not app.exception
    assert (intervals[0], intervals[-1]) == (1.0, 20 * pulse.LOOK_SHARE_SECONDS)
    assert app.session_state["whole"] == 2


def test_what_is_news_of_a_run(shapes: Dataset, make_run: Make) -> None:
    step = {"what": "batches", "done": 1, "total": 9, "epoch": 2, "loss": 0.5}
    spec = RunSpec(kind="train", dataset=shapes.id, strategy="lora")
    run = store.read_run(make_run(spec, ("epoch", epoch(0)), ("epoch", epoch(1)), ("step", step)))
    later = replace(run, seconds=99.0, last_seq=run.last_seq + 7)
    assert pulse.of_run(later) == pulse.of_run(run)
    batches = replace(run, updated=run.updated + 2 * pulse.STEP_SECONDS)
    assert pulse.of_run(batches) != pulse.of_run(run)
    assert pulse.of_run(batches)[0] == pulse.of_run(run)[0]
    for changed in ({"status": "paused"}, {"epochs": run.epochs[:1]}, {"thawed": ("7",)}):
        assert pulse.of_run(replace(run, **changed))[0] != pulse.of_run(run)[0]
