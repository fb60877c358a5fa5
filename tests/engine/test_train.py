"""The loop on the real base: epochs, phases, limits, turns, stop, kill and resume."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from accelerate.state import AcceleratorState

from tests.engine.handmade import Told, opened, train
from tl_core.data.dataset import Dataset
from tl_core.engine import checkpoint, precision, steps
from tl_core.engine.train import advance, summary, train_run
from tl_core.spec import STRATEGIES, RunSpec

EPOCHS = {
    "linear_probe": 5,
    "multi_stage_probe": 5,
    "gradual_unfreezing": 4,
    "lora": 3,
    "full_fine_tune": 3,
    "from_scratch": 2,
}
WITH_BATCHES = ("gradual_unfreezing", "lora", "full_fine_tune", "from_scratch")


@pytest.fixture
def asked(spec: RunSpec) -> Callable[[str], RunSpec]:
    """A short request for a strategy."""
    return lambda s: replace(spec, strategy=s, epochs=EPOCHS[s], patience=0)


@pytest.fixture(scope="session")
def whole(
    unsettled: Dataset, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[RunSpec], tuple[dict[str, Any], Told]]:
    """What an undisturbed run gives, in batches of as many examples as now; computed once."""
    known: dict[tuple[str, int], tuple[dict[str, Any], Told]] = {}

    def of(spec: RunSpec) -> tuple[dict[str, Any], Told]:
        key = spec.strategy, steps.BATCH
        if key not in known:
            known[key] = train(spec, unsettled, tmp_path_factory.mktemp("whole"))
        return known[key]

    return of


def test_a_probe_gives_a_curve_from_chance_to_a_fit(
    tmp_path: Path, drawn: Dataset, spec: RunSpec
) -> None:
    result, told = train(spec, drawn, tmp_path / "run")
    epochs = told.of("epoch")
    assert [e["epoch"] for e in epochs] == list(range(len(epochs)))
    assert len(epochs) >= 6
    assert epochs[0]["phase"] == "before"
    assert epochs[0]["val_loss"] == pytest.approx(np.log(2), abs=1e-5)
    assert {e["phase"] for e in epochs[1:]} == {"head"}
    assert epochs[-1]["train_loss"] < epochs[1]["train_loss"] < epochs[0]["train_loss"]
    assert result["best"]["val_loss"] == min(told.val_losses.values())
    assert result["stop_reason"] in {"converged", "patience", "epochs"}
    assert result["retention"]["agreement"] == 1.0
    assert result["trainable_parameters"] == 1280 * 2 + 2
    losses = np.load(tmp_path / "run" / "artifacts" / "val_losses.npy")
    assert losses.shape == (len(epochs), 6)
    assert losses[-1].mean() == pytest.approx(epochs[-1]["val_loss"], abs=1e-3)
    lines = (tmp_path / "run" / "artifacts" / "predictions.csv").read_text().splitlines()
    assert len(lines) == 7


PHASES = {
    "linear_probe": ["head"] * 5,
    "multi_stage_probe": ["head"] * 5,
    "lora": ["head", "adapter", "adapter"],
    "full_fine_tune": ["head", "full", "full"],
    "from_scratch": ["scratch", "scratch"],
}


@pytest.mark.parametrize("strategy", PHASES)
def test_every_strategy_goes_through_its_phases(
    asked: Callable[[str], RunSpec],
    whole: Callable[[RunSpec], tuple[dict[str, Any], Told]],
    strategy: str,
) -> None:
    result, told = whole(asked(strategy))
    assert [e["phase"] for e in told.of("epoch")] == ["before", *PHASES[strategy]]
    assert result["stop_reason"] in {"epochs", "converged"}
    assert result["images_per_second"] > 0
    assert set(result["best"]) == {"epoch", "val_loss", "val_accuracy"}
    agreement = result["retention"]["agreement"]
    assert agreement is None if strategy == "from_scratch" else 0 <= agreement <= 1


def test_thawing_never_ends_worse_than_the_fitted_head(
    asked: Callable[[str], RunSpec], whole: Callable[[RunSpec], tuple[dict[str, Any], Told]]
) -> None:
    result, told = whole(asked("gradual_unfreezing"))
    head_best = min(e["val_loss"] for e in told.of("epoch") if e["phase"] == "head")
    assert result["best"]["val_loss"] <= head_best
    rungs = told.of("ladder")[0]["rungs"]
    thaws = ["stem" if e["stage"] == "all" else e["stage"] for e in told.of("thaw")]
    assert thaws
    assert thaws == rungs[: len(thaws)]
    assert [e["stage"] for e in told.of("rung")] == thaws
    if result["stop_reason"] == "no_gain":
        assert told.events[-1]["event"] == "rollback"


class Killed(BaseException):
    """Stands for a SIGKILL: nothing may catch it."""


def killed(spec: RunSpec, dataset: Dataset, folder: Path, at: Callable[[str, Any], bool]) -> None:
    """Start a run that is killed as soon as an event is told for which `at` is true."""
    folder.mkdir(exist_ok=True)

    def emit(event: str, /, **fields: Any) -> None:
        if at(event, fields):
            raise Killed

    with pytest.raises(Killed):
        train_run(spec, dataset, spec.strategy, folder, emit, lambda: True)


def agrees(resumed: Told, expected: Told, *, from_epoch: int) -> None:
    """Check that a resumed run goes through the same numbers as one without a break."""
    assert resumed.of("resumed")
    assert min(resumed.val_losses) == from_epoch
    assert max(resumed.val_losses) == max(expected.val_losses)
    for epoch, loss in resumed.val_losses.items():
        assert loss == pytest.approx(expected.val_losses[epoch], abs=1e-6)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_killed_run_goes_on_to_the_same_numbers(
    tmp_path: Path,
    unsettled: Dataset,
    asked: Callable[[str], RunSpec],
    whole: Callable[[RunSpec], tuple[dict[str, Any], Told]],
    strategy: str,
) -> None:
    spec = asked(strategy)
    last = max(whole(spec)[1].val_losses)
    killed(spec, unsettled, tmp_path, lambda e, f: e == "epoch" and f["epoch"] == last)
    result, told = train(spec, unsettled, tmp_path)
    agrees(told, whole(spec)[1], from_epoch=last)
    expected = whole(spec)[0]
    assert result["best"]["val_loss"] == pytest.approx(expected["best"]["val_loss"], abs=1e-6)
    assert result["stop_reason"] == expected["stop_reason"]


@pytest.fixture
def in_bf16(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The number format of newer processors; others compute it too, only slower."""
    monkeypatch.setenv(precision.ENVIRONMENT, "bf16")
    AcceleratorState._reset_state(reset_partial_state=True)  # it knows one format per process
    yield
    AcceleratorState._reset_state(reset_partial_state=True)


