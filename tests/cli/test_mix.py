"""`thaw runs mix`: mixtures are measured once, told, and kept at the share that is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import accuracy, trained
from tl_core import spec
from tl_core.runs import mixes, store
from tl_core.spec import RunSpec

Thaw = Callable[..., Any]
Emit = Callable[..., None]
Jobs = dict[str, Any]


def moved(request: RunSpec, folder: Path, emit: Emit) -> None:
    """Train, or keep a mixture, with a network that differs from its base."""

    def tell(event: str, /, **fields: Any) -> None:
        more = {"best_phase": "full", "thawed": []} if event == "finished" else {}
        emit(event, **fields, **more)

    trained(request, folder, tell)


def point(share: float) -> dict[str, Any]:
    left = {"agreement": 1 - share / 2, "low": 0.4, "high": 1.0, "n": 100, "drift": []}
    return {
        "share": share,
        "val_loss": 0.4,
        "val_accuracy": spec.to_dict(accuracy(0.9)),
        "retention": left,
        "p": 0.5,
    }


@pytest.fixture
def run(thaw: Thaw, jobs: Jobs, tiny_pictures: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A finished run, whose mixtures take no time to measure."""
    known: dict[float, dict[str, Any]] = {}

    def measured(request: RunSpec, folder: Path, emit: Emit) -> None:
        shares = (0.0, 0.5, 1.0) if request.share is None else (request.share,)
        known.update({share: point(share) for share in shares})
        emit("finished", stop_reason="done")

    jobs |= {"train": moved, "interpolate": measured}
    monkeypatch.setattr(mixes, "points", lambda run_id: tuple(known[s] for s in sorted(known)))
    told: str = thaw("train", tiny_pictures, "--strategy", "full_fine_tune", "--json").json["run"]
    return told


def test_every_stop_is_told_from_the_base_on(thaw: Thaw, run: str) -> None:
    told = thaw("runs", "mix", run, "--json").json
    assert told["run"] == run
    assert [one["share"] for one in told["mixes"]] == [0.0, 0.5, 1.0]
    assert told["mixes"][1]["retention"]["agreement"] == 0.75
    assert told["kept"] == []
    shown = thaw("runs", "mix", run)
    assert "75 % (40 to 100)" in shown.out
    assert "--share 0.5 --keep" in shown.err


def test_what_is_known_is_not_measured_again(thaw: Thaw, run: str) -> None:
    thaw("runs", "mix", run, "--json")
    thaw("runs", "mix", run, "--json")
    assert sum(r.spec.kind == "interpolate" for r in store.list_runs()) == 1
    (one,) = thaw("runs", "mix", run, "--share", 0.25, "--json").json["mixes"]
    assert one["share"] == 0.25
    assert sum(r.spec.kind == "interpolate" for r in store.list_runs()) == 2


def test_a_kept_mixture_is_a_run_that_says_where_it_comes_from(thaw: Thaw, run: str) -> None:
    made = thaw("runs", "mix", run, "--share", 0.5, "--keep", "--json").json
    assert made["status"] == "finished"
    assert made["mix"] == {"of": run, "share": 0.5}
    entries = {one["run"]: one for one in thaw("runs", "list", "--json").json["runs"]}
    assert entries[made["run"]]["mix"] == {"of": run, "share": 0.5}
    assert entries[run]["mix"] is None
    assert "mixed" in thaw("runs", "list").out


def test_what_cannot_be_is_refused_with_its_fix(thaw: Thaw, jobs: Jobs, run: str) -> None:
    for arguments, field in (
        ((run, "--keep"), "share"),
        ((run, "--share", 2), "share"),
        (("20260101-120000-none-0a1b",), "run"),
    ):
        outcome = thaw("runs", "mix", *arguments, "--json")
        assert outcome.code == 2
        assert outcome.json["issues"][0]["field"] == field
