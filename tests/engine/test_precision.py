"""The number format follows the processor."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace

import pytest
import torch

from tl_core import hardware
from tl_core.engine import precision
from tl_core.errors import InputError


@pytest.mark.parametrize(("native", "expected"), [(True, "bf16"), (False, "no")])
def test_bf16_only_where_it_is_native(
    monkeypatch: pytest.MonkeyPatch, native: bool, expected: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.delenv(precision.ENVIRONMENT)
    monkeypatch.setattr(hardware, "machine", lambda: SimpleNamespace(bf16=native))
    assert precision.mixed_precision() == expected
    assert precision.device() == torch.device("cpu")
    with precision.autocast() as _:
        assert torch.is_autocast_enabled("cpu") is native
    assert isinstance(precision.autocast(), contextlib.AbstractContextManager)


@pytest.mark.parametrize(("asked", "expected"), [("fp32", "no"), ("bf16", "bf16")])
def test_whoever_asks_for_a_format_gets_it_on_any_machine(
    monkeypatch: pytest.MonkeyPatch, asked: str, expected: str
) -> None:
    monkeypatch.setenv(precision.ENVIRONMENT, asked)
    for native in (True, False):
        monkeypatch.setattr(hardware, "machine", lambda native=native: SimpleNamespace(bf16=native))
        assert precision.mixed_precision() == expected


def test_other_formats_are_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(precision.ENVIRONMENT, "fp8")
    with pytest.raises(InputError) as caught:
        precision.mixed_precision()
    (issue,) = caught.value.issues
    assert issue.field == "THAW_PRECISION"
    assert "fp8" in issue.message
    assert issue.fix
