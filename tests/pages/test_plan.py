"""Plan: what is recommended, and what is started."""

from __future__ import annotations

import dataclasses
from itertools import pairwise
from typing import Any

import pytest

from pages.ui import known, plans, tradeoff
from tests.pages.conftest import Make, Open
from tests.pages.handmade import evidence_of, follow, said, share
from tl_core.advisor import Advice, advise
from tl_core.data import measured
from tl_core.data.dataset import Dataset
from tl_core.runs import launch, store
from tl_core.spec import DEFAULT_VAL_FRACTION, STRATEGIES, Pilot, RunSpec


def trained() -> list[RunSpec]:
    return [run.spec for run in store.list_runs() if run.spec.kind == "train"]


def test_without_data_it_says_what_will_be_here(open_page: Open) -> None:
    assert "Bring your data first" in said(open_page("plan"))


def test_the_recommendation_comes_with_reasons_and_alternatives(
    open_page: Open, measured_shapes: Dataset
) -> None:
    app = open_page("plan", data=measured_shapes.id)
    words = said(app)
    assert "expect" in app.header[0].value
    assert "Rule of thumb" in words
    assert "What would change this" in words
    candidates = app.table[0].value
    assert candidates.iloc[0, 0].startswith("**")
    assert len(candidates) == 6
    assert any("thaw train" in code.value for code in app.code)


def test_start_training_follows_the_recommendation(
    open_page: Open, measured_shapes: Dataset
) -> None:
    app = open_page("plan", data=measured_shapes.id)
    app.button(key="plan.start").click().run()
    assert trained() == [RunSpec(kind="train", dataset=measured_shapes.id)]
    (run,) = (run for run in store.list_runs() if run.spec.kind == "train")
    assert app.query_params["run"] == run.id
    assert "Is it going well?" in said(app)


def test_all_six_may_race_instead(open_page: Open, measured_shapes: Dataset) -> None:
    app = open_page("plan", data=measured_shapes.id, size="64")
    app.button(key="plan.race").click().run()
    (run,) = (run for run in store.list_runs() if run.spec.kind == "race")
    assert run.spec == RunSpec(
        kind="race",
        dataset=measured_shapes.id,
        size=64,
        strategies=tuple(STRATEGIES),
        minutes=10.0,
    )
    app = follow(app)
    assert app.query_params["run"] == run.id
    assert "Which way does best?" in said(app)


def test_two_fast_clicks_start_one_run(open_page: Open, measured_shapes: Dataset) -> None:
    for _click in range(2):
        open_page("plan", data=measured_shapes.id).button(key="plan.start").click().run()
    assert len(trained()) == 1


def test_one_can_choose_differently(open_page: Open, measured_shapes: Dataset) -> None:
    app = open_page("plan", data=measured_shapes.id, base="tf_efficientnet_lite0", size="64")
    app.selectbox(key="plan.strategy").select("gradual_unfreezing")
    app.number_input(key="plan.epochs").set_value(8)
    app.number_input(key="plan.minutes").set_value(1.5)
    app.number_input(key="plan.patience").set_value(0)
    app.button(key="plan.start").click().run()
    assert trained() == [
        RunSpec(
            kind="train",
            dataset=measured_shapes.id,
            strategy="gradual_unfreezing",
            size=64,
            epochs=8,
            minutes=1.5,
            patience=0,
        )
    ]


def test_whoever_knows_what_to_do_need_not_wait(open_page: Open, shapes: Dataset) -> None:
    app = open_page("plan", data=shapes.id)
    assert "Thaw decides as soon as it has measured" in said(app)
    app.button(key="plan.start").click().run()
    assert trained() == [RunSpec(kind="train", dataset=shapes.id)]


def test_all_six_strategies_can_be_chosen_in_their_order(
    open_page: Open, measured_shapes: Dataset
) -> None:
    app = open_page("plan", data=measured_shapes.id)
    offered = app.selectbox(key="plan.strategy").options
    assert offered == ["As recommended", *STRATEGIES.values()]
    for strategy in STRATEGIES:
        app.selectbox(key="plan.strategy").select(strategy).run()
        assert not app.exception
        assert any(f"--strategy {strategy}" in code.value for code in app.code)


def test_every_strategy_stands_in_the_table_with_what_its_accuracy_rests_on(
    open_page: Open, measured_shapes: Dataset
) -> None:
    app = open_page("plan", data=measured_shapes.id)
    candidates, _path, rests = (table.value for table in app.table)
    assert {name.strip("*") for name in candidates.iloc[:, 0]} == set(STRATEGIES.values())
    assert list(rests.iloc[:, 0]) == list(STRATEGIES.values())
    assert rests.iloc[0, 2] == "measured on your data"
    assert "a guess" in set(rests.iloc[:, 2])


def advice_for(dataset: Dataset, **changes: Any) -> Advice:
    return advise(known.facts(dataset), dataclasses.replace(evidence_of(dataset), **changes))


