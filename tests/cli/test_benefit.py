"""`thaw benefit`: what the head start brings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.made_benefit import made_benefit
from tl_core import benefits, files
from tl_core.records import to_dict
from tl_core.runs import listing, store
from tl_core.spec import RunSpec


@pytest.fixture
def measured(jobs: dict[str, Any]) -> None:
    """A job that has found what was made up."""

    def job(request: RunSpec, folder: Path, emit: Callable[..., None]) -> None:
        files.write_json(folder / benefits.FILE, to_dict(made_benefit()))
        emit("finished", stop_reason="done", seconds=60.0)

    jobs["benefit"] = job


def test_it_tells_what_was_found(
    thaw: Callable[..., Any], measured: None, tiny_pictures: Path
) -> None:
    told = thaw("benefit", tiny_pictures, "--minutes", 2, "--json").json
    assert (told["status"], told["stop_reason"]) == ("finished", "done")
    assert told["fewer_labels"]["times"] == 4.0
    assert store.read_run(told["run"]).spec.minutes == 2
    out = " ".join(thaw("benefit", tiny_pictures).out.split())
    assert "right with the head start" in out
    assert "Unverified for this very network." in out
    assert "EfficientNet-Lite1" in out


def test_a_run_gives_its_data_and_split(
    thaw: Callable[..., Any], measured: None, tiny_pictures: Path
) -> None:
    asked = ("--size", 64, "--seed", 3, "--val", 0.3, "--strategy", "lora", "--json")
    run = thaw("train", tiny_pictures, *asked).json["run"]
    thaw("benefit", run, "--json")
    spec = next(one.spec for one in listing.list_runs() if one.spec.kind == "benefit")
    assert (spec.size, spec.seed, spec.val_fraction) == (64, 3, 0.3)
    assert spec.dataset == store.read_run(run).spec.dataset


def test_from_scratch_is_nothing_to_transfer(
    thaw: Callable[..., Any], measured: None, tiny_pictures: Path
) -> None:
    outcome = thaw("benefit", tiny_pictures, "--strategy", "from_scratch", "--json")
    assert (outcome.code, outcome.json["issues"][0]["field"]) == (2, "strategy")
