"""`thaw runs rename`, `note` and `tag`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tl_core.runs import store
from tl_core.spec import RunSpec


@pytest.fixture
def run(thaw_home: Any) -> str:
    return store.new_run(RunSpec(kind="train", dataset="d", strategy="lora"))


def test_what_is_said_is_told_as_json(thaw: Callable[..., Any], run: str) -> None:
    assert thaw("runs", "rename", run, "the big one", "--json").json == {
        "run": run,
        "name": "the big one",
        "note": "",
        "tags": [],
    }
    thaw("runs", "note", run, "for Anna")
    told = thaw("runs", "tag", run, "paper", "bees", "--json").json
    assert (told["note"], told["tags"]) == ("for Anna", ["bees", "paper"])
    assert thaw("runs", "tag", run, "paper", "--remove", "--json").json["tags"] == ["bees"]


def test_people_read_it_as_it_is(thaw: Callable[..., Any], run: str) -> None:
    thaw("runs", "rename", run, "[red]x")
    thaw("runs", "note", run, "for Anna")
    told = thaw("runs", "tag", run, "paper").out
    assert told.splitlines() == [f"{run}: [red]x", "#paper", "for Anna"]


def test_what_cannot_be_said_has_its_fix(thaw: Callable[..., Any], run: str) -> None:
    outcome = thaw("runs", "tag", run, "a,b", "x" * 40, "--json")
    assert outcome.code == 2
    assert [issue["field"] for issue in outcome.json["issues"]] == ["tag", "tag"]


@pytest.mark.parametrize("command", ["rename", "note", "tag"])
def test_an_unknown_run_is_a_problem(thaw: Callable[..., Any], command: str) -> None:
    outcome = thaw("runs", command, "../../etc", "x", "--json")
    assert (outcome.code, outcome.json["issues"][0]["field"]) == (2, "run")
