"""What is found inside of a network: its first filters, its stages for one picture or text, and
which of a person's own pictures make each channel fire.

The process that has the network (`engine.inside`, `engine.patches`, `engine.attention`) fills these
records; pages read them.
"""

from __future__ import annotations

from dataclasses import dataclass

EDGE, LINE, SPOT, PATCH, UNNAMED, SILENT = "edge", "line", "spot", "patch", "unnamed", "silent"
NAMED = (EDGE, LINE, SPOT, PATCH)
"""What a filter of the first layer may answer to, see `engine.filters`."""
KINDS = (*NAMED, UNNAMED, SILENT)
LIGHT, RED_GREEN, BLUE_YELLOW = "light", "red_green", "blue_yellow"
COLOURS = (LIGHT, RED_GREEN, BLUE_YELLOW)
"""Between which colours it tells."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter of the first layer, as its weights tell."""

    kind: str
    """One of KINDS."""
    colour: str
    """One of COLOURS: the axis on which most of it lies."""
    explained: float
    """Share of its weights' energy that the best pattern explains, in [0, 1]."""
    degrees: float | None
    """Of an edge or a line: how far it rises from the horizontal, in [0, 180)."""
    cycles: float | None
    """Of an edge or a line: the frequency of the pattern, in cycles per pixel of the input."""
    colour_share: float
    """Share of what the pattern explains that is not a matter of light and dark, in [0, 1]."""
    picture: str
    """Its weights as a PNG of as many pixels, in base64; middle grey is 0."""


@dataclass(frozen=True, slots=True)
class Filters:
    """The first layer of a network."""

    edge: int
    """Pixels by pixels of a filter."""
    border: float
    """A filter is named if its pattern explains more than this: 19 of 20 random ones stay below."""
    filters: tuple[Filter, ...]

    @property
    def named(self) -> int:
        """How many have a pattern beyond chance."""
        return sum(one.kind in NAMED for one in self.filters)


@dataclass(frozen=True, slots=True)
class Stage:
    """What one stage makes of a picture."""

    name: str
    channels: int
    places: int
    """Edge of its maps: so many places by so many."""
    shown: tuple[int, ...]
    """The channels that are drawn, the one that fires most first."""
    sheet: str
    """A JPEG in base64: below each other the picture, lit where each of these channels fires."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a network makes of a picture."""

    size: int
    """Edge of the picture in pixels, as the network sees it."""
    picture: str
    """The picture as the network sees it, a JPEG in base64."""
    stages: tuple[Stage, ...]
    """Those whose values still have places, early to late."""
    filters: Filters | None
    """None for a network whose first layer does not look at colours in a square."""

    def channels(self) -> dict[str, list[int]]:
        """Return which channels are drawn of each stage."""
        return {stage.name: list(stage.shown) for stage in self.stages}


@dataclass(frozen=True, slots=True)
class Answering:
    """What some of a person's own pictures say of one stage."""

    name: str
    field_px: int
    """Edge of the square of the input that decides what one place is."""
    explained: float
    """How much of what its channels differ by from picture to picture the classes explain, about 0
    where they have nothing to do with it, 1 where they decide it: epsilon squared, mean of the
    channels."""
    alike: float | None
    """How like the base's its features are, in [0, 1] (linear CKA); None if not compared."""
    sheet: str
    """A JPEG in base64: a row for each channel drawn, the patches that make it fire most."""
    classes: tuple[tuple[str, ...], ...]
    """Of each patch: the class of its picture. Untrusted text."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What a network makes of some of a person's own pictures."""

    done: int
    total: int
    stages: tuple[Answering, ...]
    """Empty until all pictures are through."""

    @property
    def is_whole(self) -> bool:
        """Whether all pictures are through."""
        return self.done >= self.total


@dataclass(frozen=True, slots=True)
class Layer:
    """What one layer makes of a text."""

    name: str
    """Of the stage that ends with it."""
    attention: tuple[tuple[float, ...], ...]
    """[token][token] how much of the first is drawn from the second, mean of all heads; each row
    adds up to 1. Empty for what comes before the first layer, and where it is not told."""
    spread: float | None
    """Over how many tokens attention is spread, on average: e to the power of its entropy."""
    nearest: tuple[tuple[str, ...], ...]
    """[token] the whole words of the vocabulary most like it, the nearest first; none for what is
    no whole word itself. Empty where vectors of words and of tokens cannot be compared."""
    kept: int
    """Tokens whose nearest word is still the word itself."""
    words: int
    """Tokens that are whole words: among so many they are counted."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a network makes of a text."""

    tokens: tuple[str, ...]
    """Pieces of the text, and the network's own marks. Untrusted text."""
    cut: bool
    """Whether the text is longer than what is looked at."""
    layers: tuple[Layer, ...]
    """Early to late."""
