from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
