"""Advice as a whole: golden cases and the JSON contract."""

from __future__ import annotations

import dataclasses
import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tl_core.advisor import advise
from tl_core.advisor.choose import choose
from tl_core.advisor.facts import facts_from
from tl_core.errors import InputError
from tl_core.spec import STRATEGIES, Accuracy, Hits, to_dict

CASES: list[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("cases.toml").read_text(encoding="utf-8")
)["case"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_golden(case: dict[str, Any], build: Callable[..., Any]) -> None:
    dataset, evidence = build(case)
    priority = case.get("priority", "accuracy")

    advice = advise(dataset, evidence, priority=priority)
    choice = choose(facts_from(dataset, evidence, priority=priority))

    recommended = advice.recommendation
    assert recommended.strategy == case["strategy"]
    assert [fired.rule.id for fired in choice.fired] == case["fired"]
    assert choice.outweighed == set(case.get("outweighed", []))
    assert recommended.also == case.get("also")
    assert recommended.thaw_from == case.get("thaw_from", recommended.thaw_from)
    if "prior" in case:
        assert advice.prior.strategy == case["prior"]
    if "confidence" in case:
        assert recommended.confidence == case["confidence"]
    told = {reason.rule for reason in recommended.reasons} - {"rule_of_thumb", "speed", "R9"}
    assert told == set(case["fired"])


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_contract(case: dict[str, Any], build: Callable[..., Any]) -> None:
    found = json.loads(json.dumps(to_dict(advise(*build(case))), allow_nan=False))

    assert {"evidence", "recommendation", "candidates"} <= found.keys()
    recommendation = found["recommendation"]
    assert recommendation["strategy"] in STRATEGIES
    assert recommendation["base"] == found["evidence"]["base"]
    assert recommendation["also"] in (None, "another_base", "label_more", "from_scratch")
    assert recommendation["confidence"] in ("high", "medium", "low")
    assert all(isinstance(text, str) for text in recommendation["what_would_change"])
    for reason in recommendation["reasons"]:
        assert {"rule", "fact", "value", "text", "source"} <= reason.keys()
        assert reason["source"]
    assert {c["strategy"] for c in found["candidates"]} == set(STRATEGIES)
    assert found["candidates"][0]["strategy"] == recommendation["strategy"]
    for candidate in found["candidates"]:
        assert {"strategy", "accuracy", "minutes", "trainable_parameters"} <= candidate.keys()
        accuracy = candidate["accuracy"]
        assert 0 <= accuracy["low"] <= accuracy["value"] <= accuracy["high"] <= 1
        assert candidate["minutes"] > 0
        assert (candidate["known"] == "measured") == (not candidate["source"])
        assert 0 < candidate["trainable_share"] <= 1


def test_the_measured_probe_is_quoted_as_it_is(measured: Callable[[str], Any]) -> None:
    dataset, evidence = measured("ants and bees")

    best = advise(dataset, evidence).candidates[0]

    assert best.accuracy.value == evidence.linear_probe.value
    assert best.accuracy.low == evidence.linear_probe.low


def test_what_is_measured_and_what_is_not_is_told_apart(measured: Callable[[str], Any]) -> None:
    advice = advise(*measured("surfaces whose middle stages know more"))

    known = {c.strategy: c.known for c in advice.candidates}

    assert [s for s in STRATEGIES if known[s] == "measured"] == [
        "linear_probe",
        "multi_stage_probe",
    ]
    assert known["gradual_unfreezing"] == "mixed"
    assert known["lora"] == "folk"


def test_a_thaw_begins_with_the_upper_half_unless_probes_say_otherwise(
    measured: Callable[[str], Any],
) -> None:
    assert advise(*measured("hand signs")).recommendation.thaw_from == "5"


def test_the_answer_is_one_sentence(measured: Callable[[str], Any]) -> None:
    advice = advise(*measured("hand signs"), corrections={})

    assert advice.answer == "Start frozen, then thaw: expect 97 % (92 to 100) in about 15 minutes."
    assert "too close to call" in advice.comparison


def test_a_blocked_verdict_promises_nothing(measured: Callable[[str], Any]) -> None:
    advice = advise(*measured("magnet surfaces split at random"))

    assert advice.recommendation.blocked
    assert "%" not in advice.answer


def test_an_unknown_priority_is_refused(measured: Callable[[str], Any]) -> None:
    with pytest.raises(InputError, match="'luck' is not a priority"):
        advise(*measured("ants and bees"), priority="luck")


def test_a_base_that_does_better_is_worth_trying(build: Callable[..., Any]) -> None:
    case = next(c for c in CASES if c["name"] == "small photographs, a few thousand")
    dataset, own = build(case)
    own = dataclasses.replace(own, probe_hits=Hits("same", "1" * 78 + "0" * 22))
    other = dataclasses.replace(
        own,
        base="other_base",
        linear_probe=Accuracy(0.95, 0.9, 0.98, 100),
        probe_hits=Hits("same", "1" * 95 + "0" * 5),
    )
    told = advise(dataset, own, others=(other,)).recommendation
    assert told.also == "another_base"
    assert "other_base" in next(r.text for r in told.reasons if r.rule == "R12")
    assert advise(dataset, own).recommendation.also is None
