"""A network that was rebuilt answers as the run did at its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.engine.handmade import PLANS, Finished
from tl_core.data.dataset import Dataset
from tl_core.engine import adapters, evaluate
from tl_core.engine.modality import Backbone
from tl_core.engine.rebuild import rebuild
from tl_core.engine.scores import judge
from tl_core.spec import RunSpec


@pytest.mark.parametrize("strategy", PLANS)
def test_the_rebuilt_network_gives_the_same_logits(
    finished: Callable[[str], Finished], drawn: Dataset, strategy: str
) -> None:
    end = finished(strategy)
    bench = end.run.bench
    expected = evaluate.logits(bench, end.run.source, end.run.source.val, range(len(bench.val)))
    made = rebuild(end.run.spec, drawn, end.folder)
    assert not made.learner.training
    inputs = bench.val.examples.inputs(range(len(bench.val)))
    with torch.inference_mode():
        logits = made.learner(inputs)
        plain = bench.learner(inputs)
    torch.testing.assert_close(logits, plain, rtol=1e-3, atol=1e-3)
    spread = float(expected.abs().max())
    assert float((logits - expected).abs().max()) < 0.03 * spread  # stored in half precision
    loss = float(judge(logits, bench.val.labels)[0].mean())
    assert loss == pytest.approx(end.result["best"]["val_loss"], abs=0.02)
    names = [n for n, _p in made.learner.body.named_parameters()]
    assert not any(adapters.is_adapter(n) or "base_layer" in n for n in names)
    assert not any(p.requires_grad for p in made.learner.parameters())


def test_what_moved_is_not_what_it_was(
    finished: Callable[[str], Finished], drawn: Dataset, lite0: Backbone
) -> None:
    for strategy in ("lora", "full_fine_tune"):
        end = finished(strategy)
        made = rebuild(end.run.spec, drawn, end.folder)
        now, before = made.learner.body.state_dict(), lite0.body.state_dict()
        assert set(now) == set(before)
        assert any(not torch.equal(now[n], before[n]) for n in now)


def test_a_run_that_kept_nothing_cannot_be_rebuilt(
    tmp_path: Path, drawn: Dataset, spec: RunSpec
) -> None:
    with pytest.raises(FileNotFoundError):
        rebuild(replace(spec), drawn, tmp_path)
