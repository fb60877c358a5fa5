"""Where a model looks in some of its held-out examples, as it is kept with the run.

THAW_HOME/runs/<id>/artifacts/looks.json        what was looked at, and whether it can be trusted
THAW_HOME/runs/<id>/artifacts/looks/ROW.jpg     a picture as the model sees it, and where it looks
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tl_core import files, wording
from tl_core.errors import InputError
from tl_core.i18n import N_, _
from tl_core.records import from_dict, to_dict

VERSION = 1
FILE = "artifacts/looks.json"
FOLDER = "artifacts/looks"
ALIKE = 0.5
"""Rank correlation, of either sign, with the map of a model that knows nothing, from which on a map
says little."""

COARSE = 4
"""Places along an edge of a map, up to which it shows hardly more than a half or a quarter."""

HOW = {"grad_cam": N_("Grad-CAM"), "gradients": N_("gradients times activations")}
"""By which ways maps are made: id and shown name."""

WIDE = 0.4
"""Share of the picture that holds half of a map from which on it points nowhere: an even one has
0.5."""

_ACROSS = (N_("left"), N_("middle"), N_("right"))
_DOWN = (N_("top"), N_("middle"), N_("bottom"))


@dataclass(frozen=True, slots=True)
class Looked:
    """Where a model looked in one example."""

    row: int
    """Of the example, `Example.row`."""
    given: str
    """The class that the map speaks for: the one that was given. Untrusted text."""
    down: int = 0
    """Which third of the picture holds the middle of the map: 0 top to 2 bottom."""
    across: int = 0
    """0 left to 2 right."""
    area: float = 0.0
    """Share of the picture that holds half of the map, in [0, 1]."""
    words: tuple[dict[str, Any], ...] = ()
    """Of a text: its words, each with text and weight (see `engine.words.Word`)."""
    rest: str = ""
    """Of a text: what comes after the words that were weighed."""


@dataclass(frozen=True, slots=True)
class Looks:
    """What was looked at in a run."""

    how: str
    """`grad_cam`, `gradients` (times activations) or `words`."""
    looked: tuple[Looked, ...]
    head: float | None = None
    """Rank correlation with the maps of the same network whose head is random; None: unknown."""
    last: float | None = None
    """The same with a random last stage besides."""
    n: int = 0
    """Pictures that these two were measured on."""
    edge: int = 0
    """How many places the map tells apart along an edge."""
    version: int = VERSION

    def of(self, row: int) -> Looked | None:
        """Return where the model looked in one example, if that is known."""
        return next((one for one in self.looked if one.row == row), None)


def read(folder: Path) -> Looks | None:
    """Return what is kept with the run of this folder; None if nothing can be read."""
    try:
        found = from_dict(Looks, files.read_json(folder / FILE))
    except (OSError, ValueError, TypeError, AttributeError, KeyError, InputError):
        return None
    return found if found.version == VERSION else None


def add(folder: Path, new: Looks) -> None:
    """Keep what was looked at, beside what was looked at before."""
    before = read(folder)
    if before is not None and before.how == new.how:
        rows = {one.row for one in new.looked}
        looked = (*(one for one in before.looked if one.row not in rows), *new.looked)
        is_measured = new.head is not None
        kept = new if is_measured else before
        new = Looks(new.how, looked, kept.head, kept.last, kept.n, new.edge)
    files.write_json(folder / FILE, to_dict(new))


def picture(folder: Path, row: int) -> Path:
    """Return where the map of one example lies, if it was made."""
    return folder / FOLDER / f"{row:d}.jpg"


def in_answer(answer: Mapping[str, Any]) -> Looked | None:
    """Return where the model looked in a new picture (see `engine.predict.told`), if it says so."""
    told = answer.get("looks")
    if told is None:
        return None
    given = answer["top"][0]["label"]
    return Looked(-1, given, told["down"], told["across"], told["area"])


def where(looked: Looked) -> str:
    """Return in words where in a picture the model looked."""
    down, across = _(_DOWN[looked.down]), _(_ACROSS[looked.across])
    place = _("in the middle") if looked.down == looked.across == 1 else f"{down} {across}"
    if looked.area >= 1:
        return _("No place spoke for it more than others.")
    if looked.area >= WIDE:
        return _("What spoke for it is spread over nearly the whole picture.")
    text = _("It looked mostly here: {place}; half of it lies on {share} of the picture.")
    return text.format(place=place, share=wording.percent(looked.area))


def trust(found: Looks) -> str:
    """Return whether the maps depend on what was learned, with the numbers that tell."""
    if found.head is None or found.last is None:
        return verdict(found)
    numbers = _(
        "With the new last layer set at random the maps change: rank correlation {head}; with the "
        "last stage of the base at random too: {last} ({n} pictures)."
    )
    told = numbers.format(head=_two(found.head), last=_two(found.last), n=found.n)
    return f"{told} {verdict(found)}"


def verdict(found: Looks) -> str:
    """Return whether the maps of a run depend on what was learned (Adebayo et al. 2018)."""
    if found.head is None or found.last is None:
        return _("Whether these maps depend on what was learned was not measured.")
    if max(abs(found.head), abs(found.last)) >= ALIKE:
        told = _(
            "A network that knows nothing of your classes looks at much the same places: these "
            "maps say more about the pictures than about what was learned."
        )
    else:
        told = _("The maps do depend on what was learned.")
    return f"{told} {coarse(found.edge)}".strip()


def coarse(edge: int) -> str:
    """Return what a map of so few places along an edge cannot tell; empty for finer ones."""
    if not 0 < edge <= COARSE:
        return ""
    text = _("At this picture size the network tells only {n} × {n} places apart; larger "
             "pictures give finer maps.")  # fmt: skip
    return text.format(n=edge)


def _two(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
