"""A run's network as one plain module that needs nothing of Thaw: pixels or tokens in, logits out.

The head standardises features and then applies a linear map; both are one linear map, so that the
classifier is an ordinary last layer and the whole an ordinary timm network.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from tl_core.engine.features import pool
from tl_core.engine.learner import Head
from tl_core.engine.modality import Backbone
from tl_core.engine.modality.encoder import FILL, Encoder, Segment
from tl_core.engine.rebuild import Rebuilt
from tl_core.errors import RunFailed
from tl_core.i18n import _

SAMPLES = 2  # of one example, tracing would take the batch for fixed
TOLERANCE = 1e-3  # of the largest logit; sums in another order cost a few 1e-6
HEAD = "head"
"""What the classifier's own file and parameters are called where the body has no place for it."""


@dataclass(frozen=True)
class Portable:
    """A network ready to be written."""

    network: nn.Module
    """In eval mode, float32: maps `inputs` to logits [batch, classes]."""
    body: Any
    """The part of it that timm or transformers knows."""
    classifier: nn.Linear | None
    """The last layer where it is none of the body's own."""
    inputs: tuple[torch.Tensor, ...]
    """An example of a batch."""
    names: tuple[str, ...]
    """What the inputs are called."""
    taps: tuple[str, ...]
    """Where else than at its end the body is looked at: modules, or numbers of hidden states."""
    longest: int = 0
    """Most tokens of a text."""


