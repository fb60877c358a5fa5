from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tl_core.runs import store


def test_the_demo_goes_the_whole_path(
    thaw: Callable[..., Any], jobs: dict[str, Any], tiny_pictures: Path
) -> None:
    outcome = thaw("demo", "--sample", tiny_pictures)
    assert outcome.code == 0, outcome.err
    for text in (
        "16 pictures in 2 classes",
        "Near:",
        "Why:",
        "right on 88 % of the validation examples",
    ):
        assert text in outcome.out
    kinds = [state.spec.kind for state in reversed(store.list_runs())]
    assert kinds == ["evidence", "train"]


def test_the_demo_trains_what_was_recommended(
    thaw: Callable[..., Any], jobs: dict[str, Any], tiny_pictures: Path
) -> None:
    advice = thaw("advise", tiny_pictures, "--json").json["recommendation"]
    thaw("demo", "--sample", tiny_pictures)
    trained = store.list_runs()[0].spec
    assert trained.kind == "train"
    assert trained.strategy == advice["strategy"]
