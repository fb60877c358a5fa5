"""Plan: what is recommended, and what is started."""

from __future__ import annotations

import dataclasses
from itertools import pairwise
from typing import Any

import pytest

from pages.ui import known, plans, tradeoff
from tests.pages.conftest import Open
from tests.pages.handmade import evidence_of, follow, said, share
from tl_core.advisor import Advice, advise
from tl_core.data.dataset import Dataset
from tl_core.runs import store
from tl_core.spec import STRATEGIES, RunSpec


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
