"""The records of advice."""

from __future__ import annotations

import dataclasses

import pytest

from tl_core.advisor import advice


def test_records_are_frozen() -> None:
    found = advice.Range(0.9, 0.8, 0.95)

    with pytest.raises(dataclasses.FrozenInstanceError):
        found.value = 1.0  # type: ignore[misc]


def test_reasons_count_unless_outweighed() -> None:
    assert not advice.Reason("R1", "n", 3, "", "wilson", "").outweighed
