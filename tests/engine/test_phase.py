"""What moves keeps its momentum, what did not pay is undone, a stop keeps the best."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.engine.handmade import STAGES, Told, opened
from tl_core.data.dataset import Dataset
from tl_core.engine import caches, checkpoint, interpolate, ladder, phase, steps
from tl_core.engine.ladder import Verdict
from tl_core.engine.record import Run
from tl_core.engine.strategies import Phase
from tl_core.engine.train import advance, open_run, summary
from tl_core.spec import RunSpec

HEAD = Phase("head", 2, head_steps=(2,))


def rung(stage: int, *, must_pay: bool = True, epochs: int = 1) -> Phase:
    name = f"thaw:{STAGES[stage]}"
    return Phase(
        name, epochs, STAGES[stage:], head_lr=1e-3, body_lr=1e-3, decay=1.3, must_pay=must_pay
    )


def gradual(spec: RunSpec) -> RunSpec:
    return replace(spec, strategy="gradual_unfreezing", patience=0)


def ran(spec: RunSpec, dataset: Dataset, folder: Path, *plan: Phase) -> tuple[Run, Told]:
    run, told = opened(spec, dataset, folder, list(plan))
    assert advance(run)
    return run, told


def verdicts(monkeypatch: pytest.MonkeyPatch, *paid: bool) -> None:
    """Let rungs pay or not as told, whatever their losses are."""
    answers: Iterator[bool] = iter(paid)
    monkeypatch.setattr(
        ladder, "judge", lambda before, after: Verdict(next(answers), 0.1, 0.05, 2.0, len(before))
    )


def test_what_has_moved_before_keeps_its_momentum(
    tmp_path: Path, unsettled: Dataset, spec: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "BATCH", 8)  # three steps an epoch
    run, _told = ran(
        gradual(spec),
        unsettled,
        tmp_path / "run",
        HEAD,
        rung(7, must_pay=False, epochs=2),
        rung(6, must_pay=False),
    )
    groups = {g["name"]: g for g in run.optimizer.param_groups}
    assert {name: g["is_new"] for name, g in groups.items()} == {
        "head": False, "7": False, "6": True
    }  # fmt: skip
    steps_of = {
        name: {int(run.optimizer.state[p]["step"]) for p in g["params"]}
        for name, g in groups.items()
    }
    assert steps_of == {"head": {9}, "7": {9}, "6": {3}}
    assert groups["7"]["peak"] == pytest.approx(1.3 * groups["6"]["peak"])


def state_of(run: Run) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in run.bench.learner.state_dict().items()}


def kept_at(folder: Path, entry: dict[str, Any]) -> dict[str, torch.Tensor]:
    return checkpoint.load_best(folder, entry["epoch"], is_mixed="base_share" in entry)


def test_a_rung_that_does_not_pay_is_undone_bit_for_bit(
    tmp_path: Path, unsettled: Dataset, spec: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdicts(monkeypatch, False)
    run, told = ran(gradual(spec), unsettled, tmp_path / "run", HEAD, rung(7), rung(6))
    moved = state_of(run)
    entry = dict(run.progress.entry)
    result = summary(run)
    after = state_of(run)
    kept = kept_at(tmp_path / "run", entry)
    assert all(torch.equal(after[name], value) for name, value in kept.items())
    body = {n: v for n, v in after.items() if n.startswith("body.")}
    assert all(torch.equal(v, run.bench.initial[n[5:]]) for n, v in body.items())
    assert any(not torch.equal(moved[n], v) for n, v in body.items())
    assert (result["stop_reason"], result["best_phase"]) == ("no_gain", "head")
    assert result["best"]["val_loss"] == entry["val_loss"]
    assert result["retention"]["agreement"] == 1.0
    assert [e["stage"] for e in told.of("rollback")] == ["7"]
    assert [e["stage"] for e in told.of("thaw")] == ["7"]  # the ladder has ended


def test_a_later_rung_is_undone_to_the_one_before(
    tmp_path: Path, unsettled: Dataset, spec: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdicts(monkeypatch, True, False)
    run, told = ran(gradual(spec), unsettled, tmp_path / "run", HEAD, rung(7), rung(5))
    entry = dict(run.progress.entry)
    result = summary(run)
    after = state_of(run)
    kept = kept_at(tmp_path / "run", entry)
    assert all(torch.equal(after[name], value) for name, value in kept.items())
    for name, stage in run.bench.backbone.stage_of.items():
        if stage in {"5", "6"}:
            assert torch.equal(after[f"body.{name}"], run.bench.initial[name])
    assert result["best"]["val_loss"] == entry["val_loss"]
    assert [e["paid"] for e in told.of("rung")] == [True, False]
    assert torch.equal(checkpoint.load_best(tmp_path / "run")["head.linear.bias"],
                       after["head.linear.bias"])  # fmt: skip


def test_a_rung_tells_its_numbers(tmp_path: Path, unsettled: Dataset, spec: RunSpec) -> None:
    run, told = ran(gradual(spec), unsettled, tmp_path / "run", HEAD, rung(7, epochs=2))
    (event,) = told.of("rung")
    assert event["stage"] == "7"
    assert event["n"] == len(run.bench.val)
    assert event["paid"] is (event["z"] > ladder.ONE_ERROR)
    epochs = {e["epoch"]: e for e in told.of("epoch")}
    assert epochs[event["before"]]["phase"] == "head"
    assert epochs[event["after"]]["phase"] == "thaw:7"
    before = epochs[event["before"]]["val_loss"]
    after = epochs[event["after"]]["val_loss"]
    for mixture in told.of("interpolation"):
        if mixture["share"] < 1:
            after = mixture["tried"][0]["val_loss"]
    assert event["gain"] == pytest.approx(before - after, abs=1e-4)
    assert event["low"] <= event["gain"]
    assert bool(told.of("rollback")) is not event["paid"]


def test_a_mixture_is_kept_only_where_it_is_better(
    tmp_path: Path, unsettled: Dataset, spec: RunSpec
) -> None:
    asked = replace(spec, strategy="full_fine_tune", patience=0)
    full = Phase("full", 2, STAGES, head_lr=1e-3, body_lr=1e-3)
    run, told = ran(asked, unsettled, tmp_path / "run", HEAD, full)
    result = summary(run)
    (event,) = told.of("interpolation")
    shares = sorted((t["share"] for t in event["tried"]), reverse=True)
    assert shares == list(interpolate.SHARES)[: len(shares)]
    losses = [t["val_loss"] for t in event["tried"]]
    assert losses == sorted(losses)
    judged = min(e["val_loss"] for e in told.of("epoch") if e["phase"] != "before")
    assert result["best"]["val_loss"] == pytest.approx(min(judged, losses[0]), rel=1e-5)
    is_kept = losses[0] < judged
    assert event["share"] == (event["tried"][0]["share"] if is_kept else 1.0)
    assert (result["base_share"] > 0) is is_kept


def test_a_head_may_begin_with_the_closed_form(
    tmp_path: Path, drawn: Dataset, spec: RunSpec
) -> None:
    asked = replace(spec, strategy="multi_stage_probe")
    run, told = opened(asked, drawn, tmp_path / "run", [Phase("head", 1, head_steps=(1,))])
    phase.enter(run)
    assert not told.of("ridge")
    run, told = opened(
        asked, drawn, tmp_path / "other", [Phase("head", 1, head_steps=(1,), from_ridge=True)]
    )
    phase.enter(run)
    (event,) = told.of("ridge")
    assert event["n"] == len(run.bench.train)
    assert event["right"] > 0.8 * event["n"]
    assert event["penalty"] > 0
    assert event["temperature"] > 0
    assert run.frozen is not None
    logits = run.bench.learner.head(run.frozen.seen(run.frozen.train))
    assert (logits.argmax(1) == run.bench.train.labels).all()


def test_each_view_of_the_frozen_part_is_computed_in_the_epoch_that_needs_it(
    thaw_home: Path, tmp_path: Path, unsettled: Dataset, spec: RunSpec,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    verdicts(monkeypatch, True, True)
    computed: list[tuple[int, int]] = []
    plain = caches._compute

    def compute(backbone, examples, segment, path, shape, variation, progress) -> None:  # type: ignore[no-untyped-def]
        computed.append((segment, variation.turn if variation else 0))
        plain(backbone, examples, segment, path, shape, variation, progress)

    monkeypatch.setattr(caches, "_compute", compute)
    rungs = rung(7, epochs=caches.VIEWS + 2), rung(5)
    run, _told = ran(gradual(spec), unsettled, tmp_path / "run", HEAD, *rungs)
    # Training and validation as they are, then the varied ones of training alone, each once.
    assert computed == [(7, 0), (7, 0), (7, 1), (7, 2), (7, 3), (5, 0), (5, 0)]
    assert run.source.start == 5
    assert isinstance(run.source.train, caches.Stored)
    # Stages above have moved by then, those below have not.
    bench = run.bench
    bench.learner.body.load_state_dict(bench.initial)
    with torch.inference_mode():
        expected = caches._entering(bench.backbone, bench.val.examples.inputs([0, 1]), 5)
    torch.testing.assert_close(run.source.val.inputs([0, 1]), expected, rtol=2e-2, atol=2e-2)


def test_a_view_without_room_leaves_the_epoch_to_the_examples_themselves(
    thaw_home: Path, tmp_path: Path, unsettled: Dataset, spec: RunSpec,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    plain, starts = caches.stored, []

    def stored(*args, variation=None, **options):  # type: ignore[no-untyped-def]
        return plain(*args, variation=variation, **options) if variation is None else None

    def supply(run: Run) -> None:
        supplied(run)
        starts.append(run.source.start)

    supplied = phase.supply
    monkeypatch.setattr(caches, "stored", stored)
    monkeypatch.setattr(phase, "supply", supply)
    _run, told = ran(gradual(spec), unsettled, tmp_path / "run", HEAD, rung(7, epochs=2))
    assert starts == [0, 0, 7, 0]
    assert [e["phase"] for e in told.of("epoch")][-2:] == ["thaw:7", "thaw:7"]


def test_without_room_the_frozen_part_is_computed_each_time_to_the_same_end(
    thaw_home: Path, tmp_path: Path, unsettled: Dataset, spec: RunSpec,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(caches, "LIMIT_BYTES", 0)
    run, told = ran(gradual(spec), unsettled, tmp_path / "run", HEAD, rung(7))
    assert run.source.start == 0
    assert run.source.train is run.bench.train.examples
    assert [e["phase"] for e in told.of("epoch")] == ["before", "head", "head", "thaw:7"]


def test_a_stop_while_the_frozen_part_is_computed_keeps_the_head(
    thaw_home: Path, tmp_path: Path, unsettled: Dataset, spec: RunSpec
) -> None:
    told = Told()

    def ask() -> bool:
        return not told.of("thaw")

    plan = [HEAD, rung(7)]
    asked = gradual(spec)
    run = open_run(asked, unsettled, asked.strategy, tmp_path, told, ask, plan=plan)
    assert advance(run)
    result = summary(run)
    assert result["stop_reason"] == "person"
    assert result["best_phase"] == "head"
    assert not [p for p in (thaw_home / "cache" / "stages").iterdir() if p.suffix == ".tmp"]
    again, told = opened(asked, unsettled, tmp_path, plan)
    assert advance(again)
    assert [e["phase"] for e in told.of("epoch")] == ["thaw:7"]
