"""Recordings of flights: whole, as they were planned, and each beside its untouched run."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tl_core.actions import ACTIONS
from tl_core.errors import InputError
from tl_core.lessons import flights
from tl_core.lessons.legs import FOLDER, Leg, first_alarm, recorded, until

ROOT = Path(__file__).parents[2]
MOST_BYTES = 40_000
PLANS = tomllib.loads((ROOT / "benchmarks" / "flights.toml").read_text(encoding="utf-8"))
PLANNED: dict[str, dict[str, Any]] = {entry["id"]: entry for entry in PLANS["flight"]}
IDS = sorted(PLANNED)


def assert_as_planned(leg: Leg, plan: Mapping[str, Any]) -> None:
    own = PLANS["settings"] | dict(plan)
    cell = leg.settings["cell"]
    for key in ("per_class", "strategy", "seed", "base", "size", "patience", "precision"):
        assert cell[key] == own[key], key
    assert cell["data"]["name"] == own["set"]
    assert leg.settings["epochs"] == own["epochs"]
    assert (cell["fault"] or {}) == own.get("fault", {})
    assert leg.last <= own["epochs"]


@pytest.mark.parametrize("flight", IDS)
def test_every_flight_is_recorded_as_it_is_planned(flight: str) -> None:
    told, plan = recorded(flight), PLANNED[flight]
    assert_as_planned(told.untouched, plan)
    assert [leg.name for leg in told.twins] == [twin["name"] for twin in plan["twin"]]
    for leg, twin in zip(told.twins, plan["twin"], strict=True):
        assert_as_planned(leg, {**plan, **twin.get("anew", {})})
        assert leg.at == twin["at"]
        assert leg.is_anew == ("anew" in twin)
        assert leg.is_anew or leg.name in ACTIONS


@pytest.mark.parametrize("flight", IDS)
def test_every_run_is_whole_and_judged_on_the_same_examples(flight: str) -> None:
    told = recorded(flight)
    for leg in (told.untouched, *told.twins):
        assert [epoch["epoch"] for epoch in leg.epochs] == list(range(leg.last + 1))
        assert leg.events[-1]["kind"] in {"finished", "stopped"}
        assert len(leg.right) == len(told.untouched.right) == leg.settings["test"]
        share = sum(leg.right) / len(leg.right)
        assert share == pytest.approx(leg.accuracy["value"], abs=1e-4)


@pytest.mark.parametrize("flight", IDS)
def test_a_steered_run_differs_only_after_its_action_was_applied(flight: str) -> None:
    told = recorded(flight)
    for leg in told.twins:
        if leg.is_anew:
            continue
        before = [e["val_loss"] for e in told.untouched.epochs[: leg.at + 1]]
        assert [e["val_loss"] for e in leg.epochs[: leg.at + 1]] == before
        (done,) = [e for e in leg.events if e["kind"] == "action" and e["action"] == leg.name]
        assert done["applied"]
        assert done["epoch"] == leg.at


def test_there_are_recordings_of_all_flights_and_no_others() -> None:
    files = sorted((ROOT / FOLDER).glob("*.json"))
    assert [path.stem for path in files] == IDS == sorted(one.id for one in flights())
    for path in files:
        content = path.read_text(encoding="utf-8")
        assert len(content) <= MOST_BYTES
        assert "/tmp" not in content
        assert "/work" not in content


def test_until_an_epoch_nothing_later_is_known() -> None:
    leg = recorded("heron").untouched
    assert [e["epoch"] for e in until(leg, 3) if e["kind"] == "epoch"] == [0, 1, 2, 3]
    assert until(leg, leg.last) == leg.events
    assert until(leg, leg.last - 1)[-1]["kind"] not in {"finished", "stopped"}


def test_the_first_alarm_of_some_kinds() -> None:
    leg = recorded("rook").untouched
    raised = {e["alert_kind"]: e["epoch"] for e in reversed(leg.events) if e["kind"] == "alert"}
    assert raised
    for kind, epoch in raised.items():
        assert first_alarm(leg, {kind}) == epoch
    assert first_alarm(leg, ()) is None


@pytest.mark.parametrize("name", ["nonsense", "../lessons"])
def test_what_is_not_recorded_is_said_so(name: str) -> None:
    with pytest.raises(InputError):
        recorded(name)


def test_an_unknown_twin_is_a_defect() -> None:
    with pytest.raises(KeyError):
        recorded("heron").twin("nonsense")
