"""Judging leaves the learner as it was, whichever way the features come."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tl_core.data.dataset import Dataset
from tl_core.engine import caches, evaluate, setup
from tl_core.engine.evaluate import Source
from tl_core.engine.scores import judge
from tl_core.spec import RunSpec


@pytest.fixture(scope="module")
def bench(drawn: Dataset) -> setup.Bench:
    spec = RunSpec("train", dataset="drawn", size=64)
    made = setup.prepare(spec, drawn, "linear_probe", emit=lambda kind, **f: None)
    torch.manual_seed(0)
    torch.nn.init.normal_(made.learner.head.linear.weight, std=0.01)
    return made


@pytest.fixture(scope="module")
def frozen(bench: setup.Bench) -> setup.FrozenFeatures:
    return setup.frozen_features(bench, lambda kind, **f: None, lambda: True)


def plain(bench: setup.Bench) -> Source:
    return Source(bench.train.examples, bench.val.examples)


def test_cached_and_whole_judgements_agree(
    bench: setup.Bench, frozen: setup.FrozenFeatures
) -> None:
    quick = evaluate.scores(bench, plain(bench), frozen)
    whole = evaluate.scores(bench, plain(bench), None)
    assert quick.val_loss == pytest.approx(whole.val_loss, rel=0.05)
    assert quick.train_loss == pytest.approx(whole.train_loss, rel=0.05)
    assert quick.val_losses.shape == (len(bench.val),)
    assert quick.val_accuracy.n == len(bench.val)
    assert 0 <= quick.train_accuracy <= 1


def test_a_stored_source_is_judged_from_the_middle(thaw_home: Path, bench: setup.Bench) -> None:
    whole = evaluate.scores(bench, plain(bench), None)
    parts = [
        caches.stored(bench.backbone, part.examples, [5], variation=None, progress=lambda *p: None)[
            5
        ]
        for part in (bench.train, bench.val)
    ]
    middle = evaluate.scores(bench, Source(*parts, 5), None)
    torch.testing.assert_close(middle.val_losses, whole.val_losses, rtol=0.02, atol=0.02)


def test_losses_are_those_of_the_learner_s_logits(bench: setup.Bench) -> None:
    found = evaluate.scores(bench, plain(bench), None)
    logits = evaluate.logits(bench, plain(bench), bench.val.examples, range(len(bench.val)))
    losses, right = judge(logits, bench.val.labels)
    torch.testing.assert_close(found.val_losses, losses)
    assert found.val_loss == pytest.approx(float(losses.mean()))
    assert found.val_accuracy.value == pytest.approx(float(right.float().mean()), abs=1e-4)


def test_judging_restores_every_mode(bench: setup.Bench) -> None:
    learner = bench.learner
    learner.body.train()
    first = next(learner.body.children())
    first.eval()
    seen = []

    def compute(inputs: torch.Tensor) -> torch.Tensor:
        seen.append(any(m.training for m in learner.modules()))
        return inputs.mean((2, 3))

    found = evaluate.run(learner, compute, bench.val.examples, range(2))
    assert found.shape == (2, 3)
    assert seen == [False]
    assert learner.body.training
    assert not first.training
    learner.body.eval()
