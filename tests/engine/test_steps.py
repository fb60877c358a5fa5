"""Steps: rates, memory that runs short, and losses that run away."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tests.engine.handmade import PLANS, STAGES, Told, opened
from tl_core.data.dataset import Dataset
from tl_core.engine import phase, steps, together
from tl_core.engine.finish import summary
from tl_core.engine.record import Run
from tl_core.engine.strategies import Phase
from tl_core.engine.train import advance
from tl_core.spec import RunSpec


def optimizer_with(*is_new: bool) -> torch.optim.AdamW:
    groups = [
        {"params": [nn.Parameter(torch.ones(1))], "lr": 0.1, "peak": 0.1, "is_new": new}
        for new in is_new
    ]
    return torch.optim.AdamW(groups)


def rates_at(optimizer: torch.optim.AdamW, share: float) -> list[float]:
    steps._set_rates(optimizer, share)
    return [group["lr"] for group in optimizer.param_groups]


def test_rates_rise_only_for_what_is_new_and_fall_along_a_cosine() -> None:
    optimizer = optimizer_with(True, False)
    new, old = rates_at(optimizer, 0.0)
    assert old == pytest.approx(0.1)
    assert 0 < new < 0.02
    rising = [rates_at(optimizer, share)[0] for share in (0.0, 0.03, 0.06, 0.0999)]
    assert rising == sorted(rising)
    assert rates_at(optimizer, steps.WARM_UP) == pytest.approx([0.1, 0.1])
    half = steps.WARM_UP + (1 - steps.WARM_UP) / 2
    assert rates_at(optimizer, half) == pytest.approx([0.05, 0.05])
    falling = [rates_at(optimizer, share)[1] for share in (0.2, 0.5, 0.8, 0.99)]
    assert falling == sorted(falling, reverse=True)
    assert rates_at(optimizer, 1.0) == pytest.approx([0.0, 0.0])


def test_shortage_of_memory_is_told_from_other_errors() -> None:
    assert steps._is_out_of_memory(MemoryError())
    assert steps._is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory. Tried to"))
    assert steps._is_out_of_memory(
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")
    )
    assert not steps._is_out_of_memory(RuntimeError("shapes do not fit"))


class Narrow(nn.Module):
    """A network that has no memory for more than a few examples at once."""

    limit = 100

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, inputs: torch.Tensor, start: int) -> torch.Tensor:
        if len(inputs) > self.limit:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        logits: torch.Tensor = self.network(inputs, start)
        return logits


def entered(spec: RunSpec, dataset: Dataset, folder: Path, **changed: Any) -> tuple[Run, Told]:
    """Return a run in its first phase, in which everything moves."""
    asked = replace(spec, strategy="full_fine_tune", **changed)
    run, told = opened(asked, dataset, folder, PLANS["full_fine_tune"])
    torch.manual_seed(1)
    nn.init.normal_(run.bench.learner.head.linear.weight, std=0.01)
    phase.enter(run)
    return run, told


@pytest.mark.parametrize("retention", ["none", "ldifs"])
def test_a_batch_in_pieces_teaches_the_same(
    tmp_path: Path,
    unsettled: Dataset,
    spec: RunSpec,
    monkeypatch: pytest.MonkeyPatch,
    retention: str,
) -> None:
    monkeypatch.setattr(together, "wrapped", Narrow)
    losses, gradients = {}, {}
    for limit in (100, 5):
        monkeypatch.setattr(Narrow, "limit", limit)
        run, told = entered(spec, unsettled, tmp_path / f"{limit}", retention=retention)
        inputs = run.bench.train.examples.inputs(range(18))
        losses[limit] = steps._step(run, inputs, run.bench.train.labels[:18], 18)
        gradients[limit] = run.bench.learner.head.linear.weight.grad.clone()
        if limit == 5:
            assert run.progress.pieces == 4
            assert [e["action"] for e in told.of("action")] == ["halve_batch", "halve_batch"]
            assert "2" in told.of("action")[0]["text"]
            assert "4" in told.of("action")[1]["text"]
        else:
            assert run.progress.pieces == 1
            assert not told.of("action")
    assert losses[5] == pytest.approx(losses[100], rel=1e-4)
    torch.testing.assert_close(gradients[5], gradients[100], rtol=1e-3, atol=1e-5)


def test_one_example_that_does_not_fit_and_any_other_error_are_raised(
    tmp_path: Path, unsettled: Dataset, spec: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "wrapped", Narrow)
    run, _told = entered(spec, unsettled, tmp_path / "run")
    inputs, labels = run.bench.train.examples.inputs(range(4)), run.bench.train.labels[:4]
    monkeypatch.setattr(Narrow, "limit", 0)
    with pytest.raises(RuntimeError, match="memory"):
        steps._step(run, inputs, labels, 4)
    monkeypatch.setattr(Narrow, "limit", 100)
    with pytest.raises(RuntimeError):
        steps._step(run, inputs[:, :2], labels, 4)


def test_with_several_processes_a_shortage_is_not_hidden(
    tmp_path: Path, unsettled: Dataset, spec: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "wrapped", Narrow)
    monkeypatch.setattr(Narrow, "limit", 5)
    run, told = entered(spec, unsettled, tmp_path / "run")
    inputs, labels = run.bench.train.examples.inputs(range(18)), run.bench.train.labels[:18]
    monkeypatch.setattr(together, "size", lambda: 2)
    with pytest.raises(RuntimeError, match="memory"):
        steps._step(run, inputs, labels, 18)
    assert not told.of("action")


def test_a_shortage_is_remembered_over_a_kill(
    tmp_path: Path, unsettled: Dataset, spec: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "wrapped", Narrow)
    monkeypatch.setattr(Narrow, "limit", 12)
    asked = replace(spec, strategy="full_fine_tune", patience=0)
    run, told = opened(asked, unsettled, tmp_path / "run", PLANS["full_fine_tune"])
    assert advance(run)
    assert len(told.of("action")) == 1
    again, _told = opened(asked, unsettled, tmp_path / "run", PLANS["full_fine_tune"])
    assert again.progress.pieces == 2


def test_a_loss_that_is_no_number_ends_the_run_with_its_best(
    tmp_path: Path, unsettled: Dataset, spec: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "BATCH", 6)
    plain, calls = steps.cross_entropy, 0

    def failing(*args: Any, **options: Any) -> torch.Tensor:
        nonlocal calls
        calls += 1
        return plain(*args, **options) * (math.nan if calls == 6 else 1.0)

    monkeypatch.setattr(steps, "cross_entropy", failing)
    asked = replace(spec, strategy="full_fine_tune", patience=0)
    run, told = opened(asked, unsettled, tmp_path / "run", PLANS["full_fine_tune"])
    assert advance(run)
    result = summary(run)
    assert calls == 6
    assert [(e["kind"], e["epoch"]) for e in told.of("alert")] == [("nan", 2)]
    assert result["stop_reason"] == "nan"
    best = [e["val_loss"] for e in told.of("epoch") if e["improved"]][-1]
    assert result["best"]["val_loss"] == best
    state = run.bench.learner.state_dict()
    assert all(torch.isfinite(v).all() for v in state.values())


def test_the_order_of_examples_depends_on_seed_and_epoch_alone(
    tmp_path: Path, unsettled: Dataset, spec: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "BATCH", 6)
    monkeypatch.setattr(steps, "_step", lambda run, inputs, labels, total: 0.5)
    asked: list[list[int]] = []

    def epoch_of(run: Run) -> list[list[int]]:
        asked.clear()
        plain = run.source.train

        class Noting:
            lengths = plain.lengths

            def augmented(self, rows: list[int], variation: Any) -> torch.Tensor:
                asked.append(list(rows))
                assert (variation.seed, variation.turn) == (0, run.progress.epoch + 1)
                return plain.inputs(rows)

        run.source = replace(run.source, train=Noting())  # type: ignore[arg-type]
        assert steps.train_epoch(run) == ("", False)
        run.source = replace(run.source, train=plain)
        run.progress.step = 0
        return list(asked)

    run, _told = entered(spec, unsettled, tmp_path / "run")
    first, same = epoch_of(run), epoch_of(run)
    run.progress.epoch += 1
    other = epoch_of(run)
    assert first == same != other
    for batches in (first, other):
        assert sorted(row for batch in batches for row in batch) == list(
            range(len(run.bench.train))
        )
        assert max(map(len, batches)) == 6


def test_a_head_settles_once_its_objective_does(
    tmp_path: Path, unsettled: Dataset, spec: RunSpec
) -> None:
    run, _told = opened(spec, unsettled, tmp_path / "run", [Phase("head", 40, head_steps=(5,))])
    phase.enter(run)
    objectives = []
    settled = False
    while not settled:
        halted, settled = steps.train_head(run)
        assert halted == ""
        objectives.append(run.progress.objective)
        assert len(objectives) < 60
    assert objectives == sorted(objectives, reverse=True)
    assert objectives[-2] - objectives[-1] < steps.CONVERGED * objectives[-1]
    assert run.progress.penalty is not None
    assert len(STAGES) == len(run.bench.stages)


def test_every_example_is_in_one_batch_and_like_lengths_go_together() -> None:
    lengths = np.random.default_rng(0).integers(3, 90, 1000).tolist()
    mixed = steps.batches_of((), 1000, (0, 1))
    alike = steps.batches_of(lengths, 1000, (0, 1))
    for batches in (mixed, alike):
        assert sorted(row for batch in batches for row in batch) == list(range(1000))
        assert max(map(len, batches)) == steps.BATCH
    assert alike == steps.batches_of(lengths, 1000, (0, 1))
    assert alike != steps.batches_of(lengths, 1000, (0, 2))

    def filled_up(batches: list[list[int]]) -> int:
        return sum(max(lengths[row] for row in batch) * len(batch) for batch in batches)

    assert filled_up(alike) < 1.15 * sum(lengths) < filled_up(mixed)


def test_the_loss_of_batches_is_told_as_they_are_learned(
    tmp_path: Path, unsettled: Dataset, spec: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "REPORT_SECONDS", -1.0)
    monkeypatch.setattr(steps, "BATCH", 8)
    run, told = entered(spec, unsettled, tmp_path / "run")
    phase.supply(run)

    assert steps.train_epoch(run) == ("", False)

    batches = told.of("step")
    assert [b["done"] for b in batches] == list(range(1, batches[0]["total"] + 1))
    assert {b["epoch"] for b in batches} == {run.progress.epoch + 1}
    assert all(0 < b["loss"] < 100 for b in batches)


def test_what_a_batch_leaves_out_depends_on_its_place_alone() -> None:
    dropout, values = torch.nn.Dropout(0.5), torch.ones(1000)

    def left_out(*place: int) -> torch.Tensor:
        steps._begin_draws(*place)
        return dropout(values)

    first = left_out(3, 1, 2)
    torch.rand(7)  # whatever was drawn in between, in another process say
    assert torch.equal(left_out(3, 1, 2), first)
    for other in ((4, 1, 2), (3, 2, 2), (3, 1, 3)):
        assert not torch.equal(left_out(*other), first)
