"""Pauses do not count."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tl_core.evidence import clock


def test_pauses_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(clock, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def paused() -> bool:
        now[0] += 100.0
        return True

    timer = clock.Clock(60.0, paused)
    now[0] = 5.0
    assert timer.has_time()
    assert timer.left() == 55.0
    now[0] += 55.0
    assert not timer.has_time()
    assert not timer.is_stopped
