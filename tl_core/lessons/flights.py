"""Flights: recorded runs that one watches, without knowing how they go, and calls what happens."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tl_core.actions import ACTIONS, EFFECTS
from tl_core.errors import InputError, Issue
from tl_core.i18n import _

SOUND = "sound"
"""The trouble of a run that has none."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that may be wrong with a run, as one can call it; texts are to be translated."""

    id: str
    title: str
    """What one calls, in plain words."""
    term: str
    """By what name the field knows it."""
    text: str
    """By what it shows in the curves."""
    alarms: tuple[str, ...]
    """Kinds of alarm of Watch that say it; none where no curve tells it."""


@dataclass(frozen=True, slots=True)
class Flight:
    """A run to be watched; texts are still to be translated."""

    id: str
    title: str
    """What is learned from, in a few words."""
    idea: str
    """What is known beforehand: the data, what learns, and what the model is for."""
    trouble: str
    """Id of what happens; `SOUND` where nothing does."""
    said: str
    """What has happened, and by what it could be seen."""
    takeaway: str
    outcomes: Mapping[str, str]
    """What came of each thing that was done, by the id of the choice, and why."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something one can do about a run; texts are still to be translated."""

    id: str
    title: str
    text: str
    """What it does, in one sentence."""


@cache
def flights() -> tuple[Flight, ...]:
    """Return all flights, in an order that tells nothing."""
    return tuple(map(_flight, _words()["flight"]))


@cache
def troubles() -> tuple[Trouble, ...]:
    """Return all that can be called; a sound run is none of them."""
    return tuple(
        Trouble(**entry | {"alarms": tuple(entry["alarms"])}) for entry in _words()["trouble"]
    )


@cache
def choices() -> Mapping[str, Choice]:
    """Return all that can be done: what a run at work can be asked for, and what begins it anew."""
    steered = [Choice(name, title, EFFECTS[name]) for name, title in ACTIONS.items()]
    anew = [Choice(**entry) for entry in _words()["choice"]]
    return {choice.id: choice for choice in (*steered, *anew)}


def flight(flight_id: str) -> Flight:
    """Return one flight.

    Raises:
        InputError: if there is none of that id.
    """
    for one in flights():
        if one.id == flight_id:
            return one
    message = _("There is no flight '{id}'.").format(id=flight_id[:40])
    raise InputError([Issue("flight", message, _("Choose one from the list on the Learn page."))])


def trouble(trouble_id: str) -> Trouble:
    """Return what can be called by an id.

    Raises:
        KeyError: if nothing of that id can be called.
    """
    return {one.id: one for one in troubles()}[trouble_id]


def _flight(entry: Mapping[str, Any]) -> Flight:
    own = {key: value for key, value in entry.items() if key != "outcome"}
    return Flight(**own, outcomes={one["id"]: one["text"] for one in entry["outcome"]})


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("flights.toml").read_text(encoding="utf-8"))
