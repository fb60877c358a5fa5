"""A short trial thaw: beside the evidence's own probe, on the same examples, bounded in time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.engine.handmade import draw_pictures, finish
from tests.findings import bare_evidence
from tests.tuned_runs import RUN
from tl_core import catalog, files
from tl_core.data.dataset import Dataset
from tl_core.data.groups import components, ties_of
from tl_core.data.split import split
from tl_core.engine import inherit, probe
from tl_core.errors import Cancelled
from tl_core.evidence import measure as measure_evidence
from tl_core.evidence import pilot
from tl_core.spec import Evidence, Pilot, RunSpec, from_dict, to_dict

BASE = "tf_efficientnet_lite0"
AMPLE = 600.0


def ignore(kind: str, /, **fields: Any) -> None: ...


@pytest.fixture
def evidence(shapes: Dataset) -> Evidence:
    """What a trial needs to know of what was measured; the accuracies are not read."""
    base = catalog.find(BASE)
    return bare_evidence(
        dataset=shapes.id, base=BASE, distance="far", stages=base.stages, forward_per_second=100.0
    )


Told = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def tried(
    shapes: Dataset, evidence: Evidence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[Pilot | None, Told]]:
    """Try a thaw of few steps."""
    monkeypatch.setattr(pilot, "MIN_STEPS", 3)

    def run(
        seconds: float = AMPLE, ask: Callable[[], bool] = lambda: True, dataset: Dataset = shapes
    ) -> tuple[Pilot | None, Told]:
        told: Told = []

        def emit(kind: str, /, **fields: Any) -> None:
            json.dumps(fields, allow_nan=False)
            told.append((kind, fields))

        found = pilot.measure(
            dataset,
            evidence,
            val_fraction=0.2,
            seconds=seconds,
            folder=tmp_path,
            emit=emit,
            should_continue=ask,
        )
        return found, told

    return run


@pytest.fixture
def folds(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Every fold that was judged."""
    seen: list[Any] = []
    fold = pilot._fold

    def kept(*given: Any) -> Any:
        seen.append(fold(*given))
        return seen[-1]

    monkeypatch.setattr(pilot, "_fold", kept)
    return seen


def test_the_probe_beside_it_is_that_of_the_evidence_on_the_same_folds(
    shapes: Dataset, tried: Callable[..., Any], folds: list[Any]
) -> None:
    evidence = measure_evidence(
        shapes,
        BASE,
        size=64,
        seed=0,
        val_fraction=0.2,
        emit=ignore,
        should_continue=lambda: True,
    )
    found, _ = tried()
    rows = split(shapes, val_fraction=0.2, seed=0).train
    labels = np.array([shapes.examples[row].label for row in rows])
    groups = components([ties_of(shapes.examples[row]) for row in rows])
    held_out = probe.folds(labels, groups, 0)
    trial = pilot._opened(shapes, evidence, 0.2, ignore, lambda: True)
    assert [fold.tolist() for fold in trial.held_out] == [fold.tolist() for fold in held_out]
    assert trial.probed.accuracy == evidence.linear_probe
    right = trial.probed.predicted == labels
    for fold, held in zip(folds, held_out, strict=False):
        assert fold.probe.tolist() == right[held].tolist()
    judged = np.concatenate(held_out[:3])
    assert (found.folds, found.n) == (3, len(judged))
    assert found.probe == pytest.approx(right[judged].mean(), abs=1e-4)


def test_a_record_is_complete_and_its_intervals_lie_in_each_other(
    tried: Callable[..., Any], folds: list[Any], tmp_path: Path
) -> None:
    found, told = tried()
    assert -1 <= found.low <= found.likely_low <= found.gain <= found.likely_high <= found.high <= 1
    thawed = np.concatenate([fold.thawed for fold in folds])
    assert found.gain == pytest.approx(thawed.mean() - found.probe, abs=1e-4)
    assert (found.epochs, found.steps) == (3, 3)
    assert found.thaw_from == "5"
    assert found.seconds > 0
    assert not found.stopped_early
    assert from_dict(Pilot, to_dict(found)) == found
    phases = [fields["phase"] for kind, fields in told if kind == "phase"]
    assert phases == ["prepare", "pilot"]
    done = [(f["done"], f["total"]) for k, f in told if k == "step" and f["what"] == "epochs"]
    assert done == [(n, 9) for n in range(1, 10)]
    assert not list(tmp_path.glob("pilot-*"))  # no checkpoints are left


