"""The record of a base model, and those that come with Thaw: facts as data."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tl_core.benefits import Pretraining
from tl_core.catalog.tuned import Tuned
from tl_core.spec import Stage

UNRANKED = 100
"""Static rank of a base that has no place in the known order."""
_FILE = Path(__file__).with_name("bases.toml")


@dataclass(frozen=True, slots=True)
class Base:
    """One pretrained model that a run can start from; unknown facts are None or empty."""

    id: str
    title: str
    modality: str
    """`picture` or `text`."""
    domain: str = ""
    """Short name of what it was trained on."""
    trained_on: str = ""
    good_for: str = ""
    parameters: int | None = None
    macs: int | None = None
    """Multiply-adds of one forward pass on a picture of `size`, or on a text of 32 tokens."""
    size: int | None = None
    """Picture edge in pixels, or most tokens of a text, that it was trained for."""
    licence: str = ""
    licence_note: str = ""
    source: str = ""
    architecture: str = ""
    """Name of the timm model that the weights fit; for texts, the folder or hub name."""
    hub: str = ""
    """What it is called on the Hugging Face hub; empty if that is not known."""
    package: str = ""
    """Python package that carries the weights; empty if they come over the network."""
    file: str = ""
    """Path of the weights inside that package."""
    sha256: str = ""
    source_accuracy: float | None = None
    """Top-1 accuracy on the source task, measured by us; see `benchmarks/catalog.json`."""
    languages: tuple[str, ...] = ()
    """Of a base for texts: what it has read, by ISO 639-1 codes; empty if that is unknown."""
    static_rank: int = UNRANKED
    """Place in the known order before anything is measured; 1 comes first."""
    pretraining: Pretraining | None = None
    """What was spent on it; None where that is not known."""
    stages: tuple[Stage, ...] = field(default=())
    tuned: tuple[Tuned, ...] = ()
    """Of a base that runs have made: these runs, the last one first."""

    @property
    def weights(self) -> str:
        """Names the weights by their content where the id does not: a run may go on; else empty."""
        return self.tuned[0].sha256 if self.tuned else ""


@cache
def all_bases() -> tuple[Base, ...]:
    """Return every base of the catalog, in the known order."""
    entries: list[dict[str, Any]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))["base"]
    bases = (
        Base(
            **{
                **entry,
                "stages": tuple(Stage(**stage) for stage in entry["stages"]),
                "languages": tuple(entry.get("languages", ())),
                "pretraining": _pretraining(entry.get("pretraining")),
            }
        )
        for entry in entries
    )
    return tuple(sorted(bases, key=lambda base: base.static_rank))


def _pretraining(values: dict[str, Any] | None) -> Pretraining | None:
    return Pretraining(**values) if values else None