@pytest.mark.usefixtures("in_bf16")
@pytest.mark.parametrize("strategy", ["gradual_unfreezing", "full_fine_tune"])
def test_in_bf16_a_run_learns_and_goes_on_to_the_same_numbers(
    tmp_path: Path, unsettled: Dataset, asked: Callable[[str], RunSpec], strategy: str
) -> None:
    spec = replace(asked(strategy), size=32)
    expected, told = train(spec, unsettled, tmp_path / "whole")
    assert expected["best"]["val_loss"] < told.val_losses[0]
    last = max(told.val_losses)
    killed(spec, unsettled, tmp_path / "killed", lambda e, f: e == "epoch" and f["epoch"] == last)
    result, resumed = train(spec, unsettled, tmp_path / "killed")
    agrees(resumed, told, from_epoch=last)
    assert result["best"] == expected["best"]


@pytest.mark.parametrize("strategy", WITH_BATCHES)
def test_a_kill_within_an_epoch_loses_no_batch(
    tmp_path: Path,
    unsettled: Dataset,
    asked: Callable[[str], RunSpec],
    whole: Callable[[RunSpec], tuple[dict[str, Any], Told]],
    monkeypatch: pytest.MonkeyPatch,
    strategy: str,
) -> None:
    monkeypatch.setattr(steps, "BATCH", 8)  # three to an epoch
    monkeypatch.setattr(steps, "SAVE_SECONDS", 0.0)
    spec = asked(strategy)

    def ask() -> bool:
        kept = checkpoint.load(tmp_path)
        if kept is not None and kept[0].step == 2:
            raise Killed
        return True

    with pytest.raises(Killed):
        train_run(spec, unsettled, strategy, tmp_path, Told(), ask)
    kept = checkpoint.load(tmp_path)
    assert kept is not None
    result, told = train(spec, unsettled, tmp_path)
    expected, whole_told = whole(spec)
    agrees(told, whole_told, from_epoch=kept[0].epoch + 1)
    assert result["best"]["val_loss"] == pytest.approx(expected["best"]["val_loss"], abs=1e-6)


