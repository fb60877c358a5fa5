"""The state of a run: which statuses there are, and which go on."""

from __future__ import annotations

import pytest

from tl_core.runs.fold import Fold
from tl_core.runs.state import ACTIVE, TERMINAL
from tl_core.spec import RunSpec

EVERY_STATUS = ACTIVE | TERMINAL | {"interrupted"}


@pytest.mark.parametrize("status", sorted(EVERY_STATUS))
def test_only_some_statuses_go_on(status: str) -> None:
    state = Fold().state("id", RunSpec(kind="train", dataset="d"), status, 0.0)
    assert state.is_active == (status in ("queued", "running", "paused", "stopping"))


def test_no_status_is_both() -> None:
    assert ACTIVE.isdisjoint(TERMINAL)
    assert len(EVERY_STATUS) == 8
