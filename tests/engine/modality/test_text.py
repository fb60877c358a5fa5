"""Texts: the offline base as it is described, its inputs, and what is said of bad ones."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest
import torch

from tl_core import catalog
from tl_core.data.dataset import Dataset
from tl_core.data.samples import load_sample
from tl_core.engine.modality import Backbone, Variation
from tl_core.engine.modality.encoder import FILL
from tl_core.engine.modality.text import TEXT
from tl_core.errors import InputError, RunFailed

BASE = catalog.find(catalog.default_base("text"))


@pytest.fixture(scope="module")
def backbone() -> Backbone:
    return TEXT.load_backbone(BASE, size=None, pretrained=True)


@pytest.fixture
def messages(thaw_home: Path) -> Dataset:
    return load_sample("messages")


def test_the_offline_base_is_what_the_catalog_says(backbone: Backbone) -> None:
    assert backbone.stages == BASE.stages
    assert (backbone.width, backbone.size) == (384, BASE.size)
    assert set(backbone.stage_of) == {n for n, _p in backbone.body.named_parameters()}
    assert len(backbone.chain.segments) == len(BASE.stages)
    assert {name.rpartition(".")[2] for name in backbone.adapted} == {"query", "value"}


@torch.inference_mode()
def test_it_knows_which_sentences_belong_together(backbone: Backbone, messages: Dataset) -> None:
    said = ("My parcel never came.", "Where is my parcel?", "I forgot my password.")
    examples = tuple(dataclasses.replace(messages.examples[0], text=text) for text in said)
    asked = dataclasses.replace(messages, examples=examples)
    opened = TEXT.open_examples(asked, range(3), backbone)
    vectors = torch.nn.functional.normalize(backbone.body(opened.inputs(range(3))), dim=1)
    near = vectors @ vectors.T
    assert near[0, 1] > near[0, 2] + 0.1


def test_inputs_are_token_numbers_filled_up_at_the_end(
    backbone: Backbone, messages: Dataset
) -> None:
    opened = TEXT.open_examples(messages, range(20), backbone)
    lengths = opened.lengths
    rows = [3, 11, 3]
    inputs = opened.inputs(rows)
    assert inputs.shape == (3, max(lengths[row] for row in rows))
    assert [(line != FILL).sum().item() for line in inputs] == [lengths[row] for row in rows]
    assert torch.equal(inputs[0], inputs[2])
    assert not opened.varies
    assert torch.equal(opened.augmented(rows, Variation(0, 1)), inputs)
    assert torch.equal(opened.changed(rows, "any"), inputs)
    assert opened.ways == ()
    assert opened.sheet(rows, ()) is None


def test_long_texts_are_cut_and_odd_ones_read(backbone: Backbone, messages: Dataset) -> None:
    said = ("word " * 5000, "\u4e2d\u6587 \U0001f600", "?")
    examples = tuple(
        dataclasses.replace(messages.examples[0], text=text, key=text[:9]) for text in said
    )
    asked = dataclasses.replace(messages, examples=examples)
    opened = TEXT.open_examples(asked, range(3), backbone)
    assert opened.lengths[0] == backbone.size
    assert min(opened.lengths) >= 3
    bag = opened.raw()
    assert bag.shape[0] == 3
    assert bag.dtype == torch.float32
    signs = dataclasses.replace(asked, examples=examples[2:])
    assert TEXT.open_examples(signs, range(1), backbone).raw().tolist() == [[0.0]]


def test_equal_texts_have_equal_keys(backbone: Backbone, messages: Dataset) -> None:
    first = TEXT.open_examples(messages, range(5), backbone)
    assert first.key == TEXT.open_examples(messages, range(5), backbone).key
    assert first.key != TEXT.open_examples(messages, range(1, 6), backbone).key
    shorter = dataclasses.replace(backbone, size=32)
    assert first.key != TEXT.open_examples(messages, range(5), shorter).key


def test_an_untrained_network_is_another(backbone: Backbone) -> None:
    blank = TEXT.load_backbone(BASE, size=None, pretrained=False)
    assert blank.stages == backbone.stages
    assert blank.fingerprint != backbone.fingerprint


def test_a_folder_is_loaded_and_a_broken_one_explained(tmp_path: Path, backbone: Backbone) -> None:
    path = catalog.weights_path(BASE)
    assert path is not None
    whole = tmp_path / "mine"
    shutil.copytree(path.parent, whole)
    found = TEXT.load_backbone(catalog.find(str(whole)), size=64, pretrained=True)
    assert found.fingerprint == backbone.fingerprint
    assert found.size == 64
    (whole / "model.safetensors").unlink()
    with pytest.raises(InputError, match="cannot be loaded") as caught:
        TEXT.load_backbone(catalog.find(str(whole)), size=None, pretrained=True)
    assert "safetensors" in caught.value.issues[0].fix


def test_other_weights_than_described_are_refused() -> None:
    other = dataclasses.replace(BASE, sha256="0" * 64)
    with pytest.raises(RunFailed, match="hash differs"):
        TEXT.load_backbone(other, size=None, pretrained=True)


def test_what_cannot_be_fetched_is_told_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    import transformers

    def refuse(*_args: object, **_options: object) -> None:
        raise OSError("no network here")

    monkeypatch.setattr(transformers.AutoTokenizer, "from_pretrained", refuse)
    with pytest.raises(InputError, match="could not be fetched") as caught:
        TEXT.load_backbone(catalog.find("hf:nobody/nothing"), size=None, pretrained=True)
    assert BASE.id in caught.value.issues[0].fix
