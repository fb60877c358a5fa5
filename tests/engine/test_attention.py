"""What the layers of a network make of a text."""

from __future__ import annotations

import pytest
import torch

from tl_core import catalog
from tl_core.engine import attention
from tl_core.engine.modality import Backbone
from tl_core.engine.modality.text import TEXT

BASE = catalog.find(catalog.default_base("text"))
SAID = "The bank raised its rates."


@pytest.fixture(scope="module")
def backbone() -> Backbone:
    return TEXT.load_backbone(BASE, size=None, pretrained=True)


@pytest.fixture(scope="module")
def twin() -> Backbone:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return TEXT.load_backbone(BASE, size=None, pretrained=False)


def test_every_layer_says_where_words_look_and_what_they_are_like(backbone: Backbone) -> None:
    read = attention.look(backbone, SAID)
    assert read.tokens[:4] == ("[CLS]", "the", "bank", "raised")
    assert not read.cut
    assert [layer.name for layer in read.layers] == [stage.name for stage in BASE.stages]
    words, *layers = read.layers
    assert (words.attention, words.spread) == ((), None)
    assert words.kept == words.words == 5
    assert words.nearest[2][0] == "bank"
    assert words.nearest[0] == ()  # a mark is no word
    for layer in layers:
        assert len(layer.attention) == len(read.tokens)
        assert all(sum(row) == pytest.approx(1, abs=0.01) for row in layer.attention)
        assert layer.spread is not None
        assert 1 <= layer.spread <= len(read.tokens)


def test_random_weights_look_everywhere_alike(backbone: Backbone, twin: Backbone) -> None:
    sharpest = [
        min(layer.spread for layer in attention.look(one, SAID).layers if layer.spread)
        for one in (backbone, twin)
    ]
    assert sharpest[0] < 0.7 * sharpest[1]
    assert sharpest[1] > len(attention.look(twin, SAID).tokens) - 0.2


def test_what_is_too_long_is_cut_and_said_so(backbone: Backbone) -> None:
    read = attention.look(backbone, "word " * 200)
    assert len(read.tokens) == attention.MOST_TOKENS
    assert read.cut


def test_the_network_says_the_same_afterwards(backbone: Backbone) -> None:
    tokens = torch.tensor([[101, 1996, 2924, 102]])
    with torch.inference_mode():
        before = backbone.body(tokens)
        attention.look(backbone, SAID)
        assert torch.allclose(backbone.body(tokens), before, atol=1e-5)
