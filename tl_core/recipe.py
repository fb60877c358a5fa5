"""What a stand-alone script must know of a run in order to repeat it: plain facts, no network."""

from __future__ import annotations

from dataclasses import dataclass

HEAD, ADAPTER, SCRATCH = "head", "adapter", "scratch"


@dataclass(frozen=True)
class Step:
    """A stretch of training as it was, and what was decided at its end."""

    name: str
    """`head`, `adapter`, `scratch`, `full`, or `thaw:STAGE`."""
    epochs: int
    """How many were trained."""
    planned: int
    """Over how many the learning rates fall."""
    head_steps: tuple[int, ...] = ()
    """L-BFGS steps of each epoch, where the head alone learned."""
    thawed: tuple[str, ...] = ()
    head_lr: float = 0.0
    body_lr: float = 0.0
    decay: float = 1.0
    border: str | int | None = None
    """Where the frozen part ends whose outputs were kept in half precision; None for none."""
    share: float | None = None
    """Of the tuned weights in the mixture that was kept; None where none was better."""
    is_undone: bool = False
    """Whether the rung did not pay and was rolled back."""
    cut: int = 0
    """Batches of one more epoch, within which somebody went on to the next step."""
    is_taken_back: bool = False
    """Whether somebody rolled it back."""


@dataclass(frozen=True)
class Ridge:
    """How the closed-form fit that a head began with was chosen."""

    penalty: float
    factor: float
    """Inverse temperature of its scores."""


@dataclass(frozen=True)
class Weights:
    """Where the base's weights come from."""

    architecture: str
    package: str = ""
    file: str = ""
    sha256: str = ""
    is_beside: bool = False
    """Whether they lie beside the script, since runs have made them."""


@dataclass(frozen=True)
class Pictures:
    """How pictures were read and varied."""

    canvas: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    min_crops: tuple[float, ...]
    """Least share of a picture's area in a crop, by how strongly pictures were varied."""
    max_stretch: float
    light: float
    ways: tuple[str, ...]


@dataclass(frozen=True)
class Recipe:
    """A run from its data to its best epoch."""

    run: str
    dataset: str
    """What the person calls the data: untrusted text."""
    strategy: str
    classes: tuple[str, ...]
    """Untrusted texts."""
    weights: Weights
    size: int
    """Picture edge in pixels, or most tokens of a text."""
    width: int
    """Numbers that the head sees of an example."""
    seed: int
    is_bf16: bool
    is_joined: bool
    """Whether BatchNorm layers were computed within the convolutions before them."""
    stages: dict[str, tuple[str, ...]]
    """Stage -> how the names of its parameters begin."""
    steps: tuple[Step, ...]
    epoch: int
    """The best one, as the run recorded it."""
    loss: float
    accuracy: float
    """Share right on the validation examples, in [0, 1]."""
    n: int
    versions: dict[str, str]
    penalty: float | None = None
    """Of the head, chosen by cross-validation."""
    ridge: Ridge | None = None
    pictures: Pictures | None = None
    """None for texts."""
    taps: tuple[str, ...] = ()
    """Where the base is looked at besides its end."""
    layers: str = ""
    """Of texts: the name of the transformer's list of layers."""
    last_token: bool = False
    adapted: tuple[str, ...] = ()
    """Layers with LoRA matrices."""
    rank: int = 0
    alpha: int = 0
    l2_sp: float = 0.0
    """Weight of the pull towards the base's weights; 0 where there was none."""
    is_held: bool = False
    """Whether it pulled from the beginning, while everything moved."""
    held: tuple[tuple[int, int], ...] = ()
    """Epochs and batches, counted as in `slower`, from which on somebody had it pull: for the first
    time, or ten times as much."""
    stronger: tuple[int, ...] = ()
    """Epochs from which on somebody had the examples varied one step more."""
    ldifs: float = 0.0
    """Weight of the pull towards the features of its stages while everything moved; 0 for none."""
    slower: tuple[tuple[int, int], ...] = ()
    """Epochs and batches before which somebody had every learning rate divided by ten; the first
    epoch of training is 1, the first batch 0."""
    borders: tuple[str | int, ...] = ()
    """Where stages but the last end: steps of the joined network, or numbers of hidden states."""
