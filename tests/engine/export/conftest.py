"""Finished runs to take away: a small network without a past, and short runs of real strategies."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.engine.handmade import EDGE, Finished, opened, train
from tests.tuned_runs import RUN
from tl_core import catalog, files
from tl_core.data.dataset import Dataset
from tl_core.data.samples import load_sample
from tl_core.engine import checkpoint
from tl_core.engine.export.weights import contiguous
from tl_core.engine.learner import Learner
from tl_core.engine.rebuild import Rebuilt, rebuild
from tl_core.spec import RunSpec

SMALL = RunSpec(
    "train", "drawn", base="timm:test_efficientnet", size=EDGE, strategy="from_scratch", epochs=2
)
"""A network of 10 layers that inherits nothing, so that no weights are needed."""


@dataclass(frozen=True)
class Kept:
    """A finished run."""

    spec: RunSpec
    folder: Path
    told: list[dict[str, Any]]
    """Its events, each with its kind."""
    result: dict[str, Any]


@pytest.fixture(scope="session")
def run_of(drawn: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Kept]:
    """Run a strategy for three epochs on drawn pictures; each at most once."""

    @cache
    def of(strategy: str) -> Kept:
        spec = RunSpec("train", "drawn", size=EDGE, strategy=strategy, epochs=3, patience=0)
        return kept_of(spec, drawn, tmp_path_factory.mktemp(strategy))

    return of


@pytest.fixture(scope="session")
def said() -> Dataset:
    """Every other sentence of the sample of messages, said in one way; a third is held out."""
    whole = load_sample("messages")
    examples = tuple(
        replace(e, split="val" if int(e.group.split()[1]) % 3 == 0 else "train")
        for row, e in enumerate(whole.examples)
        if row % 10 == 0
    )
    return replace(whole, id="said", examples=examples, fingerprint="said")


@pytest.fixture(scope="session")
def reader_of(said: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Kept]:
    """Run a strategy for two epochs on short texts; each at most once."""

    @cache
    def of(strategy: str) -> Kept:
        spec = RunSpec("train", "said", base=catalog.default_base("text"), size=32,
                       strategy=strategy, epochs=2, patience=0)  # fmt: skip
        return kept_of(spec, said, tmp_path_factory.mktemp(f"said-{strategy}"))

    return of


@pytest.fixture
def heir(
    thaw_home: Path, finished: Callable[[str], Finished], drawn: Dataset, tmp_path: Path
) -> Kept:
    """A run that began with what another one had made of its base."""
    shutil.copytree(finished("full_fine_tune").folder, files.runs_dir() / RUN)
    spec = RunSpec("train", "drawn", base=f"run:{RUN}", size=EDGE, strategy="lora", epochs=3,
                   patience=0)  # fmt: skip
    return kept_of(spec, drawn, tmp_path / "heir")


@pytest.fixture
def reading_heir(
    thaw_home: Path, reader_of: Callable[[str], Kept], said: Dataset, tmp_path: Path
) -> Kept:
    """The same, of a run that reads texts."""
    shutil.copytree(reader_of("full_fine_tune").folder, files.runs_dir() / RUN)
    spec = RunSpec("train", "said", base=f"run:{RUN}", size=32, strategy="lora",
                   epochs=2, patience=0)  # fmt: skip
    return kept_of(spec, said, tmp_path / "heir")


def kept_of(spec: RunSpec, dataset: Dataset, folder: Path) -> Kept:
    """Run what is asked for to its end."""
    result, told = train(spec, dataset, folder)
    events = [{**e, "kind": e["event"]} for e in told.events]
    return Kept(spec, folder, [*events, {"kind": "finished", **result}], result)


@pytest.fixture(scope="session")
def small_run(drawn: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """A run of the small network that was judged once, its weights drawn."""
    folder = tmp_path_factory.mktemp("small")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        run, _told = opened(SMALL, drawn, folder, plan=[])
    torch.nn.init.normal_(run.bench.learner.head.linear.weight, std=0.1)
    keep(folder, run.bench.learner)
    return Kept(SMALL, folder, [], {})


def keep(folder: Path, learner: Learner) -> None:
    """Write all weights of a learner as the best of a run."""
    checkpoint.save_best(folder, 1, contiguous(learner))
    checkpoint.settle_best(folder, 1)


@pytest.fixture
def small(small_run: Kept, drawn: Dataset) -> Rebuilt:
    """The network of the small run."""
    return rebuild(small_run.spec, drawn, small_run.folder)


@pytest.fixture
def wide(small_run: Kept, drawn: Dataset, tmp_path: Path) -> Rebuilt:
    """The same network with a head on the features of all its stages."""
    backbone = rebuild(small_run.spec, drawn, small_run.folder).backbone
    learner = Learner(backbone, len(drawn.classes), all_depths=True)
    torch.nn.init.normal_(learner.head.linear.weight, std=0.1)
    torch.nn.init.uniform_(learner.head.spread, 0.5, 2.0)
    return Rebuilt(backbone, learner.eval())
