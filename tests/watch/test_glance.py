"""What a tab's title tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tl_core.watch.glance import glance

Make = Callable[..., Any]


@pytest.mark.parametrize(
    ("status", "with_epochs", "without"),
    [
        ("queued", "Waiting", "Waiting"),
        ("running", "Epoch 2, 91 %", "Getting ready"),
        ("paused", "Paused after epoch 2", "Paused"),
        ("stopping", "Stopping", "Stopping"),
        ("finished", "Done, 91 %", "Done"),
        ("stopped", "Stopped, 91 %", "Stopped"),
        ("failed", "It could not go on", "It could not go on"),
        ("interrupted", "Interrupted", "Interrupted"),
    ],
)
def test_every_status_is_told_in_a_few_words(
    state: Make, epochs: Make, status: str, with_epochs: str, without: str
) -> None:
    told = epochs([2.0, 0.9, 0.5], accuracy=[0.1, 0.8, 0.91])

    assert glance(state(status=status, epochs=told)) == with_epochs
    assert glance(state(status=status)) == without
