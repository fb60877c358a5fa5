"""Base models as data: what each was trained on, what it costs, where its weights lie.

`bases.toml` holds the facts; nothing here loads a network.
"""

from __future__ import annotations

import importlib.util
import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tl_core import files
from tl_core.errors import InputError, Issue, RunFailed
from tl_core.i18n import _
from tl_core.spec import Stage

TIMM_PREFIX = "timm:"
HUB_PREFIX = "hf:"
_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(/[A-Za-z0-9][\w.-]{0,95})?")
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
    package: str = ""
    """Python package that carries the weights; empty if they come over the network."""
    file: str = ""
    """Path of the weights inside that package."""
    sha256: str = ""
    source_accuracy: float | None = None
    """Top-1 accuracy on the source task, measured by us; see `benchmarks/catalog.json`."""
    languages: tuple[str, ...] = ()
    """Of a base for texts: what it has read, by ISO 639-1 codes; empty if that is unknown."""
    static_rank: int = 100
    """Place in the known order before anything is measured; 1 comes first."""
    stages: tuple[Stage, ...] = field(default=())


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
            }
        )
        for entry in entries
    )
    return tuple(sorted(bases, key=lambda base: base.static_rank))


def find(base_id: str) -> Base:
    """Return the base named `base_id`.

    `timm:NAME` stands for any timm model, `hf:NAME` for any transformer of the Hugging Face hub
    that reads texts, and a folder on this computer for such a transformer that lies in it.

    Raises:
        InputError: if there is no such base; the message names those there are.
    """
    for base in all_bases():
        if base.id == base_id:
            return base
    name = base_id.removeprefix(TIMM_PREFIX)
    if base_id.startswith(TIMM_PREFIX) and name.replace("_", "").replace(".", "").isalnum():
        return Base(id=base_id, title=name, modality="picture", source="timm", architecture=name)
    if base_id.startswith(HUB_PREFIX) and _HUB_NAME.fullmatch(base_id.removeprefix(HUB_PREFIX)):
        name = base_id.removeprefix(HUB_PREFIX)
        return Base(id=base_id, title=name, modality="text", source="hub", architecture=name)
    if "/" in base_id and (Path(base_id).expanduser() / "config.json").is_file():
        folder = Path(base_id).expanduser().resolve()
        return Base(
            id=base_id,
            title=folder.name,
            modality="text",
            source=str(folder),
            architecture=str(folder),
        )
    raise InputError(
        [
            Issue(
                "base",
                _("There is no base model '{found}'.").format(found=base_id[:80]),
                _(
                    "Choose one of {known}, name any timm model as timm:NAME or any text model of "
                    "the Hugging Face hub as hf:NAME, or a folder that holds one."
                ).format(known=", ".join(offline_ids())),
            )
        ]
    )


def rank(modality: str) -> tuple[Base, ...]:
    """Return the bases that read `modality`, in the known order before any measurement."""
    return tuple(base for base in all_bases() if base.modality == modality)


def weights_path(base: Base) -> Path | None:
    """Return where the weights of `base` lie on this computer, or None if they are not here."""
    spec = importlib.util.find_spec(base.package) if base.package else None
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]) / base.file
    return path if path.is_file() else None


def trusted_weights(base: Base) -> Path | None:
    """Return where the weights of `base` lie, their hash checked, or None if they are not here.

    Raises:
        RunFailed: if they are not those that the catalog describes.
    """
    path = weights_path(base)
    if path is not None and base.sha256 and files.sha256_of(path) != base.sha256:
        raise RunFailed(
            "bad_weights",
            _("The weights of {base} are not the ones that Thaw knows: their hash differs.").format(
                base=base.title
            ),
            _("Install the package {package} again.").format(package=base.package),
        )
    return path


def not_fetched(base: Base) -> Issue:
    """Return the problem that weights are neither here nor to be had, with what is here instead."""
    return Issue(
        "base",
        _("The weights of {base} are not on this computer and could not be fetched.").format(
            base=base.title
        ),
        _("Connect to the internet, or choose a base that is here: {known}.").format(
            known=", ".join(offline_ids(base.modality))
        ),
    )


def is_available(base: Base) -> bool:
    """Tell whether `base` can be used without a network."""
    return weights_path(base) is not None


def offline_ids(modality: str = "") -> tuple[str, ...]:
    """Return the ids of all bases that can be used without a network, or of one modality."""
    return tuple(
        base.id for base in all_bases() if is_available(base) and modality in ("", base.modality)
    )


def require_reads(base: Base, modality: str) -> None:
    """Check that `base` can do anything with data of `modality`.

    Raises:
        InputError: if it has only ever seen data of another kind; with the way out.
    """
    if base.modality == modality:
        return
    message = {
        "text": _("{base} has only ever read texts, so it has nothing to say about pictures."),
        "picture": _("{base} has only ever seen pictures, so it has nothing to say about texts."),
    }[base.modality]
    fix = _("Choose a base that was trained on such data: {known}.")
    raise InputError(
        [
            Issue(
                "base",
                message.format(base=base.title),
                fix.format(known=", ".join(offline_ids(modality))),
            )
        ]
    )


def default_base(modality: str) -> str:
    """Return the id of the base to begin with for data of `modality`."""
    return rank(modality)[0].id
