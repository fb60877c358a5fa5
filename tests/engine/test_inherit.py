"""A base that runs have made is put together again exactly as they have left it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.engine.handmade import EDGE, Finished, draw_pictures, finish
from tests.tuned_runs import RUN
from tl_core import catalog, files
from tl_core.catalog import tuned
from tl_core.data.dataset import Dataset
from tl_core.engine import adapters
from tl_core.engine.inherit import load_backbone
from tl_core.engine.modality import Backbone
from tl_core.engine.setup import prepare
from tl_core.errors import InputError, RunFailed

YOUNGER = "20260102-120000-younger-0a1b"


def moved_in(end: Finished) -> str:
    """Copy a run into the folder of runs and return the id of the base it is."""
    shutil.copytree(end.folder, files.runs_dir() / RUN)
    return f"run:{RUN}"


@pytest.mark.parametrize("strategy", ["gradual_unfreezing", "lora", "full_fine_tune"])
def test_the_network_is_the_one_that_the_run_ended_with(
    thaw_home: Path, finished: Callable[[str], Finished], strategy: str
) -> None:
    end = finished(strategy)
    base = catalog.find(moved_in(end))
    made = load_backbone(base, size=None, pretrained=True)
    assert (made.base, made.size) == (base, EDGE)
    bench = end.run.bench
    inputs = bench.val.examples.inputs(range(len(bench.val)))
    assert made.source_head is not None
    with torch.inference_mode():
        features = inputs
        for segment in made.chain.segments:
            features = segment(features)
        torch.testing.assert_close(made.body(inputs), features, rtol=1e-3, atol=1e-3)
        expected = bench.learner(inputs)
        logits = made.source_head(features)
    assert logits.shape == (len(bench.val), 2)
    torch.testing.assert_close(logits, expected, rtol=1e-3, atol=1e-3)
    names = [name for name, _parameter in made.body.named_parameters()]
    assert not any(adapters.is_adapter(name) or "base_layer" in name for name in names)
    assert len(made.adapted) == len(set(made.adapted) & {n for n, _m in made.body.named_modules()})


def test_its_fingerprint_and_its_stages_are_its_own(
    thaw_home: Path, finished: Callable[[str], Finished], lite0: Backbone
) -> None:
    base = catalog.find(moved_in(finished("full_fine_tune")))
    made = load_backbone(base, size=None, pretrained=True)
    assert made.fingerprint != lite0.fingerprint
    assert made.stages == lite0.stages == base.stages
    again = load_backbone(base, size=None, pretrained=True)
    assert again.fingerprint == made.fingerprint
    blank = load_backbone(base, size=None, pretrained=False)
    assert blank.fingerprint != made.fingerprint


def test_what_a_run_has_learned_from_never_judges_the_next_one(
    thaw_home: Path, finished: Callable[[str], Finished], drawn: Dataset
) -> None:
    end = finished("full_fine_tune")
    further = replace(end.run.spec, base=moved_in(end))
    prepare(further, drawn, "lora", emit=lambda kind, **fields: None)
    turned = {"val": "train", "train": "val"}
    moved = tuple(replace(e, split=turned[e.split]) for e in drawn.examples)
    mended = replace(drawn, examples=moved, fingerprint="mended", revision=1)
    with pytest.raises(InputError, match="22 of the 22 examples"):
        prepare(further, mended, "lora", emit=lambda kind, **fields: None)


def test_a_run_that_left_its_base_as_it_was_is_no_base(
    thaw_home: Path, finished: Callable[[str], Finished]
) -> None:
    name = moved_in(finished("linear_probe"))
    assert not tuned.read(RUN).is_changed
    with pytest.raises(InputError) as caught:
        catalog.find(name)
    assert catalog.find("tf_efficientnet_lite0").id in caught.value.issues[0].fix


def test_exchanged_weights_are_not_loaded(
    thaw_home: Path, finished: Callable[[str], Finished]
) -> None:
    base = catalog.find(moved_in(finished("lora")))
    with tuned.weights_path(base.tuned[0]).open("ab") as file:
        file.write(b"x")
    with pytest.raises(RunFailed):
        load_backbone(base, size=None, pretrained=True)


def test_a_run_begins_from_a_run(
    thaw_home: Path, finished: Callable[[str], Finished], tmp_path: Path
) -> None:
    first = moved_in(finished("lora"))
    (tmp_path / "three").mkdir()
    other = replace(draw_pictures(tmp_path / "three", classes=3, per_class=8, edge=88), id="three")
    asked = finished("lora").run.spec
    spec = replace(asked, base=first, dataset="three", size=None, strategy="full_fine_tune")
    end = finish(spec, other, files.runs_dir() / YOUNGER)
    younger = catalog.find(f"run:{YOUNGER}")
    assert [run.run for run in younger.tuned] == [YOUNGER, RUN]
    assert younger.size == EDGE
    made = load_backbone(younger, size=None, pretrained=True)
    inputs = end.run.bench.val.examples.inputs(range(4))
    assert made.source_head is not None
    with torch.inference_mode():
        logits = made.source_head(made.body(inputs))
        torch.testing.assert_close(logits, end.run.bench.learner(inputs), rtol=1e-3, atol=1e-3)
    assert logits.shape == (4, 3)
    tuned.weights_path(younger.tuned[1]).unlink()
    with pytest.raises(InputError):
        catalog.find(younger.id)
