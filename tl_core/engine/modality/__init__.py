"""The seam between what the engine does and what it does it to: pictures and texts.

A modality loads a base as a `Backbone` and turns examples into the inputs of its body; nothing
else in `engine/` or `evidence/` knows what an example looks like.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import nn

from tl_core.catalog import Base
from tl_core.data.dataset import Dataset
from tl_core.engine.chain import Chain
from tl_core.errors import InputError, Issue
from tl_core.i18n import _
from tl_core.spec import Reading, Stage

Progress = Callable[[int, int], None]
"""Called with (done, total) now and then during long work."""


@dataclass(frozen=True)
class Backbone:
    """A base without its classifier, cut into stages from early to late."""

    base: Base
    body: nn.Module
    """Maps a batch of inputs to features, [batch, width]."""
    width: int
    source_head: nn.Module | None
    """The base's own classifier on those features; None if it has none."""
    stages: tuple[Stage, ...]
    stage_of: dict[str, str]
    """Parameter name in `body` -> stage name."""
    size: int
    """Picture edge in pixels, or most tokens of a text, that inputs are made for."""
    input_config: dict[str, Any]
    """What the modality must know to make inputs (normalisation, crop)."""
    chain: Chain
    """`body` as segments that begin at borders of stages."""
    cut: Callable[[dict[str, str]], Chain]
    """Makes the chain anew after layers of `body` were exchanged; takes the stage of each
    parameter as it is now."""
    adapted: tuple[str, ...]
    """Names of the layers in `body` that adapters are put on; empty if none can take one."""
    sample: torch.Tensor
    """One input, [1, …]."""
    fingerprint: str
    """Hash of the weights: equal ones give equal features."""
    real: Callable[[torch.Tensor], torch.Tensor] | None = None
    """Tells which places of a batch of inputs, [batch, places], hold something; None: all do."""


@dataclass(frozen=True)
class Variation:
    """How training examples are varied: a function of these numbers and nothing else."""

    seed: int
    turn: int
    """Epoch, or number of the stored view; the same example looks different in each."""
    ways: tuple[str, ...] = ()
    """Changes that were found safe for the data, of those that the examples offer."""
    strength: int = 0
    """Steps by which examples are varied more than at first."""


class Examples(Protocol):
    """Some examples of a dataset, ready to become inputs in any order."""

    @property
    def lengths(self) -> Sequence[int]:
        """[n] what each costs beside the others; empty where all cost the same."""
        ...

    @property
    def key(self) -> str:
        """Hash of what is decoded and how: equal keys mean equal inputs."""
        ...

    def __len__(self) -> int: ...

    def inputs(self, rows: Sequence[int]) -> torch.Tensor:
        """Return the inputs of `rows` as they are judged: no augmentation."""
        ...

    def augmented(self, rows: Sequence[int], variation: Variation) -> torch.Tensor:
        """Return the inputs of `rows`, each varied by its own draw from `variation`."""
        ...


class Raw(Examples, Protocol):
    """Examples as they come from the data, not yet run through any part of a base."""

    @property
    def keys(self) -> Sequence[str]:
        """[n] hash of what each is decoded from and how, in hexadecimal; empty if not known."""
        ...

    @property
    def varies(self) -> bool:
        """Whether `augmented` gives anything else than `inputs`."""
        ...

    @property
    def control(self) -> str:
        """What `raw` is called among the controls: a field of `spec.Controls`."""
        ...

    @property
    def ways(self) -> tuple[str, ...]:
        """Names of changes that keep the class of most things, but not of all."""
        ...

    def changed(self, rows: Sequence[int], way: str) -> torch.Tensor:
        """Return the inputs of `rows` with that one change, the same for every call."""
        ...

    def sheet(self, rows: Sequence[int], variations: Sequence[Variation]) -> bytes | None:
        """Return a JPEG of what the model sees: a row each, plain first; None if not visible."""
        ...

    def reading(self) -> Reading | None:
        """Return how well the base's vocabulary fits; None for what has no words."""
        ...

    def raw(self) -> torch.Tensor:
        """Return a small plain encoding, [n, k]: what a model without a base would see."""
        ...


class Modality(Protocol):
    """How one kind of data is loaded and encoded."""

    @property
    def name(self) -> str:
        """Name of the modality, as datasets carry it."""
        ...

    def load_backbone(self, base: Base, *, size: int | None, pretrained: bool) -> Backbone:
        """Load `base`, or an untrained network of its architecture."""
        ...

    def open_examples(self, dataset: Dataset, rows: Sequence[int], backbone: Backbone) -> Raw:
        """Open the given rows of `dataset` for `backbone`; they are decoded when needed."""
        ...


def content_keys(how: str, contents: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Return the `key` and the `keys` of examples.

    Args:
        how: what their inputs depend on besides their content.
        contents: what each is, by content; empty for one that is nobody else's.
    """
    whole = hashlib.sha256("\n".join([how, *contents]).encode()).hexdigest()
    each = (hashlib.sha256(f"{how} {c}".encode()).hexdigest() if c else "" for c in contents)
    return whole, tuple(each)


def modality_of(name: str) -> Modality:
    """Return the modality called `name`.

    Raises:
        InputError: if it is not built.
    """
    if name == "picture":
        from tl_core.engine.modality.vision import VISION

        return VISION
    if name == "text":
        from tl_core.engine.modality.text import TEXT

        return TEXT
    message = _("Thaw cannot train on data of kind '{found}' yet.").format(found=name)
    raise InputError([Issue("data", message, _("Bring pictures."))])
