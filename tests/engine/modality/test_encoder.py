"""Transformers of every family as chains: the same features, whatever is padded or left out."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import transformers
from torch import nn

from tl_core.engine import adapters
from tl_core.engine.features import pool
from tl_core.engine.modality.encoder import FILL, Encoder, adapted_layers
from tl_core.engine.modality.text import _is_causal

BERT = {
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "vocab_size": 500,
}
LLAMA = BERT | {"num_key_value_heads": 2, "head_dim": 16}
RELATIVE = BERT | {"relative_attention": True, "pos_att_type": ["p2c", "c2p"]}
MODERN = BERT | dict.fromkeys(
    ("pad_token_id", "cls_token_id", "sep_token_id", "bos_token_id", "eos_token_id"), 1
)
SMALL = {"dim": 32, "n_layers": 3, "n_heads": 2, "hidden_dim": 64, "vocab_size": 500}
FAMILIES: dict[str, tuple[dict[str, Any], int]] = {
    "Bert": (BERT, 6),
    "Roberta": (BERT, 6),
    "Electra": (BERT | {"embedding_size": 16}, 6),
    "DistilBert": (SMALL, 6),
    "Deberta": (RELATIVE, 3),
    "DebertaV2": (RELATIVE | {"position_buckets": 16}, 6),
    "ModernBert": (MODERN, 3),
    "Llama": (LLAMA, 6),
    "Qwen3": (LLAMA, 6),
    "Mistral": (LLAMA, 6),
}
"""Family -> a small network of it, and how many layers get an adapter."""
CAUSAL = ("Llama", "Qwen3", "Mistral")


def encoder_of(family: str) -> Encoder:
    torch.manual_seed(0)
    config = getattr(transformers, f"{family}Config")(**FAMILIES[family][0])
    network = transformers.AutoModel.from_config(config).eval()
    return Encoder(network, last_token=family in CAUSAL).eval()


def texts() -> torch.Tensor:
    tokens = torch.randint(5, 500, (3, 12), generator=torch.Generator().manual_seed(0))
    tokens[0, 7:] = FILL
    tokens[1, 2:] = FILL
    return tokens


@pytest.mark.parametrize("family", FAMILIES)
@torch.inference_mode()
def test_the_chain_computes_what_the_network_does(family: str) -> None:
    encoder, tokens = encoder_of(family), texts()
    wanted = encoder(tokens)
    names = list(dict(encoder.named_parameters()))
    for firsts in ((0, 1, 2), (0, 2)):
        chain = encoder.chain(firsts)
        value = tokens
        for segment in chain.segments[:-1]:
            value = segment(value)
            assert value.shape == (3, 12, 32)
            assert not value[tokens == FILL].any()
            assert value[tokens != FILL].any(-1).all()
            torch.testing.assert_close(pool(value)[1], value[1, :2].mean(0))
        torch.testing.assert_close(chain.segments[-1](value), wanted, rtol=1e-4, atol=1e-5)
        assert chain.first_stage == tuple(range(len(firsts) + 1))
    assert list(dict(encoder.named_parameters())) == names  # nothing is left behind


@pytest.mark.parametrize("family", FAMILIES)
@torch.inference_mode()
def test_filling_up_changes_nothing(family: str) -> None:
    encoder, tokens = encoder_of(family), texts()
    longer = torch.cat([tokens, torch.full((3, 9), FILL)], 1)
    torch.testing.assert_close(encoder(longer), encoder(tokens), rtol=1e-4, atol=1e-5)
    alone = encoder(tokens[1:2, :2])
    torch.testing.assert_close(alone, encoder(tokens)[1:2], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("family", FAMILIES)
def test_adapters_find_their_layers_and_learn_through_the_chain(family: str) -> None:
    encoder, tokens = encoder_of(family), texts()
    layers = adapted_layers(encoder)
    assert len(layers) == FAMILIES[family][1]
    encoder.requires_grad_(False)
    before = encoder(tokens)
    adapters.add(encoder, layers, seed=0)
    value = tokens
    for segment in encoder.chain((0, 1, 2)).segments:
        value = segment(value)
    torch.testing.assert_close(value, before, rtol=1e-4, atol=1e-5)
    value.square().sum().backward()
    moved = {n for n, p in encoder.named_parameters() if p.grad is not None}
    assert moved
    assert all(adapters.is_adapter(name) for name in moved)


@pytest.mark.parametrize("family", FAMILIES)
def test_where_tokens_see_only_what_came_before_is_known(family: str) -> None:
    encoder = encoder_of(family)
    assert _is_causal(encoder.network) is (family in CAUSAL)
    tokens = texts()[2:]
    other = tokens.clone()
    other[0, -1] = (other[0, -1] + 7) % 400 + 5
    with torch.inference_mode():
        first, second = (encoder.chain((0, 1, 2)).segments[0](t) for t in (tokens, other))
        first, second = (encoder.chain((0, 1, 2)).segments[1](v) for v in (first, second))
    assert torch.allclose(first[0, 0], second[0, 0], atol=1e-6) is (family in CAUSAL)


def test_a_network_without_layers_is_refused() -> None:
    with pytest.raises(ValueError, match="no list of layers"):
        Encoder(nn.Linear(2, 2))
    assert adapted_layers(nn.Linear(2, 2)) == ()