def test_the_picture_shows_six_points_apart_and_named(measured_shapes: Dataset) -> None:
    for speed in (1.0, 100.0, 1e6):  # from hours to where all take as long as one another
        advice = advice_for(measured_shapes, forward_per_second=speed, train_per_second=None)
        for dark in (False, True):
            drawn = tradeoff.figure(advice, dark=dark)
            places = [point["x"][0] for point in drawn["data"]]
            left, right = drawn["layout"]["xaxis"]["range"]
            gaps = [b - a for a, b in pairwise(places)]
            assert min(gaps) > 0.05 * (right - left)  # 15 px on a phone
            assert left < places[0]
            assert places[-1] < right
            names = [note["text"].removeprefix("<b>").removesuffix("</b>")
                     for note in drawn["layout"]["annotations"]]  # fmt: skip
            assert set(names) >= set(tradeoff.SHORT.values())


def test_the_picture_tells_measured_from_expected(measured_shapes: Dataset) -> None:
    advice = advice_for(measured_shapes, multi_stage_probe=share(0.85))
    drawn = tradeoff.figure(advice, dark=False)
    symbols = [point["marker"]["symbol"] for point in drawn["data"]]
    assert sum(not symbol.endswith("-open") for symbol in symbols) == 2
    assert sum(symbol.startswith("diamond") for symbol in symbols) == 1
    assert tradeoff.alt(advice).count(" in ") == 6


def test_the_strip_shows_what_each_strategy_changes(
    measured_shapes: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(plans.drawing, "draw", lambda svg, key: drawn.append(svg))
    advice = advice_for(measured_shapes, stage_probes=None)
    thawed = {}
    for strategy in STRATEGIES:
        plans.strip(advice, strategy)
        thawed[strategy] = drawn[-1].count('data-state="thawed"')
    assert thawed == {
        "linear_probe": 0,
        "multi_stage_probe": 0,
        "gradual_unfreezing": 3,
        "lora": 0,
        "full_fine_tune": 8,
        "from_scratch": 8,
    }
    assert len(set(drawn)) == 6


PILOT = Pilot(
    gain=0.04,
    low=0.012,
    high=0.07,
    likely_low=0.02,
    likely_high=0.06,
    probe=0.8,
    n=300,
    folds=3,
    epochs=3,
    steps=60,
    thaw_from="5",
    seconds=40.0,
    stopped_early=False,
)


def tries() -> list[RunSpec]:
    return [run.spec for run in store.list_runs() if run.spec.kind == "pilot"]


def test_a_short_thaw_may_be_tried_first_and_says_how_long_it_takes(
    open_page: Open, measured_shapes: Dataset
) -> None:
    app = open_page("plan", data=measured_shapes.id)
    assert "at most" in app.button(key="plan.pilot").label
    app.button(key="plan.pilot").click().run()
    assert tries() == [RunSpec(kind="pilot", dataset=measured_shapes.id)]
    assert "Trying a short thaw" in said(app)
    assert not [button for button in app.button if button.key == "plan.pilot"]
    assert app.button(key="plan.start")


def test_a_trial_shows_how_far_it_is_and_can_be_stopped(
    open_page: Open, measured_shapes: Dataset, make_run: Make
) -> None:
    make_run(
        RunSpec(kind="pilot", dataset=measured_shapes.id),
        ("phase", {"phase": "pilot", "what": "Trying a short thaw"}),
        ("step", {"what": "epochs", "done": 2, "total": 9}),
        alive=True,
    )
    app = open_page("plan", data=measured_shapes.id)
    assert "Trying a short thaw: 2 of 9 epochs" in said(app)
    app.button(key="plan.pilot.stop").click().run()
    (run,) = (run for run in store.list_runs() if run.spec.kind == "pilot")
    assert run.status == "stopping"


def test_what_a_trial_showed_is_told_and_used(open_page: Open, measured_shapes: Dataset) -> None:
    found = dataclasses.replace(evidence_of(measured_shapes), pilot=PILOT)
    measured.write_evidence(measured_shapes, found, val_fraction=DEFAULT_VAL_FRACTION)
    app = open_page("plan", data=measured_shapes.id)
    words = said(app)
    assert "A short trial thaw got 4 points more than the frozen base (1 to 7), on 300" in words
    assert "A short trial thaw got 4 points more than the frozen base on the same" in words
    assert not [button for button in app.button if button.key == "plan.pilot"]


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (("finished", {"stop_reason": "time"}), "too little time"),
        (("stopped", {"stop_reason": "person"}), ""),
        (("failed", {"code": "internal", "message": "It broke.", "fix": "Mend it."}), "It broke."),
    ],
)
def test_a_trial_without_a_result_says_why_and_may_be_tried_again(
    open_page: Open,
    measured_shapes: Dataset,
    make_run: Make,
    monkeypatch: pytest.MonkeyPatch,
    end: tuple[str, dict[str, Any]],
    words: str,
) -> None:
    monkeypatch.setattr(launch, "TWIN_SECONDS", 0.0)  # the click follows at once
    make_run(RunSpec(kind="pilot", dataset=measured_shapes.id), end)
    app = open_page("plan", data=measured_shapes.id)
    assert words in said(app)
    app.button(key="plan.pilot").click().run()
    assert len(tries()) == 2
