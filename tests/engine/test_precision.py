"""The number format follows the processor."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace

import pytest
import torch

from tl_core import hardware
from tl_core.engine import precision


@pytest.mark.parametrize(("native", "expected"), [(True, "bf16"), (False, "no")])
def test_bf16_only_where_it_is_native(
    monkeypatch: pytest.MonkeyPatch, native: bool, expected: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(hardware, "machine", lambda: SimpleNamespace(bf16=native))
    assert precision.mixed_precision() == expected
    assert precision.device() == torch.device("cpu")
    with precision.autocast() as _:
        assert torch.is_autocast_enabled("cpu") is native
    assert isinstance(precision.autocast(), contextlib.AbstractContextManager)
