"""`thaw runs list`: all, some of them, and those in the trash."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tl_core.runs import labels, store, trash


@pytest.fixture
def runs(thaw: Callable[..., Any], jobs: dict[str, Any], tiny_pictures: Path) -> list[str]:
    """Two finished runs; the first is tagged and named."""
    found = [
        str(thaw("train", tiny_pictures, "--strategy", name, "--json").json["run"])
        for name in ("linear_probe", "lora")
    ]
    labels.tag(store.run_dir(found[0]), ["Paper"])
    labels.rename(store.run_dir(found[0]), "the [big] one")
    return found


def ids(outcome: Any) -> list[str]:
    return [told["run"] for told in outcome.json["runs"]]


def test_words_and_tags_choose(thaw: Callable[..., Any], runs: list[str]) -> None:
    first, second = runs
    assert set(ids(thaw("runs", "list", "--json"))) == {first, second}
    assert ids(thaw("runs", "list", "--search", "big one", "--json")) == [first]
    assert ids(thaw("runs", "list", "--search", "lora", "--json")) == [second]
    assert ids(thaw("runs", "list", "--tag", "paper", "--json")) == [first]
    assert ids(thaw("runs", "list", "--tag", "paper", "--search", "lora", "--json")) == []
    told = thaw("runs", "list", "--tag", "paper", "--json").json["runs"][0]
    assert (told["name"], told["note"], told["tags"]) == ("the [big] one", "", ["Paper"])


def test_people_see_names_as_they_are(thaw: Callable[..., Any], runs: list[str]) -> None:
    told = " ".join(thaw("runs", "list", "--search", "big").out.split())
    assert runs[0] in told
    assert "[big]" in told
    assert "#Paper" in told
    assert "No run fits" in thaw("runs", "list", "--search", "nothing").out


def test_the_trash_is_listed_with_the_time_left(thaw: Callable[..., Any], runs: list[str]) -> None:
    assert "nothing in the trash" in thaw("runs", "list", "--trash").out
    trash.delete(runs[0])
    assert ids(thaw("runs", "list", "--json")) == [runs[1]]
    (told,) = thaw("runs", "list", "--trash", "--json").json["runs"]
    assert (told["run"], told["days_left"], told["tags"]) == (runs[0], trash.KEPT_DAYS, ["Paper"])
    assert "30 days" in thaw("runs", "list", "--trash").out
