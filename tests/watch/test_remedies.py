"""Which actions fit an alarm, and which alarms still stand."""

from __future__ import annotations

from typing import get_args

import pytest

from tl_core.actions import ACTIONS
from tl_core.watch.detectors import Kind
from tl_core.watch.remedies import BEYOND, LASTING, remedies, standing

ALERTS = [
    {"epoch": 3, "kind": "plateau", "text": "Flat."},
    {"epoch": 6, "kind": "overfitting", "text": "Once."},
    {"epoch": 7, "kind": "plateau", "text": "Flat again."},
    {"epoch": 9, "kind": "overfitting", "text": "Twice."},
]


@pytest.mark.parametrize("kind", [*get_args(Kind), "something new"])
def test_every_alarm_has_actions_with_a_reason_in_one_sentence(kind: str) -> None:
    found = remedies(kind)
    assert found
    assert {remedy.action for remedy in found} <= {*ACTIONS, *BEYOND}
    assert len({remedy.action for remedy in found}) == len(found)
    for remedy in found:
        assert remedy.reason.endswith(".")
        assert remedy.reason.count(".") == 1
    assert "stop_keep_best" in {remedy.action for remedy in found}


@pytest.mark.parametrize(
    ("kind", "first"),
    [("overfitting", "stop_keep_best"), ("instability", "lower_lr"), ("plateau", "thaw_next")],
)
def test_the_most_helpful_comes_first(kind: str, first: str) -> None:
    assert remedies(kind)[0].action == first


def test_of_each_kind_the_last_alarm_since_the_best_epoch_stands() -> None:
    texts = [alert["text"] for alert in standing(ALERTS, {"epoch": 5})]
    assert texts == ["Twice.", "Flat again."]
    assert standing(ALERTS, {"epoch": 9}) == ()
    assert len(standing(ALERTS, None)) == 2


def test_what_is_ignored_does_not_stand() -> None:
    found = standing(ALERTS, {"epoch": 5}, is_ignored=lambda kind: kind == "overfitting")
    assert [alert["kind"] for alert in found] == ["plateau"]


def test_alarms_about_the_base_or_the_data_stand_whatever_gets_better() -> None:
    told = [{"epoch": 0, "kind": kind, "text": kind} for kind in (*LASTING, "plateau")]
    assert {alert["kind"] for alert in standing(told, {"epoch": 9})} == LASTING
    assert "leak" in LASTING
    about_the_base = LASTING - {"leak"}
    assert all(remedies(kind)[0].action != "stop_keep_best" for kind in about_the_base)
