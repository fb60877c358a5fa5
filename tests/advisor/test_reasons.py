"""Why, in words: measured values are quoted, and how sure it is follows from what is known."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from tl_core.advisor.advice import Candidate, Range
from tl_core.advisor.choose import choose
from tl_core.advisor.facts import facts_from
from tl_core.advisor.flips import flips
from tl_core.advisor.reasons import compare, how_sure, path, reasons
from tl_core.spec import Leak

Measured = Callable[[str], Any]


def test_reasons_quote_what_was_measured(measured: Measured) -> None:
    facts = facts_from(*measured("ants and bees"))

    first, second, last = reasons(choose(facts), facts)

    assert (first.rule, first.fact, first.value) == ("R1", "shift_late", 0.065)
    assert first.text == (
        "Your data look like what the base was trained on: late shift 0.065, against 0.016 "
        "for its own kind of data. It recognises something familiar in them, 70 % sure on average."
    )
    assert (second.rule, second.value) == ("R3", 243)
    assert "Kornblith" in second.citation
    assert last.rule == "R14"


def test_a_value_that_is_unknown_is_left_out(measured: Measured) -> None:
    facts = {**facts_from(*measured("ants and bees")), "shift_expected_late": None}

    text = reasons(choose(facts), facts)[0].text

    assert "late shift 0.065. It" in text


def test_each_measurement_that_says_far_is_named(measured: Measured) -> None:
    facts = facts_from(*measured("hand signs"))

    given = [r.fact for r in reasons(choose(facts), facts) if r.rule == "R4"]

    assert given == ["shift_late", "leep_per_log_c"]


@pytest.mark.parametrize(
    ("pixels", "words"),
    [(0.97, "as well or better"), (0.955, "as well within chance"), (0.90, None)],
)
def test_controls_that_rival_the_base_are_named(
    cases: list[dict[str, Any]], build: Callable[..., Any], pixels: float, words: str | None
) -> None:
    case = next(case for case in cases if case["name"].startswith("written digits"))
    facts = facts_from(*build({**case, "pixels": pixels}))

    texts = [r.text for r in reasons(choose(facts), facts) if r.rule == "R10"]

    assert bool(texts) == (words is not None)
    if words:
        assert len(texts) == 1
        assert words in texts[0]
        assert "raw pixels" in texts[0]
        assert f"{100 * pixels + 1e-6:.0f} % right against 96 %" in texts[0]


def test_all_depths_and_where_a_thaw_begins_are_named(measured: Measured) -> None:
    facts = facts_from(*measured("surfaces whose middle stages know more"))

    depths, begin = (r.text for r in reasons(choose(facts), facts) if r.rule == "R7")

    assert "got 90 % right" in depths
    assert "5 points may be chance" in depths
    assert begin.startswith("Stage 4 alone tells your classes apart better than the last stage")
    assert "would take in stage 5 and all later ones" in begin


def test_a_clear_lead_of_all_depths_is_called_better(measured: Measured) -> None:
    facts = facts_from(*measured("many near pictures, read at all depths"))

    (text,) = (r.text for r in reasons(choose(facts), facts) if r.rule == "R7")

    assert "does better than one that reads only its end" in text


def test_a_leak_comes_first_and_what_it_silences_last(measured: Measured) -> None:
    facts = facts_from(*measured("magnet surfaces split at random"))

    given = reasons(choose(facts), facts)

    assert given[0].rule == "R11"
    assert "123 times" in given[0].text
    assert given[-1].rule == "R10"
    assert given[-1].outweighed
    assert given[-1].text.startswith("Also so, but outweighed")


def test_where_no_rule_speaks_the_rule_of_thumb_is_the_reason(measured: Measured) -> None:
    facts = facts_from(*measured("small photographs, a few thousand"))

    first = reasons(choose(facts), facts)[0]

    assert first.rule == "rule_of_thumb"
    assert "middling counts as far" in first.text


def test_for_texts_the_kind_of_data_is_the_reason_and_no_distance_is_claimed(
    measured: Measured,
) -> None:
    facts = facts_from(*measured("small photographs, a few thousand"))
    unknown = dict.fromkeys(("shift_early", "shift_late", "leep_per_log_c"))
    facts = {**facts, **unknown, "modality": "text", "distance": "middling"}

    first = reasons(choose(facts), facts)[0]
    steps = {step.id: step for step in path(choose(facts), facts)}

    assert (first.rule, first.fact, first.value) == ("rule_of_thumb", "modality", "text")
    assert "LoRA" in first.text
    assert steps["distance"].answer == "not measured"
    assert steps["distance"].taken == "unknown"
    border = "fewer than 3,000" if int(facts["n"] or 0) < 3000 else "3,000 or more"
    assert steps["n"].taken == border
    assert steps["prior"].strategy == "lora"


def test_speed_is_a_reason_where_it_decided(measured: Measured) -> None:
    facts = facts_from(*measured("far, in a hurry"), priority="speed")

    assert reasons(choose(facts), facts)[0].text.startswith("You asked for speed")


def test_labelling_is_a_reason_where_it_promises_as_much(measured: Measured) -> None:
    facts = facts_from(*measured("more pictures would bring more than thawing"))
    given = next(r for r in reasons(choose(facts), facts) if r.rule == "R9")
    assert given.value == 0.09
    assert "9" in given.text
    less = facts | {"doubling_gain": 0.03}
    assert not [r for r in reasons(choose(less), less) if r.rule == "R9"]


def test_the_path_leads_from_the_rule_of_thumb_to_the_choice(measured: Measured) -> None:
    facts = facts_from(*measured("known classes in an unusual style"))

    steps = path(choose(facts), facts)

    assert [step.id for step in steps] == [
        "n", "distance", "prior", "R11", "R10", "R2", "R15", "R1", "R16",
        "R4", "R5", "R6", "R3", "R17", "R8", "R7", "choice",
    ]  # fmt: skip
    taken = {step.id: step.taken for step in steps}
    assert taken["n"] == "fewer than 3,000"
    assert taken["R11"] == "unknown"
    assert taken["R10"] == "no"
    assert taken["R1"] == "yes"
    assert taken["R4"] == "yes, but outweighed"
    stands = [step.strategy for step in steps]
    assert stands[2:7] == ["gradual_unfreezing"] * 5
    assert stands[7:] == ["linear_probe"] * 10


def test_every_question_knows_where_the_other_answers_lead(measured: Measured) -> None:
    facts = facts_from(*measured("hand signs"))

    exits = {step.id: step.exits for step in path(choose(facts), facts)}

    assert [e.answer for e in exits["n"]] == ["3,000 or more"]
    assert [e.answer for e in exits["distance"]] == ["near", "middling"]
    assert [e.answer for e in exits["R4"]] == ["no"]
    assert [e.answer for e in exits["R10"]] == ["yes"]
    assert not exits["prior"]
    assert not exits["choice"]


@pytest.mark.parametrize(
    ("case", "taken", "exits"),
    [("far, in a hurry", "yes", ["gradual_unfreezing"]), ("ants and bees", "no", [])],
)
def test_who_is_in_a_hurry_is_asked_one_question_more(
    measured: Measured, case: str, taken: str, exits: list[str]
) -> None:
    facts = facts_from(*measured(case), priority="speed")

    *_before, speed, choice = path(choose(facts), facts)

    assert (speed.id, speed.taken, speed.strategy) == ("speed", taken, choice.strategy)
    assert [e.strategy for e in speed.exits] == exits


def sure(measured_case: Any, **changes: Any) -> str:
    dataset, evidence = measured_case
    dataset = dataclasses.replace(dataset, **changes)
    facts = facts_from(dataset, evidence)
    choice = choose(facts)
    return how_sure(choice, facts, flips(facts))


def test_how_sure(measured: Measured) -> None:
    assert sure(measured("ants and bees")) == "high"
    assert sure(measured("ants and bees"), splits={"train": 60}) == "medium"
    assert sure(measured("ants and bees"), leak=Leak(True, 9)) == "low"
    assert sure(measured("small photographs, a few thousand")) == "low"
    assert sure(measured("known classes in an unusual style")) == "low"


def candidate(strategy: str, value: float, low: float, high: float, minutes: float) -> Candidate:
    return Candidate(strategy, Range(value, low, high), minutes, 1, 0.5)


def test_the_runner_up_is_compared() -> None:
    best = candidate("gradual_unfreezing", 0.93, 0.88, 0.96, 4)
    close = candidate("full_fine_tune", 0.94, 0.87, 0.97, 12)
    cheap = candidate("linear_probe", 0.935, 0.9, 0.95, 0.2)
    worse = candidate("linear_probe", 0.70, 0.65, 0.75, 0.2)
    scratch = candidate("from_scratch", 0.99, 0.9, 1, 30)

    assert compare(best, [close, scratch]) == (
        "“Full fine-tuning” is too close to call, and takes 3.0 times as long."
    )
    assert compare(best, [cheap, scratch]) == (
        "“Feature extraction” is too close to call, and takes about 12 s."
    )
    assert compare(best, [worse, scratch]) == (
        "“Feature extraction” would give 70 % (65 to 75) in about 12 s."
    )
