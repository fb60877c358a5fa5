"""What a lesson shows: facts and pictures of recorded real runs, for each of its options."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from tl_core import catalog, files, wording
from tl_core.errors import InputError
from tl_core.i18n import _
from tl_core.lessons.course import Option
from tl_core.measures import Accuracy

FILE = "sample_data/lessons.json"
_log = logging.getLogger(__name__)

Kind = Literal["bars", "counts", "gains", "curves"]


@dataclass(frozen=True, slots=True)
class Scene:
    """What one option shows."""

    kind: Kind
    picture: Any
    """Bars of shares or of counts: a list of `name`, `value` and where known `low` and `high`;
    gains: `bars` of the same kind and the name of the `chosen` one; curves: `epochs`, `thaws` and
    `best` as a run tells them."""
    facts: Mapping[str, Mapping[str, Any]]
    """Name -> a value and in `as` what it is."""
    runs: tuple[str, ...]
    """Names of the recorded runs behind it."""


def scene(lesson_id: str, option_id: str) -> Scene | None:
    """Return what an option shows; None if it is not recorded, or this installation lacks it."""
    found = _scenes().get(lesson_id, {}).get(option_id)
    return Scene(**found | {"runs": tuple(found["runs"])}) if found else None


def told(option: Option, shown: Scene) -> str:
    """Return what an option says, its facts put in, in the current language."""
    facts = {name: _TELL[fact["as"]](fact) for name, fact in shown.facts.items()}
    return _(option.said).format(**facts)


@cache
def _scenes() -> Mapping[str, Mapping[str, dict[str, Any]]]:
    app = files.app_dir()
    try:
        found = files.read_json(app / FILE) if app else {}
    except (OSError, ValueError):
        _log.exception("the facts of the lessons cannot be read")
        return {}
    lessons: Mapping[str, Mapping[str, dict[str, Any]]] = found.get("lessons", {})
    return lessons


def _share(fact: Mapping[str, Any]) -> str:
    if "low" not in fact:
        return wording.percent(fact["value"])
    found = Accuracy(fact["value"], fact["low"], fact["high"], fact["n"])
    return wording.percent_interval(found)


def _refusal(fact: Mapping[str, Any]) -> str:
    """Return what Thaw really says when a base is asked to read what it cannot."""
    try:
        catalog.require_reads(catalog.find(fact["base"]), fact["modality"])
    except InputError as error:
        return " ".join(f"{issue.message} {issue.fix}" for issue in error.issues)
    raise ValueError(f"{fact['base']} reads {fact['modality']}")


_TELL: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "share": _share,
    "count": lambda fact: wording.count(int(fact["value"])),
    "number": lambda fact: wording.number(fact["value"]),
    "points": lambda fact: wording.points(fact["value"]),
    "word": lambda fact: str(fact["value"]),
    "refusal": _refusal,
}
