"""A bench holds the split, the base and the pictures; long work reports and can be stopped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.tuned_runs import kept_run
from tl_core.data.dataset import Dataset
from tl_core.engine import setup
from tl_core.engine.features import Pooled
from tl_core.engine.modality import Backbone
from tl_core.engine.probe import PENALTIES
from tl_core.errors import Cancelled, InputError
from tl_core.spec import RunSpec


def quiet(kind: str, /, **fields: Any) -> None: ...


def bench_of(spec: RunSpec, drawn: Dataset, strategy: str = "linear_probe") -> setup.Bench:
    return setup.prepare(spec, drawn, strategy, emit=quiet)


def test_the_given_split_is_used(drawn: Dataset, spec: RunSpec) -> None:
    bench = bench_of(spec, drawn)
    assert len(bench.train) + len(bench.val) == len(drawn.examples)
    assert all(drawn.examples[row].split == "val" for row in bench.val.rows)
    assert bench.test_rows == ()
    assert bench.train.labels.tolist() == [drawn.examples[r].label for r in bench.train.rows]
    assert set(bench.check) <= set(range(len(bench.train)))
    assert len(bench.groups()) == len(bench.train)


def test_the_head_fits_what_the_strategy_shows_it(drawn: Dataset, spec: RunSpec) -> None:
    for strategy in ("linear_probe", "multi_stage_probe"):
        bench = bench_of(spec, drawn, strategy)
        frozen = setup.frozen_features(bench, quiet, lambda: True)
        assert frozen.train.values.shape[0] == len(bench.train)
        seen = frozen.seen(frozen.val)
        assert seen.shape == (len(bench.val), bench.learner.head.linear.in_features)
        with torch.inference_mode():
            own = bench.learner.features(bench.val.examples.inputs(range(len(bench.val))))
        torch.testing.assert_close(own, seen, rtol=0.05, atol=0.05)
    assert seen.shape[1] > 1280


def test_only_a_control_begins_without_a_past(
    drawn: Dataset, spec: RunSpec, lite0: Backbone
) -> None:
    initial = bench_of(spec, drawn, "from_scratch").initial
    again = bench_of(spec, drawn, "from_scratch").initial
    name = "conv_stem.weight"
    assert torch.equal(initial[name], again[name])
    other = bench_of(replace(spec, seed=1), drawn, "from_scratch").initial
    assert not torch.equal(initial[name], other[name])
    assert torch.equal(bench_of(spec, drawn).initial[name], lite0.body.state_dict()[name])


def test_the_penalty_comes_from_training_features(drawn: Dataset, spec: RunSpec) -> None:
    bench = bench_of(spec, drawn)
    frozen = setup.frozen_features(bench, quiet, lambda: True)
    assert frozen.train.last.shape == (len(bench.train), 1280)
    assert setup.choose_penalty(bench, frozen, seed=0) in PENALTIES


def test_the_probed_sample_is_bounded_and_its_folds_cover_it(
    drawn: Dataset, spec: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = bench_of(spec, drawn)
    monkeypatch.setattr(setup, "PROBE_SAMPLE", 15)
    rows, held_out = setup.probe_sample(bench, seed=3)
    assert len(rows) == 15
    assert sorted(np.concatenate(held_out).tolist()) == list(range(15))
    again, _folds = setup.probe_sample(bench, seed=3)
    assert np.array_equal(again, rows)


def test_each_stage_is_probed_on_its_own_features(lite0: Backbone) -> None:
    torch.manual_seed(0)
    labels = torch.arange(40) % 2
    telling = torch.randn(40, 3) + 4 * labels[:, None]
    widths = tuple(3 for _ in lite0.chain.segments)
    values = torch.randn(40, sum(widths))
    values[:, 6:9] = telling
    folds = [np.arange(start, 40, 4) for start in range(4)]
    part = Pooled(values, widths)
    found = setup.by_stage(lite0, part, labels, folds)
    assert [p.stage for p in found] == [stage.name for stage in lite0.stages]
    assert max(found, key=lambda p: p.accuracy).stage == lite0.stages[2].name
    assert found[2].accuracy > 0.9
    assert max(p.accuracy for n, p in enumerate(found) if n != 2) < 0.8
    everything = setup.every_depth(part, labels, [folds, folds[::-1]])
    assert everything.value > 0.9
    assert everything.n == 40


def test_an_unknown_base_is_refused(drawn: Dataset, spec: RunSpec) -> None:
    with pytest.raises(InputError, match="tf_efficientnet_lite0"):
        bench_of(replace(spec, base="wishful"), drawn)


def test_a_base_that_knows_the_held_out_examples_is_refused(
    thaw_home: Path, drawn: Dataset, spec: RunSpec
) -> None:
    made = kept_run(dataset=drawn.id)
    with pytest.raises(InputError) as caught:
        bench_of(replace(spec, base=made, seed=1), drawn)
    assert "has learned from 6 of the 6 examples" in caught.value.issues[0].message


def test_reports_are_sparse_and_a_stop_is_noticed() -> None:
    told: list[tuple[int, int]] = []

    def emit(kind: str, **fields: Any) -> None:
        told.append((fields["done"], fields["total"]))

    report = setup.reporter(emit, lambda: True, "pictures read")
    for done in range(1, 101):
        report(done, 100)
    assert told[0] == (1, 100)
    assert told[-1] == (100, 100)
    assert len(told) < 20
    stopped = setup.reporter(emit, lambda: False, "pictures read")
    with pytest.raises(Cancelled):
        stopped(1, 2)
