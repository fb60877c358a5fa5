"""The end of a run reports what was kept, not what came last."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.engine.handmade import PLANS, Finished, finish, train
from tl_core import files
from tl_core.analysis import answers, calibration
from tl_core.catalog import learned, tuned
from tl_core.data.dataset import Dataset
from tl_core.engine import checkpoint
from tl_core.engine import finish as finish_module
from tl_core.spec import RunSpec, from_dict


@pytest.mark.parametrize("strategy", PLANS)
def test_the_predictions_are_those_of_the_kept_weights(
    finished: Callable[[str], Finished], drawn: Dataset, strategy: str
) -> None:
    end = finished(strategy)
    with (end.folder / "artifacts" / "predictions.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    best = end.result["best"]
    assert len(rows) == best["val_accuracy"]["n"]
    right = sum(row["label"] == row["predicted"] for row in rows)
    # The files round to four digits; bf16 may tip one example between two batch shapes.
    assert abs(right / len(rows) - best["val_accuracy"]["value"]) <= 1 / len(rows)
    val = [e for e in drawn.examples if e.split == "val"]
    assert [(row["key"], row["name"]) for row in rows] == [(e.key, e.name) for e in val]
    assert [row["label"] for row in rows] == [drawn.classes[e.label] for e in val]
    assert all(0.5 <= float(row["probability"]) <= 1 for row in rows)


@pytest.mark.parametrize("strategy", PLANS)
def test_everything_it_said_is_kept(
    finished: Callable[[str], Finished], drawn: Dataset, strategy: str
) -> None:
    end = finished(strategy)
    (val,) = answers.read(end.folder, None).values()
    best = end.result["best"]
    assert abs(val.is_right.mean() - best["val_accuracy"]["value"]) <= 1 / len(val)
    assert val.classes == drawn.classes
    assert val.logits is not None
    with (end.folder / "artifacts" / "predictions.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [drawn.classes[n] for n in val.given] == [row["predicted"] for row in rows]
    assert val.sure == pytest.approx([float(row["probability"]) for row in rows], abs=1e-4)
    fitted = calibration.read(end.folder)
    assert fitted is not None
    assert (fitted.n, fitted.mistakes) == (len(val), int((~val.is_right).sum()))


@pytest.mark.parametrize("strategy", PLANS)
def test_the_summary_speaks_of_the_best_weights(
    finished: Callable[[str], Finished], strategy: str
) -> None:
    end = finished(strategy)
    result, losses = end.result, end.told.val_losses
    assert result["best"]["val_loss"] <= min(v for e, v in losses.items() if e > 0) + 1e-9
    assert result["test_accuracy"] is None
    assert result["seconds"] > 0
    last = PLANS[strategy][-1]
    if result["best_phase"] == last.name:
        assert result["thawed"] == list(last.thawed)
    head = 2 * end.run.bench.learner.head.linear.in_features + 2
    moved = result["trainable_parameters"]
    assert moved == head if result["best_phase"] in {"head", "before"} else moved > head
    learner = end.run.bench.learner
    adapted = [p.numel() for n, p in learner.named_parameters() if ".lora_" in n]
    learnable = sum(p.numel() for p in learner.parameters()) - sum(adapted)
    assert learnable <= result["parameters"] <= 1.05 * learnable  # and averages beside them
    sizes = result["sizes"]
    assert (
        sizes["learned_bytes"] == (end.folder / "checkpoints" / "best.safetensors").stat().st_size
    )
    assert sizes["whole_bytes"] >= 4 * learnable
    if strategy == "lora":
        assert 4 * moved <= sizes["learned_bytes"] < sizes["whole_bytes"] / 5
    agreement = result["retention"]["agreement"]
    assert agreement == 1.0 if last.cached else 0 <= agreement <= 1


@pytest.mark.parametrize("strategy", PLANS)
def test_the_kept_file_holds_the_weights_that_were_judged(
    finished: Callable[[str], Finished], strategy: str
) -> None:
    end = finished(strategy)
    now = end.run.bench.learner.state_dict()
    kept = checkpoint.load_best(end.folder)
    assert all(torch.equal(now[name], value) for name, value in kept.items())
    moved = {name for name in kept if name.startswith("body.")}
    assert bool(moved) is (end.result["best_phase"] not in {"head", "before"})


def test_the_test_part_is_judged_once(
    tmp_path: Path, drawn: Dataset, spec: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = tuple(
        replace(e, split="test") if n % 7 == 0 else e for n, e in enumerate(drawn.examples)
    )
    judged = []
    plain = finish_module._tested
    monkeypatch.setattr(finish_module, "_tested", lambda run: judged.append(1) or plain(run))
    result, told = train(replace(spec, epochs=5), replace(drawn, examples=parts), tmp_path / "run")
    assert result["test_accuracy"]["n"] == sum(e.split == "test" for e in parts)
    assert 0.5 < result["test_accuracy"]["value"] <= 1
    assert len(judged) == 1
    assert not any("test" in key for e in told.events for key in e)
    with (tmp_path / "run" / "artifacts" / "test_predictions.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["name"] for row in rows} == {e.name for e in parts if e.split == "test"}
    right = sum(row["label"] == row["predicted"] for row in rows)
    assert result["test_accuracy"]["value"] == pytest.approx(right / len(rows), abs=1e-4)
    assert answers.read(tmp_path / "run", None)["test"].is_right.sum() == right


def test_agreement_falls_when_the_body_changes(
    tmp_path: Path, drawn: Dataset, spec: RunSpec
) -> None:
    end = finish(replace(spec, patience=0), drawn, tmp_path / "run")
    run = end.run
    with torch.no_grad():
        for parameter in run.bench.learner.body.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.5)
    _logits, changed = finish_module._looked_at(run, untouched=False)
    assert changed["agreement"] < 1.0
    assert changed["drift"][-1]["cka"] < 1.0
    _logits, same = finish_module._looked_at(run, untouched=True)
    assert same["agreement"] == same["drift"][-1]["cka"] == 1.0


@pytest.mark.parametrize("strategy", PLANS)
def test_a_run_says_of_itself_what_others_must_know_to_begin_with_it(
    finished: Callable[[str], Finished], drawn: Dataset, strategy: str
) -> None:
    end = finished(strategy)
    told = from_dict(tuned.Tuned, files.read_json(end.folder / "artifacts" / "base.json"))
    assert told.is_changed == (strategy not in ("linear_probe", "multi_stage_probe"))
    assert told.sha256 == files.sha256_of(end.folder / "checkpoints" / "best.safetensors")
    assert (told.origin, told.origin_sha256) == (end.run.spec.base, "")
    assert (told.strategy, told.size) == (strategy, end.run.bench.backbone.size)
    assert (told.dataset, told.fingerprint, told.classes) == ("drawn", drawn.fingerprint, 2)
    assert asdict(told.accuracy) == end.result["best"]["val_accuracy"]
    assert told.stages == end.run.bench.backbone.stages
    assert len(np.load(end.folder / learned.FILE)) == len(end.run.bench.train)
