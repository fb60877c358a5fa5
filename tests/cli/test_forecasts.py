"""`thaw runs forecasts`, and what `thaw runs show` tells of one run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.cli.conftest import Emit, trained
from tests.foretold import forecast
from tl_core.spec import RunSpec

Thaw = Callable[..., Any]


def foretold(**changes: Any) -> Callable[[RunSpec, Path, Emit], None]:
    """Return a job that tells a forecast and then trains: it reaches 88 %."""

    def job(request: RunSpec, folder: Path, emit: Emit) -> None:
        emit("forecast", **forecast("linear_probe", **changes))
        trained(request, folder, emit)

    return job


def train(thaw: Thaw, pictures: Path) -> str:
    told = thaw("train", pictures, "--strategy", "linear_probe", "--json").json
    return str(told["run"])


def test_nothing_foretold_is_said_plainly(
    thaw: Thaw, jobs: dict[str, Any], tiny_pictures: Path
) -> None:
    nothing = {"expected": None, "measured": None, "runs": [], "left_out": {}}
    assert thaw("runs", "forecasts", "--json").json == nothing
    assert thaw("runs", "forecasts").out.strip() == "Nobody can tell yet."
    train(thaw, tiny_pictures)
    assert thaw("runs", "forecasts", "--json").json == nothing | {"left_out": {"unforetold": 1}}
    assert "1 run had no forecast" in thaw("runs", "forecasts").out


def test_the_record_adds_up(thaw: Thaw, jobs: dict[str, Any], tiny_pictures: Path) -> None:
    jobs["train"] = foretold()
    held = train(thaw, tiny_pictures)
    low = {"value": 0.5, "low": 0.4, "high": 0.6}
    jobs["train"] = foretold(accuracy=low, known="measured", blocked=True)
    train(thaw, tiny_pictures)
    told = thaw("runs", "forecasts", "--json").json
    assert (told["expected"]["n"], told["expected"]["held"]) == (1, 1)
    assert (told["measured"]["n"], told["measured"]["above"]) == (1, 1)
    assert [run["held"] for run in told["runs"]] == [False, True]
    assert [run["level"] for run in told["runs"]] == [0.95, 0.8]
    assert told["runs"][0]["blocked"]
    for_people = thaw("runs", "forecasts").out
    assert "Too few to tell: 1 of 1 held." in for_people
    assert held in for_people
    assert "above, a" in for_people  # and in the next line, as the column is narrow: leak
    assert "suspected" in for_people
    assert "Measured beforehand:" in for_people


def test_show_tells_expected_and_reached(
    thaw: Thaw, jobs: dict[str, Any], tiny_pictures: Path
) -> None:
    jobs["train"] = foretold()
    run = train(thaw, tiny_pictures)
    told = thaw("runs", "show", run, "--json").json["forecast"]
    assert (told["held"], told["reached"]["value"], told["follows"]) == (True, 0.88, False)
    for_people = thaw("runs", "show", run).out
    assert "Expected 86 to 94 %, reached 88 %; expected to take 3 minutes" in for_people
    assert "Recommended was: Parameter-efficient (LoRA)." in for_people
