from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tl_core.cli import doctor


def test_doctor_tells_what_is_here(thaw: Callable[..., Any], thaw_home: Path) -> None:
    report = thaw("doctor", "--json").json
    assert report["home"] == str(thaw_home)
    assert report["machine"]["cores"] >= 1
    assert report["libraries"]["torch"]
    assert {"id", "title", "available"} <= set(report["bases"][0])
    assert {s["id"] for s in report["samples"]} >= {"shapes", "digits"}
    assert all(s["available"] or s["how_to_get"] for s in report["samples"])


def test_doctor_in_words(thaw: Callable[..., Any]) -> None:
    out = thaw("doctor").out
    for text in ("Processor", "Memory", "tf_efficientnet_lite0", "shapes", "torch"):
        assert text in out


def test_doctor_says_what_is_missing(
    thaw: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "_LIBRARIES", ("no-such-library",))
    assert thaw("doctor", "--json").json["libraries"] == {"no-such-library": None}
    assert "missing" in thaw("doctor").out
