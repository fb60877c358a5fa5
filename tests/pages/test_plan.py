"""Plan: what is recommended, and what is started."""

from __future__ import annotations

import dataclasses
import re
from itertools import pairwise
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import known, plans, spectrum, tradeoff, ways, whatif
from tests.findings import pilot
from tests.pages.conftest import Make, Open
from tests.pages.handmade import evidence_of, follow, said, share
from tl_core.advisor import BESIDE, Advice, advise, frontier
from tl_core.advisor.vocabulary import ALSO, Also
from tl_core.data import measured
from tl_core.data.dataset import Dataset
from tl_core.runs import launch, store
from tl_core.spec import (
    DEFAULT_VAL_FRACTION,
    STRATEGIES,
    Accuracy,
    DatasetFacts,
    Leak,
    RunSpec,
    Shift,
)


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


def test_the_line_runs_through_what_no_other_beats(measured_shapes: Dataset) -> None:
    advice = advice_for(measured_shapes)
    drawn = tradeoff.figure(advice, dark=False)
    (line,) = drawn["layout"]["shapes"]
    best = [c.accuracy.value for c in frontier(advice.candidates)]

    heights = [float(y) for y in re.findall(r"[,V]([\d.]+)", line["path"])]
    assert heights == pytest.approx(best, abs=1e-4)
    on_it = tradeoff.alt(advice).partition("better than these: ")[2]
    assert on_it == ", ".join(STRATEGIES[c.strategy] for c in frontier(advice.candidates)) + "."


