"""Evidence: complete, stored, reused, and never read off held-out pictures."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.engine.handmade import draw_pictures, finish
from tests.tuned_runs import RUN, kept_run
from tl_core import catalog, files
from tl_core import evidence as evidence_package
from tl_core.advisor.bases import paired_p
from tl_core.data import measured
from tl_core.data.dataset import Dataset
from tl_core.data.samples import load_sample
from tl_core.data.split import split
from tl_core.engine import features, setup
from tl_core.engine.chain import Chain
from tl_core.errors import Cancelled, InputError
from tl_core.evidence import measure, sample
from tl_core.spec import Evidence, RunSpec, to_dict

BASE = "tf_efficientnet_lite0"


def _measure(
    dataset: Dataset, ask: Callable[[], bool] = lambda: True, *, base: str = BASE, size: int = 64
) -> tuple[Evidence, list[str]]:
    told: list[str] = []

    def emit(kind: str, /, **fields: Any) -> None:
        json.dumps(fields, allow_nan=False)
        told.append(fields.get("phase", kind))

    found = measure(
        dataset, base, size=size, seed=0, val_fraction=0.2, emit=emit, should_continue=ask
    )
    return found, told


def test_a_record_is_complete_and_within_bounds(shapes: Dataset) -> None:
    found, told = _measure(shapes)
    assert [t for t in told if t != "step"] == [
        "decode",
        "forward",
        "first_look",
        "probe",
        "volume",
        "controls",
    ]
    assert found.n == len(split(shapes, val_fraction=0.2, seed=0).train) == 32
    assert (found.classes, found.size, found.base) == (2, 64, BASE)
    assert found.shift is not None
    assert found.shift_expected is not None
    assert found.shift.late > found.shift_expected.late
    assert found.source_confidence is not None
    assert 0 < found.source_confidence < 1
    assert found.source_entropy is not None
    assert 0 < found.source_entropy < 1
    assert found.probe_gap is not None
    assert 0 <= found.probe_gap <= 1
    assert found.volume is not None
    assert found.volume.sizes[-1] == round(0.8 * found.n)
    assert found.leep_per_log_c is not None
    assert -1.5 < found.leep_per_log_c <= 0
    for accuracy in (
        found.linear_probe,
        found.multi_stage_probe,
        found.knn,
        found.zero_training,
        found.controls.pixels,
        found.controls.random_init,
    ):
        assert accuracy is not None
        assert 0 <= accuracy.low <= accuracy.value <= accuracy.high <= 1
        assert accuracy.n == 32
    assert found.linear_probe.value > 0.8
    assert found.forward_per_second > 0
    assert found.stage_probes is not None
    assert [p.stage for p in found.stage_probes] == [stage.name for stage in found.stages]
    assert all(0 <= p.accuracy <= 1 for p in found.stage_probes)
    assert found.stage_probes[-1].accuracy == pytest.approx(found.linear_probe.value, abs=0.2)


def test_of_texts_the_shift_is_measured_too(thaw_home: Path) -> None:
    messages = load_sample("messages")
    found, _ = _measure(messages, base=catalog.default_base("text"), size=32)
    assert found.shift is not None
    assert found.shift_expected is not None
    assert found.distance == "middling"
    assert found.shift_expected.late < 0.02 < found.shift.late < 0.07
    assert found.knows_distance


def test_what_a_run_has_made_is_measured_with_its_own_classes(
    shapes: Dataset, tmp_path: Path
) -> None:
    spec = RunSpec("train", dataset="drawn", size=64, strategy="lora")
    files.runs_dir().mkdir(parents=True)
    finish(spec, draw_pictures(tmp_path, classes=3, per_class=8), files.runs_dir() / RUN)
    base = catalog.find(f"run:{RUN}")
    found, _ = _measure(shapes, base=base.id)
    assert (found.base, found.weights, found.size) == (base.id, base.weights, 64)
    for sign in (found.leep_per_log_c, found.zero_training, found.source_confidence):
        assert sign is not None
    assert found.source_confidence > 1 / 3  # of three classes, not of a thousand
    assert (found.shift, found.shift_expected, found.distance) == (None, None, "middling")
    assert not found.knows_distance
    assert _measure(shapes, base=base.id) == (found, [])
    first, _ = _measure(shapes)
    assert paired_p(first.probe_hits, found.probe_hits) is not None


def test_the_probe_says_which_examples_it_was_right_on(shapes: Dataset) -> None:
    found, _ = _measure(shapes)
    assert found.probe_hits is not None
    assert found.probe_hits.right.count("1") == round(found.linear_probe.value * found.n)
    assert len(found.probe_hits.right) == found.n
    other, _ = _measure(shapes, base="tf_efficientnet_lite1")
    assert other.probe_hits is not None
    assert other.probe_hits.asked == found.probe_hits.asked
    seeded = measure(
        shapes, BASE, size=64, seed=1, val_fraction=0.2, emit=lambda kind, **fields: None,
        should_continue=lambda: True,
    )  # fmt: skip
    assert seeded.probe_hits is not None
    assert seeded.probe_hits.asked != found.probe_hits.asked


def test_a_run_is_not_measured_on_what_it_has_learned_from(shapes: Dataset) -> None:
    with pytest.raises(InputError):
        _measure(shapes, base=kept_run(fingerprint=shapes.fingerprint))


def test_the_second_time_it_is_read_from_the_store(
    shapes: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = _measure(shapes)
    monkeypatch.setattr(evidence_package, "modality_of", lambda name: pytest.fail("measured again"))
    second, told = _measure(shapes)
    assert second == first
    assert told == []
    assert measured.list_evidence(shapes.id) == (first,)


def test_it_is_the_same_for_the_same_seed(shapes: Dataset, thaw_home: Path) -> None:
    first, _ = _measure(shapes)
    for path in (thaw_home / "datasets" / shapes.id / "evidence").iterdir():
        path.unlink()
    second, _ = _measure(shapes)
    speed = {"forward_per_second", "train_per_second", "seconds"}
    assert {k: v for k, v in to_dict(first).items() if k not in speed} == {
        k: v for k, v in to_dict(second).items() if k not in speed
    }


def test_a_stop_ends_it_and_stores_nothing(shapes: Dataset) -> None:
    with pytest.raises(Cancelled):
        _measure(shapes, lambda: False)
    assert measured.list_evidence(shapes.id) == ()


def test_the_sample_is_bounded_stratified_and_from_training_only(
    shapes: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_package, "LIMIT", 12)
    rows = sample(shapes, val_fraction=0.2, seed=0)
    assert len(rows) == 12
    assert set(rows) <= set(split(shapes, val_fraction=0.2, seed=0).train)
    labels = [shapes.examples[row].label for row in rows]
    assert labels.count(0) == labels.count(1) == 6
    assert sample(shapes, val_fraction=0.2, seed=0) == rows


def test_a_run_that_follows_computes_nothing_that_was_measured(
    shapes: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_package, "LIMIT", 20)
    found, _ = _measure(shapes)
    spec = RunSpec("train", dataset=shapes.id, base=BASE, size=64, strategy="linear_probe")
    bench = setup.prepare(spec, shapes, "linear_probe", emit=lambda kind, **fields: None)
    told = []
    every_stage = features.every_stage

    def counted(chain: Chain, inputs: torch.Tensor) -> torch.Tensor:
        told.append(len(inputs))
        return every_stage(chain, inputs)

    monkeypatch.setattr(features, "every_stage", counted)
    setup.frozen_features(bench, lambda kind, **fields: None, lambda: True)
    assert (found.n, len(bench.train), len(bench.val)) == (20, 32, 8)
    assert sum(told) == 32 + 8 - 20


def test_held_out_pictures_are_never_opened(shapes: Dataset, tmp_path: Path) -> None:
    parts = split(shapes, val_fraction=0.2, seed=0)
    gone = tmp_path / "gone.png"
    examples = list(shapes.examples)
    for row in parts.val:
        examples[row] = replace(examples[row], path=gone, split="test")
    found, _ = _measure(replace(shapes, examples=tuple(examples), fingerprint="other"))
    assert found.n > 0
