"""Whole runs on texts: every strategy to its end, kills and resumes, caches, predictions."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.engine.handmade import Told, opened, train
from tl_core import catalog
from tl_core.data.dataset import Dataset
from tl_core.data.samples import load_sample
from tl_core.engine import adapters, caches, evaluate
from tl_core.engine.learner import moved_state
from tl_core.engine.predict import predict
from tl_core.engine.train import advance, summary
from tl_core.spec import STRATEGIES, RunSpec

BASE = catalog.default_base("text")
SPEC = RunSpec(
    "train", "said", base=BASE, strategy="lora", size=32, epochs=3, patience=0, seed=3
)  # fmt: skip


Ended = tuple[Path, dict[str, Any], Told]
"""The folder of a run, its result and its events."""


@pytest.fixture(scope="module")
def said() -> Dataset:
    """One way of saying each sentence; a third of the sentences is held out."""
    whole = load_sample("messages")
    examples = []
    for row, example in enumerate(whole.examples):
        if row % 5 == 0:
            split = "val" if int(example.group.split()[1]) % 3 == 0 else "train"
            examples.append(dataclasses.replace(example, split=split))
    return dataclasses.replace(whole, id="said", examples=tuple(examples), fingerprint="said")


@pytest.fixture(scope="module")
def ended(said: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Ended]:
    """Run a strategy to its end; each once."""

    @cache
    def of(strategy: str) -> Ended:
        folder = tmp_path_factory.mktemp(strategy)
        return folder, *train(dataclasses.replace(SPEC, strategy=strategy), said, folder)

    return of


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_comes_to_its_end(ended: Callable[[str], Ended], strategy: str) -> None:
    _folder, result, told = ended(strategy)
    assert len(told.val_losses) >= 3
    if strategy != "from_scratch":
        assert told.val_losses[0] == pytest.approx(1.386, abs=0.02)  # ln 4: nothing learned yet
        assert result["best"]["val_accuracy"]["value"] > 0.6  # a guess is right on a quarter
        assert min(told.val_losses.values()) < 1.1
    if strategy == "gradual_unfreezing":
        (chosen,) = told.of("ladder")
        assert [p["stage"] for p in chosen["stage_probes"]] == ["words", *"123456"]


class Killed(Exception):
    """Stands for a kill."""


@pytest.mark.parametrize("strategy", ["lora", "gradual_unfreezing"])
def test_a_killed_run_goes_on_to_the_same_numbers(
    tmp_path: Path, said: Dataset, ended: Callable[[str], Ended], strategy: str
) -> None:
    spec = dataclasses.replace(SPEC, strategy=strategy)
    _folder, whole, expected = ended(strategy)
    run, told = opened(spec, said, tmp_path)

    def until(event: str, /, **fields: Any) -> None:
        told(event, **fields)
        if event == "epoch" and fields["epoch"] == 2:
            raise Killed

    run.emit = until
    with pytest.raises(Killed):
        advance(run)
    again, resumed = opened(spec, said, tmp_path)
    advance(again)
    result = summary(again)
    assert resumed.of("resumed")
    assert max(resumed.val_losses) == max(expected.val_losses)
    for epoch, loss in resumed.val_losses.items():
        assert loss == pytest.approx(expected.val_losses[epoch], abs=1e-6)
    assert result["best"] == whole["best"]


@torch.inference_mode()
def test_kept_texts_give_what_texts_give(tmp_path: Path, said: Dataset) -> None:
    run, _told = opened(SPEC, said, tmp_path)
    backbone, examples = run.bench.backbone, run.bench.val.examples
    kept = caches.stored(backbone, examples, 3, progress=lambda done, total: None)
    assert kept
    rows = [5, 0, 17]
    inputs = kept.inputs(rows)
    assert inputs.shape[1] == max(examples.lengths[row] for row in rows)
    assert kept.lengths == examples.lengths
    value = inputs
    for segment in backbone.chain.segments[3:]:
        value = segment(value)
    plain = backbone.body(examples.inputs(rows))
    torch.testing.assert_close(value, plain, rtol=0, atol=0.01)  # half precision


def test_judging_by_length_keeps_the_order(tmp_path: Path, said: Dataset) -> None:
    run, _told = opened(SPEC, said, tmp_path)
    examples, body = run.bench.train.examples, run.bench.backbone.body
    rows = [9, 2, 30, 3]
    found = evaluate.run(body, body, examples, rows)
    with torch.inference_mode():
        alone = torch.cat([body(examples.inputs([row])) for row in rows])
    torch.testing.assert_close(found, alone, rtol=1e-4, atol=1e-5)


def test_the_best_model_answers_and_is_stored_small(
    said: Dataset, ended: Callable[[str], Ended]
) -> None:
    folder, _result, _told = ended("lora")
    asked = [dataclasses.replace(said.examples[0], key="", text="I forgot my password again.")]
    (answer,) = predict(SPEC, said, folder, asked)
    assert answer.guesses[0].label == "account"
    run, _told = opened(SPEC, said, folder)  # as it ended
    moved = moved_state(run.bench.learner, statistics=False)
    moving = sum(value.numel() for name, value in moved.items() if adapters.is_adapter(name))
    assert moving == 6 * 2 * 8 * (384 + 384)  # rank 8 on query and value of six layers
    head = sum(value.numel() for value in run.bench.learner.head.state_dict().values())
    assert sum(value.numel() for value in moved.values()) == moving + head  # not the base's
