from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.tuned_runs import kept_run
from tl_core import catalog


def test_bases_lists_the_catalog_in_its_order(thaw: Callable[..., Any]) -> None:
    told = thaw("bases", "--json").json["bases"]
    assert [base["id"] for base in told] == [base.id for base in catalog.all_bases()]
    assert all(base["licence"] and base["stages"] for base in told)
    assert isinstance(told[0]["available"], bool)


def test_bases_for_people_names_each_with_its_licence(thaw: Callable[..., Any]) -> None:
    out = thaw("bases").out
    for base in catalog.all_bases():
        assert base.id in out
        assert base.licence in out


def test_finished_runs_stand_behind_the_catalog(thaw: Callable[..., Any], thaw_home: Path) -> None:
    made = kept_run()
    last = thaw("bases", "--json").json["bases"][-1]
    assert (last["id"], last["available"]) == (made, True)
    assert last["tuned"][0]["dataset_name"] == "signs"
    assert made in thaw("bases").out
