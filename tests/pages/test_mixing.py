"""What is left of the base, and the way back to it, on the page of a run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import strips
from tests.pages.conftest import Make, Open
from tests.pages.handmade import best_of, epoch, said, stages_event
from tl_core.data.dataset import Dataset
from tl_core.runs import mixes, store
from tl_core.spec import RunSpec


def left(value: float) -> dict[str, Any]:
    drift = [{"stage": "6", "cka": 1.0}, {"stage": "7", "cka": value}]
    ends = {"low": value - 0.08, "high": min(1.0, value + 0.08), "n": 112}
    return {"agreement": value, **ends, "drift": drift, "source": None}


def point(share: float) -> dict[str, Any]:
    accuracy = {"value": 0.8 + share / 10, "low": 0.7, "high": 0.95, "n": 90}
    return {
        "share": share,
        "val_loss": 0.4,
        "val_accuracy": accuracy,
        "retention": left(1 - share / 2),
        "p": 0.4,
    }


@pytest.fixture
def run(shapes: Dataset, make_run: Make) -> str:
    """A finished run that has moved its base."""
    spec = RunSpec(kind="train", dataset=shapes.id, strategy="full_fine_tune")
    told = [epoch(n, phase="full" if n else "before") for n in range(4)]
    for n, one in enumerate(told):
        one["retention"] = left(1 - n / 5)
    end = {
        "stop_reason": "epochs",
        "best": best_of(told[-1]),
        "best_phase": "full",
        "thawed": ["7"],
        "retention": left(0.4),
        "seconds": 42.0,
    }
    return make_run(spec, stages_event(), *(("epoch", e) for e in told), ("finished", end))


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_the_slider_moves_both_values_and_a_stop_can_be_kept(
    open_page: Open, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page("watch", run=run)
    assert not app.exception
    assert "still gives 40 % (32 to 48) of the answers" in said(app)
    assert "matters only if the model must still do its old work" in said(app)
    assert not app.select_slider

    points = tuple(point(share) for share in (0.0, 0.5, 1.0))
    monkeypatch.setattr(mixes, "points", lambda run_id: points)
    app.run()
    (slider,) = app.select_slider
    assert slider.value == 1.0
    assert app.button(key="mixing.keep").disabled
    assert metrics(app)["Old answers left"] == "50 % (42 to 58)"
    slider.set_value(0.5).run()
    assert metrics(app)["Old answers left"] == "75 % (67 to 83)"
    assert metrics(app)["Right on held-out examples"] == "85 % (70 to 95)"
    assert "too close to the trained network to call" in said(app)
    app.button(key="mixing.keep").click().run()
    (kept,) = mixes.kept(run)
    assert (kept.spec.share, kept.spec.mix_of) == (0.5, run)
    assert "Open the run that it comes from" in said(app)


def test_measuring_is_one_press(open_page: Open, run: str) -> None:
    app = open_page("watch", run=run)
    app.button(key="mixing.measure").click().run()
    job = mixes.measuring(run)
    assert job is not None
    assert job.spec.mix_of == run
    assert app.progress


def test_what_was_undone_is_not_told_as_lost(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    spec = RunSpec(kind="train", dataset=shapes.id, strategy="gradual_unfreezing")
    head, thawed = epoch(1, retention=left(1.0)), epoch(2, retention=left(0.4))
    end = {"stop_reason": "no_gain", "best": best_of(head), "best_phase": "head", "thawed": []}
    told = (("epoch", head), ("epoch", thawed))
    run = make_run(spec, *told, ("finished", end | {"retention": left(1.0)}))
    with pytest.MonkeyPatch.context() as patch:
        drawn: list[object] = []
        patch.setattr(strips, "drifted", lambda drift, thawed: drawn.append(list(thawed)))
        assert "still gives 100 %" in said(open_page("watch", run=run))
    assert drawn == [[]]
    assert "still gives 40 %" in said(open_page("watch", run=make_run(spec, *told)))


def test_a_run_that_left_its_base_alone_shows_neither(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    spec = RunSpec(kind="train", dataset=shapes.id, strategy="linear_probe")
    told = epoch(1, retention=left(1.0))
    end = {"stop_reason": "done", "best": best_of(told), "best_phase": "head", "thawed": []}
    app = open_page("watch", run=make_run(spec, ("epoch", told), ("finished", end)))
    assert "What is left of the base" not in said(app)
    assert "mixing.measure" not in {button.key for button in app.button}


def test_runs_names_a_kept_mixture(open_page: Open, run: str, make_run: Make) -> None:
    asked = mixes.request(store.read_run(run), share=0.25, keep=True)
    make_run(replace(asked, seed=0), ("finished", {"best": best_of(epoch(3)), "thawed": []}))
    assert "25 % mixed with its base" in said(open_page("runs"))