class Pictures(nn.Module):
    """A timm network with a classifier on the features of several of its stages."""

    def __init__(self, body: Any, classifier: nn.Linear, taps: Sequence[str]) -> None:
        super().__init__()
        self.body, self.head = body, classifier
        seen: list[torch.Tensor] = []
        self._outputs = (seen,)  # in a tuple, so that tracing takes it for no state of its own
        for name in taps:
            body.get_submodule(name).register_forward_hook(lambda _m, _i, out: seen.append(out))

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return logits [batch, classes] for [batch, 3, size, size]."""
        (seen,) = self._outputs
        seen.clear()
        last = self.body(pixels)
        logits: torch.Tensor = self.head(torch.cat([*(pool(value) for value in seen), last], 1))
        seen.clear()
        return logits


class Texts(nn.Module):
    """A transformer with a classifier on the mean over a text's tokens, or on its last one."""

    def __init__(
        self, encoder: Encoder, classifier: nn.Linear, taps: Sequence[str] | None = None
    ) -> None:
        super().__init__()
        self.body, self.head = encoder.network, classifier
        self._pooled = encoder.pooled
        self._taps = [int(tap) for tap in taps or ()]

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Return logits [batch, classes] for token numbers and which of them are real."""
        told = self.body(
            input_ids=input_ids,
            attention_mask=attention_mask,
            output_hidden_states=bool(self._taps),
        )
        real = attention_mask.unsqueeze(-1).to(torch.float32)
        parts = [
            (told.hidden_states[tap] * real).sum(1) / real.sum(1).clamp_min(1) for tap in self._taps
        ]
        last = self._pooled(told.last_hidden_state, attention_mask.bool())
        logits: torch.Tensor = self.head(torch.cat([*parts, last], 1))
        return logits


def portable(rebuilt: Rebuilt) -> Portable:
    """Return the network of a run in plain form; the run's own is left as it is.

    Raises:
        RunFailed: if the plain form does not compute the same.
    """
    backbone, learner = rebuilt.backbone, rebuilt.learner.cpu().float().eval()
    folded = fold(learner.head)
    if isinstance(learner.body, Encoder):
        found = _of_texts(backbone, learner.body, folded, is_wide=learner.all_depths)
    else:
        found = _of_pictures(backbone, learner.body, folded, is_wide=learner.all_depths)
    _require_same(found, learner)
    return found


def fold(head: Head) -> nn.Linear:
    """Return the head as one linear map on features as they are: W / s and b - W m / s."""
    weight = head.linear.weight.detach().double() / head.spread.double()
    bias = head.linear.bias.detach().double() - weight @ head.mean.double()
    linear = nn.Linear(weight.shape[1], weight.shape[0])
    with torch.no_grad():
        linear.weight.copy_(weight)
        linear.bias.copy_(bias)
    return linear.requires_grad_(False)


def _of_pictures(
    backbone: Backbone, body: nn.Module, folded: nn.Linear, *, is_wide: bool
) -> Portable:
    taps = taps_of(backbone, body) if is_wide else ()
    plain: Any = copy.deepcopy(body).to(memory_format=torch.contiguous_format)
    pixels = backbone.sample.contiguous().repeat(SAMPLES, 1, 1, 1)
    pixels = pixels * torch.tensor([1.0, 0.5]).reshape(SAMPLES, 1, 1, 1)
    if is_wide:
        network: nn.Module = Pictures(plain, folded, taps)
        return Portable(network.eval(), plain, folded, (pixels,), ("pixels",), taps)
    plain.reset_classifier(len(folded.bias))
    last = plain.get_classifier()
    with torch.no_grad():
        last.weight.copy_(folded.weight.reshape(last.weight.shape))
        last.bias.copy_(folded.bias)
    plain.eval().requires_grad_(False)
    return Portable(plain, plain, None, (pixels,), ("pixels",), ())


def taps_of(backbone: Backbone, body: nn.Module) -> tuple[str, ...]:
    """Return the modules whose outputs are what leaves each stage but the last.

    Raises:
        RunFailed: if what leaves a stage is no module's output.
    """
    seen: dict[str, torch.Tensor] = {}

    def keep(name: str) -> Any:
        return lambda _m, _i, out: seen.update({name: out}) if torch.is_tensor(out) else None

    hooks = [m.register_forward_hook(keep(name)) for name, m in body.named_modules() if name]
    found = []
    try:
        with torch.inference_mode():
            body(backbone.sample)
            value = backbone.sample
            for segment in backbone.chain.segments[:-1]:
                value = segment(value)
                same = [name for name, out in seen.items() if _is_same(out, value)]
                if not same:
                    raise _different()
                found.append(min(same, key=lambda name: (name.count("."), len(name))))
    finally:
        for hook in hooks:
            hook.remove()
    return tuple(found)


def _is_same(one: torch.Tensor, other: torch.Tensor) -> bool:
    if one.shape != other.shape:
        return False
    return bool((one - other).abs().max() <= TOLERANCE * other.abs().max().clamp_min(1e-6))


def _of_texts(backbone: Backbone, body: Encoder, folded: nn.Linear, *, is_wide: bool) -> Portable:
    encoder = copy.deepcopy(body).eval().requires_grad_(False)
    spans = [s for s in backbone.chain.segments[:-1] if isinstance(s, Segment)] if is_wide else []
    taps = tuple(str(span.end) for span in spans)
    tokens = backbone.sample.repeat(SAMPLES, 1)
    mask = torch.ones_like(tokens)
    mask[1, tokens.shape[1] // 2 :] = 0
    network = Texts(encoder, folded, taps).eval()
    names = ("input_ids", "attention_mask")
    inputs = (tokens, mask)
    return Portable(network, encoder.network, folded, inputs, names, taps, backbone.size)


def _require_same(found: Portable, learner: nn.Module) -> None:
    """Hold the plain network against the run's own."""
    inputs = found.inputs[0]
    if len(found.inputs) > 1:  # the run's own has its mask in the token numbers
        inputs = torch.where(found.inputs[1].bool(), inputs, FILL)
    with torch.inference_mode():
        expected = learner(inputs)
        told = found.network(*found.inputs)
    if not _is_same(told, expected):
        raise _different()


def _different() -> RunFailed:
    return RunFailed(
        "export_differs",
        _("This network cannot be taken out of Thaw: its plain form computes something else."),
        _("Train with another base, and export that."),
    )
