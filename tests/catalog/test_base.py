"""The record of a base."""

from __future__ import annotations

from pathlib import Path

from tests.tuned_runs import kept_run
from tl_core import catalog
from tl_core.catalog.base import UNRANKED, all_bases


def test_those_that_come_with_thaw_stand_in_the_known_order() -> None:
    ranks = [base.static_rank for base in all_bases()]
    assert ranks == sorted(ranks)
    assert all(rank < UNRANKED for rank in ranks)


def test_weights_are_named_by_content_only_where_the_id_does_not_name_them(thaw_home: Path) -> None:
    assert {base.weights for base in all_bases()} == {""}
    made = catalog.find(kept_run(sha256="ab"))
    assert made.weights == "ab"
