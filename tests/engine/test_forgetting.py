"""What is left of a base is read off the passes that are made anyway, and is all at first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.engine.handmade import PLANS, STAGES, Finished, draw_pictures, opened, train
from tl_core.data.dataset import Dataset
from tl_core.engine import evaluate, forgetting, steps
from tl_core.engine.train import advance
from tl_core.errors import InputError
from tl_core.spec import RunSpec

N = 28
"""Drawn pictures: 22 to learn from, all of them judged, and N_VAL to validate on."""
N_VAL = 6


def features(n: int, width: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(n, width, generator=torch.Generator().manual_seed(seed))


def test_features_turned_moved_and_scaled_are_the_same() -> None:
    before = features(40, 6)
    turn, _r = torch.linalg.qr(features(6, 6, seed=1))
    assert forgetting.likeness(before, 3 * before @ turn + 5) == pytest.approx(1.0)
    assert forgetting.likeness(before, before) == pytest.approx(1.0)


def test_unrelated_features_are_unlike_even_where_there_are_more_of_them_than_examples() -> None:
    found = [forgetting.likeness(features(30, 500, s), features(30, 400, s + 99)) for s in range(5)]
    assert max(found) < 0.1  # type: ignore[type-var]


def test_a_mixture_of_old_and_new_features_lies_between() -> None:
    old, new = features(60, 8), features(60, 8, seed=5)
    found = [forgetting.likeness(old, (1 - a) * old + a * new) for a in (0.0, 0.3, 0.6, 1.0)]
    assert found == sorted(found, reverse=True)  # type: ignore[type-var]
    assert 0.1 < found[2] < 0.9  # type: ignore[operator]


def test_too_few_examples_or_features_that_never_vary_are_not_compared() -> None:
    assert forgetting.likeness(features(3, 4), features(3, 4)) is None
    assert forgetting.likeness(torch.ones(10, 4), features(10, 4)) is None


@pytest.mark.parametrize("strategy", ["gradual_unfreezing", "lora", "full_fine_tune"])
def test_every_epoch_tells_what_is_left(finished: Callable[[str], Finished], strategy: str) -> None:
    end = finished(strategy)
    for epoch in end.told.of("epoch"):
        told = epoch["retention"]
        assert told["n"] == N
        assert 0 <= told["low"] <= told["agreement"] <= told["high"] <= 1
        assert [d["stage"] for d in told["drift"]] == list(STAGES)
        assert told["source"] is None
        by_stage = {d["stage"]: d["cka"] for d in told["drift"]}
        if epoch["phase"] in ("before", "head"):
            assert (told["agreement"], set(by_stage.values())) == (1.0, {1.0})
        elif epoch["phase"].startswith("thaw:"):
            frozen = [s for s in STAGES if s not in epoch["thawed"]]
            assert {by_stage[s] for s in frozen} == {1.0}
        else:  # two steps lead not far
            assert all(0.9 < cka <= 1 for cka in by_stage.values())
            assert 0.3 < told["agreement"] <= 1
    left = end.result["retention"]
    assert (left["n"], len(left["drift"])) == (N, len(STAGES))


@pytest.mark.parametrize("strategy", ["linear_probe", "multi_stage_probe"])
def test_a_frozen_base_has_forgotten_nothing(
    finished: Callable[[str], Finished], strategy: str
) -> None:
    end = finished(strategy)
    assert {e["retention"]["agreement"] for e in end.told.of("epoch")} == {1.0}
    assert end.result["retention"]["agreement"] == 1.0


def test_no_example_passes_through_the_network_for_it(
    tmp_path: Path, unsettled: Dataset, spec: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = 0
    plain = evaluate.run

    def counted(network: Any, compute: Any, examples: Any, rows: Any) -> torch.Tensor:
        nonlocal passed
        passed += len(rows)
        return plain(network, compute, examples, rows)

    spec = replace(spec, strategy="full_fine_tune", patience=0)
    run, told = opened(spec, unsettled, tmp_path / "run", PLANS["full_fine_tune"])
    monkeypatch.setattr(evaluate, "run", counted)
    advance(run)
    thawed = [e for e in told.of("epoch") if e["phase"] == "full"]
    mixed = sum(len(e["tried"]) for e in told.of("interpolation"))
    assert passed == len(thawed) * N + mixed * N_VAL


def test_a_resumed_run_tells_the_same(
    tmp_path: Path, unsettled: Dataset, spec: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "BATCH", 8)
    asked = replace(spec, strategy="full_fine_tune", epochs=4, patience=0)
    _result, whole = train(asked, unsettled, tmp_path / "whole")
    seen = 0

    def until_the_second_epoch_of_it() -> bool:
        nonlocal seen
        seen += 1
        return seen < 9

    train(asked, unsettled, tmp_path / "broken", until_the_second_epoch_of_it)
    _result, resumed = train(asked, unsettled, tmp_path / "broken")
    told = {e["epoch"]: e["retention"] for e in whole.of("epoch")}
    again = {e["epoch"]: e["retention"] for e in resumed.of("epoch")}
    assert resumed.of("resumed")
    assert again
    for epoch, left in again.items():
        assert left["agreement"] == pytest.approx(told[epoch]["agreement"], abs=1e-6)
        for one, other in zip(left["drift"], told[epoch]["drift"], strict=True):
            assert one["cka"] == pytest.approx(other["cka"], abs=1e-4)  # told to four places


@pytest.fixture(scope="session")
def source_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source")
    draw_pictures(folder, classes=2, per_class=10, edge=80)
    return folder


@pytest.mark.parametrize("strategy", ["gradual_unfreezing", "full_fine_tune"])
def test_examples_of_its_own_kind_are_measured_too(
    tmp_path: Path, unsettled: Dataset, spec: RunSpec, source_folder: Path, strategy: str
) -> None:
    asked = replace(spec, strategy=strategy, patience=0, source_folder=str(source_folder))
    run, told = opened(asked, unsettled, tmp_path / "run", PLANS[strategy])
    advance(run)
    epochs = told.of("epoch")
    assert epochs[0]["retention"]["source"]["agreement"] == 1.0
    last = epochs[-1]["retention"]["source"]
    assert last["n"] == 20
    assert last["drift"][-1]["cka"] < 1.0


def test_a_folder_without_pictures_is_no_source(
    tmp_path: Path, drawn: Dataset, spec: RunSpec
) -> None:
    with pytest.raises(InputError) as caught:
        opened(replace(spec, source_folder=str(tmp_path)), drawn, tmp_path / "run")
    assert caught.value.issues[0].field == "source"
