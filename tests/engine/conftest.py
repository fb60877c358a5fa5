"""Fixtures of the engine's tests: a small dataset without an import, bases at 64 pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import torch

from tests.engine.handmade import EDGE, Finished, draw_pictures, finish, untrained_backbone
from tl_core import catalog
from tl_core.data.dataset import Dataset
from tl_core.engine import scanning
from tl_core.engine.learner import Learner
from tl_core.engine.modality import Backbone
from tl_core.engine.modality.vision import VISION
from tl_core.spec import RunSpec


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Two classes of drawn pictures, 22 to train on and 6 to validate on."""
    return draw_pictures(tmp_path_factory.mktemp("drawn"))


@pytest.fixture(scope="session")
def unsettled(drawn: Dataset) -> Dataset:
    """The same pictures with every fifth label wrong: no run gets a loss of zero on them."""
    examples = tuple(
        replace(e, label=1 - e.label) if n % 5 == 0 else e for n, e in enumerate(drawn.examples)
    )
    return replace(drawn, examples=examples, fingerprint="unsettled")


@pytest.fixture
def spec() -> RunSpec:
    """A request small enough for a test."""
    return RunSpec("train", dataset="drawn", size=EDGE, strategy="linear_probe")


@pytest.fixture(scope="session")
def lite0() -> Backbone:
    """The real base; whoever changes its weights must put them back."""
    return VISION.load_backbone(catalog.find("tf_efficientnet_lite0"), size=EDGE, pretrained=True)


@pytest.fixture(scope="session")
def small() -> Backbone:
    """A network of 10 layers with random weights, which no test changes."""
    return untrained_backbone("test_efficientnet")


@pytest.fixture
def scans_forgotten(thaw_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is known of what networks make of data."""
    monkeypatch.setattr(scanning, "_known", {})


@pytest.fixture
def small_learner() -> Learner:
    """A network of 10 layers with random weights, its head too, that a test may change."""
    learner = Learner(untrained_backbone("test_efficientnet"), 2)
    torch.nn.init.normal_(learner.head.linear.weight, std=0.1)
    return learner


@pytest.fixture(scope="session")
def finished(drawn: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Finished]:
    """Runs that have come to their end, at most one per strategy however many tests ask."""

    @cache
    def of(strategy: str) -> Finished:
        spec = RunSpec("train", dataset="drawn", size=EDGE, strategy=strategy, patience=0)
        return finish(spec, drawn, tmp_path_factory.mktemp(strategy))

    return of
