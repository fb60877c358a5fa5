"""A transformer of the Hugging Face kind as a body, and as a chain of its layers.

Into it go token numbers, [batch, tokens], out comes one vector per text, [batch, width]. Between
layers a value is [batch, tokens, width] with zero vectors where a text has ended, so that one
tensor carries all there is to know and can be kept on disk.

No architecture is spelled out here. A segment is the network's own forward pass with the layers
that are not its own left out; so masks, positions and what else an architecture hands to its
layers are its own affair.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from tl_core.engine.chain import Chain

FILL = -1
"""Token number that fills up shorter texts, always at the end; no vocabulary has it."""


def is_token(numbers: torch.Tensor) -> torch.Tensor:
    """Tell which of the token numbers, [batch, tokens], are of a text and not `FILL`."""
    return numbers != FILL


_QUERY_AND_VALUE = (
    ("query", "value"),
    ("q_lin", "v_lin"),
    ("query_proj", "value_proj"),
    ("q_proj", "v_proj"),
    ("in_proj",),
    ("Wqkv",),
    ("query_key_value",),
    ("c_attn",),
)
"""What the linear maps to queries and values are called, or the one map to all three."""


class Encoder(nn.Module):
    """A transformer without a head; the mean over a text's tokens is its vector."""

    def __init__(self, network: Any, *, last_token: bool = False) -> None:
        """Take over a network.

        Args:
            network: a base model of transformers, in eval mode, without a pooler.
            last_token: take the vector of a text's last token instead of the mean: in networks
                whose tokens only see what came before them.

        Raises:
            ValueError: if no list of layers is found in the network.
        """
        super().__init__()
        self.network = network
        self.last_token = last_token
        self.layers_name = _layers_name(network)

    @property
    def layers(self) -> nn.ModuleList:
        """The network's layers, early to late."""
        found: Any = self.network.get_submodule(self.layers_name)
        return found  # type: ignore[no-any-return]

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return features [batch, width] of token numbers [batch, tokens]."""
        mask = is_token(tokens)
        told = self.network(input_ids=tokens.clamp_min(0), attention_mask=mask.long())
        return self.pooled(told.last_hidden_state, mask)

    def pooled(self, value: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return [batch, width] for a value [batch, tokens, width] and which tokens are real."""
        if self.last_token:
            last = mask.sum(1).clamp_min(1) - 1
            return value[torch.arange(len(value), device=value.device), last]
        weight = mask.unsqueeze(-1).to(value.dtype)
        return (value * weight).sum(1) / weight.sum(1).clamp_min(1)

    def chain(self, first_layers: tuple[int, ...]) -> Chain:
        """Return the network as a chain: first what turns tokens into vectors, then its layers.

        Args:
            first_layers: number of the layer with which each further segment begins; rising,
                the first one 0.
        """
        ends = (*first_layers[1:], len(self.layers))
        spans = [Segment(self, None, 0)]
        spans += [Segment(self, first, end) for first, end in zip(first_layers, ends, strict=True)]
        return Chain(tuple(spans), tuple(range(len(spans))))


class Segment(nn.Module):
    """Some neighbouring layers of an encoder; the last one also makes a text's vector."""

    def __init__(self, encoder: Encoder, first: int | None, end: int) -> None:
        """Take layers `first` up to `end`; None for what comes before the first of them."""
        super().__init__()
        self.encoder, self.first, self.end = encoder, first, end

    def forward(self, value: torch.Tensor) -> torch.Tensor:
        """Return [batch, tokens, width], or features [batch, width] from the last segment."""
        encoder, count = self.encoder, len(self.encoder.layers)
        if self.first is None:
            mask = is_token(value)
            with _only(encoder, (), None) as seen:
                encoder.network(input_ids=value.clamp_min(0), attention_mask=mask.long())
            return seen[0] * mask.unsqueeze(-1)
        mask = (value != 0).any(-1)
        # What would enter the first layer is never used, so anything of the right shape will do.
        width = encoder.network.get_input_embeddings().embedding_dim
        unused = value.new_zeros((*value.shape[:2], width))
        with _only(encoder, range(self.first, self.end), value) as seen:
            told = encoder.network(inputs_embeds=unused, attention_mask=mask.long())
        if self.end == count:
            return encoder.pooled(told.last_hidden_state, mask)
        return seen[self.end] * mask.unsqueeze(-1)


@contextmanager
def _only(encoder: Encoder, kept: Any, value: torch.Tensor | None) -> Iterator[list[torch.Tensor]]:
    """Leave out all layers that are not `kept`; these begin with `value`.

    Yields what entered each layer, to be read after the network has run.
    """
    layers = encoder.layers
    originals = list(layers)
    seen: list[torch.Tensor] = []
    start = kept[0] if kept else None
    try:
        for number, layer in enumerate(originals):
            begins = value if number == start else None
            layers[number] = _Gate(layer, seen, begins, is_open=number in kept)
        yield seen
    finally:
        for number, layer in enumerate(originals):
            layers[number] = layer


class _Gate(nn.Module):
    """Stands in the place of a layer and lets values pass through it, or around it."""

    def __init__(
        self, layer: nn.Module, seen: list[torch.Tensor], begins: torch.Tensor | None, is_open: bool
    ) -> None:
        super().__init__()
        self.gated = layer
        self._seen, self._begins, self._is_open = seen, begins, is_open

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:  # some networks ask a layer of what kind it is
            return getattr(super().__getattr__("gated"), name)

    def forward(self, value: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        entering = value if self._begins is None else self._begins
        self._seen.append(entering)
        if self._is_open:
            return self.gated(entering, *args, **kwargs)
        return (entering, None) if _gives_pairs(self.gated) else entering


def _gives_pairs(layer: nn.Module) -> bool:
    """Tell whether the layer returns a tuple: its value, and attention weights or nothing."""
    return type(layer).__module__.startswith("transformers.models.deberta")


def _layers_name(network: nn.Module) -> str:
    """Return the name of the longest list of modules of one kind that lies in no other list."""
    found: dict[str, int] = {}
    for name, module in network.named_modules():
        is_inside = any(name.startswith(f"{outer}.") for outer in found)
        if isinstance(module, nn.ModuleList) and len(module) and not is_inside:
            found[name] = len(module)
    if not found:
        raise ValueError("no list of layers found")
    return max(found, key=lambda name: found[name])


def adapted_layers(encoder: Encoder) -> tuple[str, ...]:
    """Return the linear maps to queries and values, by their names in the encoder.

    These two are where a small number of adapted weights does most (Hu et al. 2021, table 5).
    """
    linear = [n for n, m in encoder.named_modules() if isinstance(m, nn.Linear)]
    for wanted in _QUERY_AND_VALUE:
        found = tuple(name for name in linear if name.rpartition(".")[2] in wanted)
        if found:
            return found
    return ()