def test_it_is_the_same_each_time_and_every_fold_begins_from_the_base(
    shapes: Dataset, evidence: Evidence, tried: Callable[..., Any], folds: list[Any], tmp_path: Path
) -> None:
    found, _ = tried()
    assert found.folds == 3
    trial = pilot._opened(shapes, evidence, 0.2, ignore, lambda: True)
    last = (trial, 2, pilot._Plan(3, 3), AMPLE, tmp_path, ignore, lambda: True)
    assert pilot._fold(*last).thawed.tolist() == folds[2].thawed.tolist()


def test_where_nothing_moves_the_head_is_the_probe(
    tried: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    rung = pilot._first_rung
    monkeypatch.setattr(
        pilot, "_first_rung", lambda *given: replace(rung(*given), body_lr=0.0, head_lr=0.0)
    )
    monkeypatch.setattr(pilot, "FOLDS", 1)
    found, _ = tried()
    assert abs(found.gain) <= 1 / found.n + 1e-4  # both fits are cut short, each in its own way


def test_held_out_pictures_are_never_opened(
    shapes: Dataset, tried: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pilot, "FOLDS", 1)
    parts = split(shapes, val_fraction=0.2, seed=0)
    examples = list(shapes.examples)
    for row in parts.val:
        examples[row] = replace(examples[row], path=tmp_path / "gone.png", split="test")
    for row in parts.train[:4]:
        examples[row] = replace(examples[row], split="val", path=tmp_path / "gone.png")
    found, _ = tried(dataset=replace(shapes, examples=tuple(examples), fingerprint="other"))
    assert found.n > 0


def test_with_little_time_there_are_fewer_folds_or_epochs_and_it_says_so(
    shapes: Dataset, evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = pilot._opened(shapes, evidence, 0.2, ignore, lambda: True)
    monkeypatch.setattr(pilot, "MIN_STEPS", 6)
    # An epoch takes 4.1 times 25 or 26 examples learned from, and 38 or 39 looked at.
    plans = [pilot._plan(trial, 0.01, seconds) for seconds in (100.0, 20.0, 10.0, 5.0, 0.1)]
    assert [(plan.folds, plan.epochs) for plan in plans] == [(3, 6), (2, 6), (1, 6), (1, 3), (1, 1)]
    assert pilot._pace(trial, lambda done, total: None) > 0


def test_a_fold_that_is_cut_off_counts_only_where_there_is_no_better(
    tried: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[pilot.Judged] = []
    rights = np.array([True, False, True, False])
    monkeypatch.setattr(pilot, "_fold", lambda *given_: given.pop(0))

    def after(*epochs: int) -> Pilot | None:
        given[:] = [pilot.Judged(rights, ~rights, n) for n in epochs]
        found: Pilot | None = tried()[0]
        return found

    whole = after(3, 3, 3)
    assert whole
    assert (whole.folds, whole.n, whole.stopped_early) == (3, 12, False)
    cut = after(3, 2)
    assert cut
    assert (cut.folds, cut.epochs, cut.n, cut.stopped_early) == (1, 3, 4, True)
    only = after(2)
    assert only
    assert (only.folds, only.epochs, only.stopped_early) == (1, 2, True)
    assert after(0) is None


def test_without_time_there_is_nothing(tried: Callable[..., Any]) -> None:
    assert tried(seconds=0.0)[0] is None


@pytest.mark.parametrize("asked", [0, 6])
def test_a_stop_ends_it(tried: Callable[..., Any], asked: int) -> None:
    """While the frozen part is computed, and between batches."""
    answers = iter([True] * asked)
    with pytest.raises(Cancelled):
        tried(ask=lambda: next(answers, False))


def test_what_a_run_has_made_is_tried_with_its_own_weights(
    evidence: Evidence, shapes: Dataset, tmp_path: Path
) -> None:
    spec = RunSpec("train", dataset="drawn", size=64, strategy="lora")
    files.runs_dir().mkdir(parents=True)
    finish(spec, draw_pictures(tmp_path, classes=3, per_class=8), files.runs_dir() / RUN)
    tuned = replace(evidence, base=f"run:{RUN}")
    trials = [
        pilot._opened(shapes, found, 0.2, ignore, lambda: True) for found in (evidence, tuned)
    ]
    plain, own = (trial.backbone.fingerprint for trial in trials)
    assert plain != own
    expected = inherit.load_backbone(catalog.find(tuned.base), size=64, pretrained=True)
    assert own == expected.fingerprint
