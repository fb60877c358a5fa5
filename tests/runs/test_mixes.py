"""Mixtures of a run: which runs can be mixed, what is known of them, and who keeps one."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.runs.telling import tell
from tl_core import catalog
from tl_core.catalog import tuned
from tl_core.errors import InputError
from tl_core.runs import mixes, store
from tl_core.runs.state import RunState
from tl_core.spec import Accuracy, RunSpec, validate

pytestmark = pytest.mark.usefixtures("thaw_home")
WEIGHTS = b"some numbers"


def finished(best_phase: str = "full", **changes: Any) -> RunState:
    """Make a run that has ended with a network of its own."""
    spec = RunSpec(kind="train", dataset="d", strategy="full_fine_tune")
    run_id = store.new_run(replace(spec, **changes))
    best = {"epoch": 3, "val_loss": 0.4, "val_accuracy": {"value": 0.9, "low": 0.8, "high": 1.0}}
    end = {"best": best, "best_phase": best_phase, "thawed": ["7"], "stop_reason": "done"}
    tell(run_id, "started", ("finished", end))
    with_weights(run_id, WEIGHTS)
    return store.read_run(run_id)


def with_weights(run_id: str, weights: bytes) -> None:
    folder = store.run_dir(run_id)
    (folder / "checkpoints").mkdir(exist_ok=True)
    (folder / "checkpoints" / "best.safetensors").write_bytes(weights)
    base = catalog.find("tf_efficientnet_lite0")
    record = tuned.Tuned(
        base.id, "full_fine_tune", "d", "d", "f", 2, Accuracy(0.9, 0.8, 1.0, 20), True, 64, 0, 0.2,
        base.stages, hashlib.sha256(weights).hexdigest(),
    )  # fmt: skip
    tuned.write(folder, record)


def point(share: float, loss: float = 0.5) -> dict[str, Any]:
    return {"share": share, "val_loss": loss, "val_accuracy": {}, "retention": None, "p": 1.0}


def test_only_a_run_that_has_moved_its_base_can_be_mixed() -> None:
    assert mixes.why_not(finished()) == ""
    assert "as it was" in mixes.why_not(finished(best_phase="head"))
    assert "from scratch" in mixes.why_not(finished(strategy="from_scratch"))
    assert "mixture already" in mixes.why_not(finished(mix_of="other", share=0.5))
    going_on = store.read_run(store.new_run(RunSpec(kind="train", dataset="d")))
    assert "come to its end" in mixes.why_not(going_on)
    with pytest.raises(InputError, match="come to its end"):
        mixes.request(going_on)


def test_a_request_asks_for_the_same_data_base_and_split() -> None:
    run = finished(strategy="lora", seed=7, size=64)
    asked = mixes.request(run)
    assert (asked.kind, asked.mix_of, asked.share) == ("interpolate", run.id, None)
    assert (asked.strategy, asked.seed, asked.size, asked.dataset) == ("lora", 7, 64, "d")
    kept = mixes.request(run, share=0.25, keep=True)
    assert (kept.kind, kept.share) == ("train", 0.25)
    assert validate(asked) == validate(kept) == ()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "interpolate"}, "run"),
        ({"share": 0.5}, "run"),
        ({"mix_of": "a"}, "share"),
        ({"mix_of": "a", "share": 1.5}, "share"),
    ],
)
def test_a_request_that_leaves_out_what_it_needs_is_refused(
    changes: dict[str, Any], field: str
) -> None:
    spec = replace(RunSpec(kind="train", dataset="d", strategy="lora"), **changes)
    assert field in {issue.field for issue in validate(spec)}


def test_points_are_kept_by_rising_share_one_for_each() -> None:
    run = finished()
    assert mixes.points(run.id) == ()
    for one in (point(1.0), point(0.0), point(0.5), point(0.5, loss=0.3)):
        mixes.add(run.id, one)
    assert [(p["share"], p["val_loss"]) for p in mixes.points(run.id)] == [
        (0.0, 0.5), (0.5, 0.3), (1.0, 0.5),
    ]  # fmt: skip


def test_what_was_measured_of_other_weights_is_forgotten() -> None:
    run = finished()
    mixes.add(run.id, point(0.5))
    with_weights(run.id, b"others")
    assert mixes.points(run.id) == ()
    tuned.withdraw(store.run_dir(run.id))  # while it goes on
    assert mixes.points(run.id) == ()


def test_a_damaged_file_is_as_none() -> None:
    run = finished()
    path = store.run_dir(run.id) / mixes.FILE
    path.parent.mkdir(exist_ok=True)
    for text in ("", "[]", '{"points": 3}', '{"sha256": 1, "points": [{}]}'):
        path.write_text(text)
        assert mixes.points(run.id) == ()


def test_who_keeps_and_who_measures_is_found_by_the_run_it_comes_from() -> None:
    run = finished()
    assert mixes.kept(run.id) == ()
    assert mixes.measuring(run.id) is None
    job = store.new_run(mixes.request(run))
    kept = store.new_run(mixes.request(run, share=0.5, keep=True))
    assert [one.id for one in mixes.kept(run.id)] == [kept]
    found = mixes.measuring(run.id)
    assert found is not None
    assert found.id == job


def test_a_job_whose_run_is_gone_says_so(tmp_path: Path) -> None:
    spec = RunSpec(kind="interpolate", dataset="d", mix_of="20260101-120000-gone-0a1b")
    with pytest.raises(InputError, match="There is no run"):
        mixes.job(spec, None, tmp_path, lambda *a, **k: None, lambda: True)