@pytest.mark.parametrize("strategy", ["multi_stage_probe", "gradual_unfreezing", "full_fine_tune"])
def test_turns_give_the_same_epochs_as_one_go(
    tmp_path: Path,
    unsettled: Dataset,
    asked: Callable[[str], RunSpec],
    whole: Callable[[RunSpec], tuple[dict[str, Any], Told]],
    strategy: str,
) -> None:
    expected, whole_told = whole(asked(strategy))
    run, told = opened(asked(strategy), unsettled, tmp_path / "run")
    turns = 1
    while not advance(run, 0.0):
        turns += 1
        assert turns < 2000
    result = summary(run)
    assert turns > 1
    assert told.val_losses == pytest.approx(whole_told.val_losses, abs=1e-6)
    assert result["best"]["val_loss"] == pytest.approx(expected["best"]["val_loss"], abs=1e-6)
    assert result["stop_reason"] == expected["stop_reason"]
    assert advance(run)  # at its end it stays there


@pytest.mark.parametrize("strategy", ["linear_probe", "full_fine_tune"])
def test_a_stop_keeps_the_best_and_the_run_may_go_on(
    tmp_path: Path,
    unsettled: Dataset,
    asked: Callable[[str], RunSpec],
    whole: Callable[[RunSpec], tuple[dict[str, Any], Told]],
    strategy: str,
) -> None:
    told = Told()
    spec = asked(strategy)
    result = train_run(
        spec, unsettled, strategy, tmp_path, told, lambda: max(told.val_losses, default=0) < 2
    )
    assert result["stop_reason"] == "person"
    assert max(told.val_losses) == 2
    best = [e for e in told.of("epoch") if e["improved"]][-1]
    assert result["best"]["epoch"] == best["epoch"]
    assert result["best"]["val_loss"] == best["val_loss"]
    assert (tmp_path / "checkpoints" / "best.safetensors").is_file()
    later, more = train(spec, unsettled, tmp_path)
    expected, whole_told = whole(spec)
    agrees(more, whole_told, from_epoch=3)
    assert later["best"]["val_loss"] == pytest.approx(expected["best"]["val_loss"], abs=1e-6)


def test_patience_ends_a_phase(tmp_path: Path, unsettled: Dataset, spec: RunSpec) -> None:
    result, told = train(replace(spec, epochs=30, patience=1), unsettled, tmp_path / "run")
    epochs = told.of("epoch")
    if result["stop_reason"] == "patience":
        assert epochs[-1]["patience_used"] == 1
    assert len(epochs) < 31
    assert all(e["patience_used"] == 0 for e in epochs[:-1])


def test_the_time_limit_ends_a_run_with_its_best(
    tmp_path: Path, drawn: Dataset, spec: RunSpec
) -> None:
    asked = replace(spec, strategy="full_fine_tune", epochs=500, patience=0, minutes=0.04)
    result, told = train(asked, drawn, tmp_path / "run")
    assert result["stop_reason"] == "time"
    assert 1 < len(told.of("epoch")) < 500
    assert (
        result["best"]["val_loss"] <= [e["val_loss"] for e in told.of("epoch") if e["improved"]][-1]
    )


@pytest.mark.parametrize("moment", ["interpolation", "rung"])
def test_a_kill_while_a_rung_is_judged_changes_nothing(
    tmp_path: Path,
    unsettled: Dataset,
    asked: Callable[[str], RunSpec],
    whole: Callable[[RunSpec], tuple[dict[str, Any], Told]],
    moment: str,
) -> None:
    spec = asked("gradual_unfreezing")
    killed(spec, unsettled, tmp_path, lambda event, fields: event == moment)
    result, told = train(spec, unsettled, tmp_path)
    expected, whole_told = whole(spec)
    for ours, theirs in zip(told.of("rung"), whole_told.of("rung"), strict=True):
        assert ours["gain"] == pytest.approx(theirs["gain"], abs=1e-6)
        assert ours["paid"] is theirs["paid"]
    assert result["best"] == expected["best"]
    for epoch, loss in told.val_losses.items():
        assert loss == pytest.approx(whole_told.val_losses[epoch], abs=1e-6)
