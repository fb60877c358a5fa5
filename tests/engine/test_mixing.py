"""The way back to the base: its ends are what they should be, and what is kept answers alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.engine.handmade import PLANS, Finished, Told, opened
from tl_core import files
from tl_core.catalog import tuned
from tl_core.data.dataset import Dataset
from tl_core.data.loose import open_loose
from tl_core.engine import checkpoint, mixing
from tl_core.engine.predict import predict
from tl_core.engine.strategies import Phase, head_first
from tl_core.engine.train import advance, summary
from tl_core.errors import Cancelled, InputError
from tl_core.records import from_dict
from tl_core.spec import RunSpec

MOVED = ("lora", "full_fine_tune")
PLAN = {name: [head_first(1), *[p for p in PLANS[name] if not p.cached]] for name in MOVED}


@pytest.fixture(scope="module")
def thawed(
    unsettled: Dataset, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Finished]:
    """Runs that fit a head first and keep what they thaw, whatever it is worth."""
    known: dict[str, Finished] = {}

    def of(strategy: str) -> Finished:
        if strategy not in known:
            folder = tmp_path_factory.mktemp(strategy)
            spec = RunSpec("train", "drawn", size=64, strategy=strategy, patience=0)
            plan: list[Phase] = [replace(p, ends_as_it_is=bool(p.thawed)) for p in PLAN[strategy]]
            run, told = opened(spec, unsettled, folder, plan)
            advance(run)
            run.progress.best = dict(run.progress.rung)
            known[strategy] = Finished(run, folder, summary(run), told)
        return known[strategy]

    return of


def ends_of(end: Finished, dataset: Dataset, folder: Path, ask: Any = lambda: True) -> mixing.Ends:
    spec = replace(end.run.spec, mix_of="a", share=0.5)
    folder.mkdir(exist_ok=True)
    return mixing.open_ends(spec, dataset, end.folder, folder, Told(), ask)


@pytest.mark.parametrize("strategy", MOVED)
def test_at_its_ends_stand_the_run_and_the_base_with_its_head(
    thawed: Callable[[str], Finished], unsettled: Dataset, tmp_path: Path, strategy: str
) -> None:
    end = thawed(strategy)
    ends = ends_of(end, unsettled, tmp_path / "mix")
    points: list[dict[str, Any]] = []
    mixing.measure(ends, (1.0, 0.0, 0.5), points.append)
    tuned_end, base_end, middle = points
    assert tuned_end["val_loss"] == pytest.approx(end.result["best"]["val_loss"], rel=2e-3)
    assert tuned_end["retention"]["agreement"] == pytest.approx(
        end.result["retention"]["agreement"], abs=0.08
    )
    head = min(e["val_loss"] for e in end.told.of("epoch") if e["phase"] == "head")
    assert base_end["val_loss"] == pytest.approx(head, rel=1e-3)
    assert base_end["retention"]["agreement"] == 1.0
    last = [point["retention"]["drift"][-1]["cka"] for point in (base_end, middle, tuned_end)]
    assert last == sorted(last, reverse=True)
    assert tuned_end["p"] == 1.0
    assert [point["share"] for point in points] == [1.0, 0.0, 0.5]


@pytest.mark.parametrize("strategy", MOVED)
def test_what_is_kept_is_a_run_that_answers_as_it_was_judged(
    thawed: Callable[[str], Finished], unsettled: Dataset, tmp_path: Path, strategy: str
) -> None:
    end, folder = thawed(strategy), tmp_path / "kept"
    ends = ends_of(end, unsettled, folder)
    result = mixing.keep(ends, 0.5, end.result)
    assert result["stop_reason"] == "done"
    assert result["base_share"] == 0.5
    assert result["best"]["epoch"] == end.result["best"]["epoch"]
    told = from_dict(tuned.Tuned, files.read_json(folder / "artifacts" / "base.json"))
    assert (told.origin, told.is_changed, told.strategy) == (end.run.spec.base, True, strategy)
    state = checkpoint.load_best(folder)
    assert not any("lora_" in name for name in state)
    held = [e for e in unsettled.examples if e.split == "val"]
    spec = replace(end.run.spec, mix_of="a", share=0.5)
    answers = predict(spec, unsettled, folder, open_loose([e.path for e in held]))
    rights = [
        a.guesses[0].label == unsettled.classes[e.label] for a, e in zip(answers, held, strict=True)
    ]
    assert sum(rights) / len(rights) == pytest.approx(
        result["best"]["val_accuracy"]["value"], abs=1e-3
    )


def test_at_share_nothing_the_base_is_kept_as_it_was(
    thawed: Callable[[str], Finished], unsettled: Dataset, tmp_path: Path
) -> None:
    end, folder = thawed("full_fine_tune"), tmp_path / "kept"
    result = mixing.keep(ends_of(end, unsettled, folder), 0.0, end.result)
    assert (result["best_phase"], result["retention"]["agreement"]) == ("head", 1.0)
    assert all(name.startswith("head.") for name in checkpoint.load_best(folder))


def test_who_stops_keeps_what_was_measured(
    thawed: Callable[[str], Finished], unsettled: Dataset, tmp_path: Path
) -> None:
    points: list[dict[str, Any]] = []
    going = iter([True] * 3 + [False] * 9)
    ends = ends_of(thawed("full_fine_tune"), unsettled, tmp_path / "mix")
    ends.run.should_continue = lambda: next(going) and not points
    with pytest.raises(Cancelled):
        mixing.measure(ends, (1.0, 0.5), points.append)
    assert [point["share"] for point in points] == [1.0]


def test_a_run_that_kept_no_head_says_so(
    finished: Callable[[str], Finished], unsettled: Dataset, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="last layer"):
        ends_of(finished("linear_probe"), unsettled, tmp_path / "mix")


def test_the_mixture_lies_between_in_every_weight(
    thawed: Callable[[str], Finished], unsettled: Dataset, tmp_path: Path
) -> None:
    ends = ends_of(thawed("full_fine_tune"), unsettled, tmp_path / "mix")
    mixing.stand_at(ends, 0.25)
    now = ends.run.bench.learner.state_dict()
    name = "head.linear.weight"
    expected = 0.75 * ends.base[name] + 0.25 * ends.tuned[name]
    torch.testing.assert_close(now[name], expected)