def test_the_spectrum_marks_the_recommended_the_chosen_and_the_runner_up(
    measured_shapes: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(spectrum.drawing, "draw", lambda svg, key: drawn.append(svg))
    advice = advice_for(measured_shapes)

    spectrum.draw(advice, plans.AUTO)
    spectrum.draw(advice, "lora")
    spectrum.draw(advice, "gradual_unfreezing")  # what is recommended anyway

    marks = [dict(re.findall(r'data-strategy="(\w+)" data-mark="(\w*)"', svg)) for svg in drawn]
    assert list(marks[0]) == list(STRATEGIES)
    assert marks[0]["gradual_unfreezing"] == "recommended"
    assert marks[0]["full_fine_tune"] == "runner_up"
    assert marks[1]["lora"] == "chosen"
    assert marks[2] == marks[0]
    assert "Your choice: Parameter-efficient (LoRA)." in drawn[1]


def facts_of(**changes: Any) -> DatasetFacts:
    plain = DatasetFacts(
        n=300, classes=4, per_class_min=60, duplicates=0, leak=Leak(False, 0),
        counts={"a": 75, "b": 75, "c": 75, "d": 75}, splits={"train": 240, "val": 60},
    )  # fmt: skip
    return dataclasses.replace(plain, **changes)


NEAR: dict[str, Any] = {
    "distance": "near",
    "shift": Shift(0.01, 0.02, 0.03),
    "source_confidence": 0.8,
    "leep_per_log_c": -0.2,
}
MANY: dict[str, Any] = {"n": 11_250, "splits": {"train": 9000, "val": 2250}}
BRANCHES: dict[str, tuple[str, dict[str, Any], dict[str, Any], str]] = {
    "known classes": ("linear_probe", {}, NEAR, "Feature extraction: expect"),
    "all depths": (
        "multi_stage_probe", {}, NEAR | {"multi_stage_probe": share(0.9)}, "all depths: expect",
    ),
    "far": ("gradual_unfreezing", {}, {}, "Start frozen, then thaw: expect"),
    "texts": (
        "lora", {"modality": "text"}, {"shift": None, "leep_per_log_c": None},
        "Parameter-efficient (LoRA): expect",
    ),
    "far and many": ("full_fine_tune", MANY, {}, "Full fine-tuning: expect"),
    "leak": (
        "gradual_unfreezing", {"leak": Leak(True, 9)}, {}, "but no accuracy can be promised",
    ),
    "label more": (
        "linear_probe",
        {"counts": {"a": 240, "b": 20, "c": 20, "d": 20}, "per_class_min": 20},
        {"linear_probe": share(0.8)},
        BESIDE["label_more"],
    ),
    "no help": (
        "gradual_unfreezing", {}, {"linear_probe": share(0.5)}, BESIDE["from_scratch"],
    ),
}  # fmt: skip
"""Every way advice can end: strategy, facts, evidence, and words of the page."""


@pytest.mark.parametrize("branch", BRANCHES)
def test_every_branch_of_advice_is_drawn_whole(
    open_page: Open, measured_shapes: Dataset, monkeypatch: pytest.MonkeyPatch, branch: str
) -> None:
    strategy, facts, changes, words = BRANCHES[branch]
    given = facts_of(**facts)
    evidence = dataclasses.replace(evidence_of(measured_shapes), **changes)
    monkeypatch.setattr(known, "facts", lambda dataset: given)
    monkeypatch.setattr(known, "evidence", lambda dataset, place, base_id="": evidence)
    advice = advise(given, evidence)
    assert advice.recommendation.strategy == strategy

    app = open_page("plan", data=measured_shapes.id)

    assert not app.exception
    assert words in said(app)
    assert app.table[1].value.iloc[-1, 3] == STRATEGIES[strategy]
    forks = ways.forks_of(advice)
    assert len(forks) == len(advice.decision_path) - 1
    assert any(fork.twigs for fork in forks)
    shown = {slider.label for slider in app.select_slider}
    assert ("Distance of the task (late shift)" in shown) == (evidence.shift is not None)


@pytest.mark.parametrize("also", list(ALSO))
def test_what_else_is_worth_doing_is_said(
    open_page: Open, measured_shapes: Dataset, monkeypatch: pytest.MonkeyPatch, also: Also
) -> None:
    advice = advice_for(measured_shapes)
    told = dataclasses.replace(advice.recommendation, also=also)
    advice = dataclasses.replace(advice, recommendation=told)
    monkeypatch.setattr(known, "advice", lambda dataset, found: advice)

    assert BESIDE[also] in said(open_page("plan", data=measured_shapes.id))


def test_who_is_in_a_hurry_sees_the_question_that_decided(
    open_page: Open, measured_shapes: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    high = Accuracy(0.965, 0.93, 0.985, 192)
    evidence = dataclasses.replace(evidence_of(measured_shapes), linear_probe=high)
    advice = advise(facts_of(), evidence, priority="speed")
    monkeypatch.setattr(known, "advice", lambda dataset, found: advice)

    app = open_page("plan", data=measured_shapes.id)

    assert advice.recommendation.strategy == "linear_probe"
    assert "You asked for speed" in said(app)
    assert ways.forks_of(advice)[-1].twigs[0].leads == "would end at “Start frozen, then thaw”"


def test_a_leak_is_told_at_the_ends_of_branches(measured_shapes: Dataset) -> None:
    evidence = evidence_of(measured_shapes)
    clean = ways.forks_of(advise(facts_of(), evidence))
    leaky = ways.forks_of(advise(facts_of(leak=Leak(True, 9)), evidence))

    (asked,) = (n for n, fork in enumerate(clean) if "share examples" in fork.question)
    assert clean[asked].twigs[0].leads == "would end the same, but no accuracy could be promised"
    assert leaky[asked].twigs[0].leads == "would end the same, and an accuracy could be expected"


def sliders(app: AppTest) -> tuple[Any, ...]:
    return tuple(app.select_slider)


def test_the_sliders_move_the_advice_and_back(open_page: Open, measured_shapes: Dataset) -> None:
    app = open_page("plan", data=measured_shapes.id)
    number, distance = sliders(app)
    assert app.button(key="whatif.back").disabled
    assert "As your data are: Start frozen, then thaw" in said(app)

    number.set_value(10_000).run()
    assert "With 10,000 training examples the advice moves from “Start frozen, then thaw” to "\
        "“Full fine-tuning”" in said(app)  # fmt: skip
    assert "No learning curve was measured" in said(app)

    distance = sliders(app)[1]
    distance.set_value(0.01).run()
    assert "a task that is near (late shift 0.010)" in said(app)
    assert app.header[0].value.startswith("Start frozen")  # the advice itself stays

    app.button(key="whatif.back").click().run()
    number, distance = sliders(app)
    assert (number.value, distance.value) == (192, 0.31)
    assert "As your data are" in said(app)
    assert not store.list_runs()  # it is instant: no job


def test_the_measured_place_keeps_its_word_though_leep_made_it_far(
    open_page: Open, measured_shapes: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    evidence = dataclasses.replace(
        evidence_of(measured_shapes), shift=Shift(0.01, 0.02, 0.05), leep_per_log_c=-0.9
    )
    monkeypatch.setattr(known, "evidence", lambda dataset, place, base_id="": evidence)

    _number, distance = sliders(open_page("plan", data=measured_shapes.id))

    assert "0.050 (far)" in distance.options
    assert "0.046 (near)" in distance.options


def test_what_can_be_supposed_holds_what_is_so() -> None:
    found = whatif.numbers(1437, 4)
    assert (found[0], found[-1]) == (20, 100_000)
    assert 1437 in found
    assert found == sorted(set(found))
    assert whatif.numbers(250_000, 4)[-1] == 250_000
    assert whatif.numbers(300, 120)[0] == 120

    for modality, late in (("picture", 0.3123), ("picture", 2.5), ("text", 0.0001)):
        shifts = whatif.lates(late, modality)
        assert late in shifts
        assert len({whatif.wording.number(x) for x in shifts}) == len(shifts)


def test_every_table_opens_its_definitions(open_page: Open, measured_shapes: Dataset) -> None:
    words = said(open_page("plan", data=measured_shapes.id))

    for title in ("Expected accuracy", "Of the network trained", "Parameters that learn", "LEEP"):
        assert f"**{title}" in words
    assert "Source: " in words


PILOT = pilot()


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
