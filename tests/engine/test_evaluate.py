"""Judging leaves the learner as it was, whichever way the features come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tl_core.data.dataset import Dataset
from tl_core.engine import caches, evaluate, setup
from tl_core.engine.evaluate import Judged, Source
from tl_core.engine.scores import judge
from tl_core.spec import RunSpec

Part = Callable[[setup.Bench, Source, setup.FrozenFeatures | None], Judged]


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
    return Source(bench.train.examples, bench.train.examples, bench.val.examples)


@pytest.mark.parametrize("part", [evaluate.training, evaluate.validation])
def test_cached_and_whole_judgements_agree(
    bench: setup.Bench, frozen: setup.FrozenFeatures, part: Part
) -> None:
    quick = part(bench, plain(bench), frozen)
    whole = part(bench, plain(bench), None)
    assert quick.loss == pytest.approx(whole.loss, rel=0.05)
    rows = len(bench.val) if part is evaluate.validation else len(bench.check)
    assert whole.losses.shape == quick.losses.shape == (rows,)
    assert quick.accuracy.n == rows


def test_a_stored_source_is_judged_from_the_middle(thaw_home: Path, bench: setup.Bench) -> None:
    train, val = (
        caches.stored(bench.backbone, part.examples, 5, progress=lambda *p: None)
        for part in (bench.train, bench.val)
    )
    assert train
    assert val
    varied = replace(train, values=torch.zeros_like(train.values))  # must not be judged by
    source = Source(varied, train, val, 5)
    for part in (evaluate.training, evaluate.validation):
        whole, middle = part(bench, plain(bench), None), part(bench, source, None)
        torch.testing.assert_close(middle.losses, whole.losses, rtol=0.02, atol=0.02)


def test_losses_are_those_of_the_learner_s_logits(bench: setup.Bench) -> None:
    found = evaluate.validation(bench, plain(bench), None)
    logits = evaluate.logits(bench, plain(bench), bench.val.examples, range(len(bench.val)))
    losses, right = judge(logits, bench.val.labels)
    torch.testing.assert_close(found.losses, losses)
    assert found.loss == pytest.approx(float(losses.mean()))
    assert found.accuracy.value == pytest.approx(float(right.float().mean()), abs=1e-4)


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
