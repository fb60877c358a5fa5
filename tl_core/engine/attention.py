"""What each layer of a network makes of a text: where every token looks, and what it is like.

Attention is the mean of all heads of a layer. It tells where a layer draws from, not why, and much
of it falls on the marks at both ends (Clark et al. 2019, arXiv 1906.04341). What a token has become
is told by the whole words of the vocabulary whose own vectors, those that enter the network, are
nearest to it (cosine), as the logit lens does for what a network would say next (nostalgebraist
2020).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional

from tl_core.engine import precision
from tl_core.engine.modality import Backbone
from tl_core.engine.modality.encoder import Encoder, Segment
from tl_core.insides import Layer, Read

MOST_TOKENS = 48
"""Looked at of a text: more cannot be drawn side by side."""
NEAREST = 3
_BEGINS_WORD = "Ġ▁"  # how some vocabularies mark the beginning of a word


def look(backbone: Backbone, text: str) -> Read:
    """Return what a network makes of a text.

    Args:
        backbone: the network.
        text: what it reads; may be longer than what is looked at.
    """
    tokenizer, encoder = backbone.input_config["tokenizer"], backbone.body
    assert isinstance(encoder, Encoder)
    numbers = tokenizer(text, truncation=True, max_length=MOST_TOKENS)["input_ids"] or [0]
    whole = len(tokenizer(text, verbose=False)["input_ids"])
    hidden, attention = _passed(encoder, numbers)
    words = _words(backbone)
    layers = []
    ends = [part.end for part in backbone.chain.segments if isinstance(part, Segment)]
    for stage, end in zip(backbone.stages, ends, strict=True):
        drawn = attention[end - 1] if end and attention else None
        layers.append(_layer(stage.name, hidden[end], drawn, numbers, words))
    tokens = tuple(_shown(one) for one in tokenizer.convert_ids_to_tokens(numbers))
    return Read(tokens, whole > len(numbers), tuple(layers))


def _passed(
    encoder: Encoder, numbers: Sequence[int]
) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """Return what enters the first layer and leaves each, [t, width], and attention, [t, t]."""
    network: Any = encoder.network
    # Faster ways of computing attention never have it in one place.
    network.set_attn_implementation("eager")
    tokens = torch.tensor([list(numbers)], device=precision.device())
    with torch.inference_mode():
        told = network(
            input_ids=tokens,
            attention_mask=torch.ones_like(tokens),
            output_hidden_states=True,
            output_attentions=True,
        )
    hidden = [value[0].float().cpu() for value in told.hidden_states]
    drawn = [one[0].mean(0).float().cpu() for one in told.attentions or () if one is not None]
    return hidden, drawn if len(drawn) == len(hidden) - 1 else []


@dataclass(frozen=True)
class Words:
    """The whole words of a vocabulary, as they enter a network."""

    numbers: torch.Tensor
    """[n] of the tokens."""
    names: tuple[str, ...]
    vectors: torch.Tensor
    """[n, width], rows of length 1."""


def _words(backbone: Backbone) -> Words:
    tokenizer, encoder = backbone.input_config["tokenizer"], backbone.body
    assert isinstance(encoder, Encoder)
    network: Any = encoder.network
    table = network.get_input_embeddings().weight.detach().float().cpu()
    special = set(tokenizer.all_special_ids)
    named = enumerate(tokenizer.convert_ids_to_tokens(range(len(tokenizer))))
    kept = [
        (number, _shown(name))
        for number, name in named
        if name and number not in special and number < len(table) and _is_word(name)
    ]
    numbers = torch.tensor([number for number, _name in kept], dtype=torch.int64)
    vectors = functional.normalize(table[numbers], dim=1)
    return Words(numbers, tuple(name for _number, name in kept), vectors)


def _is_word(token: str) -> bool:
    """Tell a word from a part of one, a sign or a number."""
    return token.lstrip(_BEGINS_WORD).isalpha()


def _shown(token: str) -> str:
    return token.lstrip(_BEGINS_WORD) or token


def _layer(
    name: str,
    hidden: torch.Tensor,
    drawn: torch.Tensor | None,
    numbers: Sequence[int],
    words: Words,
) -> Layer:
    nearest: tuple[tuple[str, ...], ...] = ()
    kept = counted = 0
    if len(words.numbers) and hidden.shape[1] == words.vectors.shape[1]:
        alike = functional.normalize(hidden, dim=1) @ words.vectors.T
        places = alike.topk(min(NEAREST, len(words.numbers)), dim=1).indices
        own = torch.tensor(list(numbers))
        is_word = torch.isin(own, words.numbers)
        nearest = tuple(
            tuple(words.names[n] for n in row) if told else ()
            for row, told in zip(places.tolist(), is_word.tolist(), strict=True)
        )
        counted = int(is_word.sum())
        kept = int((words.numbers[places[:, 0]] == own).sum())
    rows = [] if drawn is None else drawn.tolist()
    return Layer(
        name=name,
        attention=tuple(tuple(round(share, 4) for share in row) for row in rows),
        spread=None if drawn is None else round(_spread(drawn), 2),
        nearest=nearest,
        kept=kept,
        words=counted,
    )


def _spread(drawn: torch.Tensor) -> float:
    """Return over how many tokens each row of [t, t] is spread, on average."""
    entropy = torch.special.entr(drawn).sum(1)
    return float(entropy.exp().mean())
