"""Watch, after the end: the frozen base read at all depths, where that may do as well."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.pages.conftest import Make, Open
from tests.pages.handmade import epoch, follow, keys, said
from tests.pages.test_watch import epochs, finished, spec_of
from tests.runs.telling import tell
from tl_core.data.dataset import Dataset
from tl_core.runs import all_depths, store

LAST = epoch(3)  # right on 59 %
WORDS = "a last layer that reads all depths of the frozen base was right on 55 % (48 to 62)"


def grounds(high: float = 0.62) -> tuple[str, dict[str, Any]]:
    return "grounds", {"all_depths": {"value": 0.55, "low": 0.48, "high": high, "n": 192}}


def test_it_is_trained_with_one_button_and_then_compared(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    run = make_run(spec_of(shapes), grounds(), *epochs(4), finished(LAST))
    app = open_page("watch", run=run)
    assert WORDS in said(app)
    app.button(key="all_depths.begin").click().run()
    assert not app.exception
    other = all_depths.found(store.read_run(run))
    assert other is not None
    assert other.spec.strategy == "multi_stage_probe"
    assert app.query_params["runs"] == f"{run},{other.id}"
    again = open_page("watch", run=run)
    assert "all_depths.begin" not in keys(again)
    again.button(key="all_depths.compare").click().run()
    assert follow(again).query_params["runs"] == f"{run},{other.id}"


@pytest.mark.parametrize("case", ["clearly above", "frozen", "goes on", "races", "no data"])
def test_nothing_is_offered_where_it_would_tell_nothing(
    open_page: Open, shapes: Dataset, make_run: Make, case: str
) -> None:
    spec = spec_of(shapes)
    if case == "no data":
        spec = dataclasses.replace(spec, dataset="gone", revision=None)
    if case == "frozen":
        spec = dataclasses.replace(spec, strategy="linear_probe")
    told = [grounds(0.58 if case == "clearly above" else 0.62), *epochs(4)]
    if case == "goes on":
        run = make_run(spec, *told, alive=True)
    elif case == "races":
        run = store.new_run(spec, race="some-race")
        tell(run, "started", *told, finished(LAST))
    else:
        run = make_run(spec, *told, finished(LAST))
    app = open_page("watch", run=run)
    assert not app.exception
    assert WORDS[:40] not in said(app)
    assert not [key for key in keys(app) if key.startswith("all_depths.")]
