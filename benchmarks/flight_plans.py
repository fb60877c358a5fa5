"""Flights of the simulator: a run with or without a fault, and the same with something done."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cells
from cells import Cell, Fault

PLANS = Path(__file__).with_name("flights.toml")
AS_IT_IS = "as_it_is"
"""Name of the run of a flight in which nothing is done."""


@dataclass(frozen=True)
class Step:
    """Something asked of a run at work, as a person would."""

    action: str
    """One of `tl_core.actions.ACTIONS`."""
    at: int
    """The epoch after which it is asked."""


@dataclass(frozen=True)
class Leg:
    """One run of a flight."""

    flight: str
    name: str
    """`AS_IT_IS`, or what was done: an action, or a choice that a run must begin anew for."""
    cell: Cell
    epochs: int
    steps: tuple[Step, ...] = ()
    at: int = 0
    """The epoch of the untouched run after which it was done."""
    is_anew: bool = False
    """Whether it began anew, as no action on a run at work does this."""
    head_epochs: int = 0
    """Of these, those that fit the last layer, a step each; 0 for as many as the recipe has."""


@dataclass(frozen=True)
class Flight:
    """A run that is replayed, and its continuations."""

    id: str
    """Tells nothing of what happens."""
    begins: str
    """When the trouble is there by construction: `never`, `start`, `thaw` (once more than the last
    layer learns), `best` (when the lowest validation loss is behind) or an epoch."""
    untouched: Leg
    twins: tuple[Leg, ...]

    @property
    def legs(self) -> tuple[Leg, ...]:
        """Every run of it."""
        return (self.untouched, *self.twins)


def read_plans(path: Path = PLANS) -> tuple[Flight, ...]:
    """Return every flight, in its order."""
    plans = tomllib.loads(path.read_text(encoding="utf-8"))
    sets = cells.data_sets(path)
    return tuple(_flight(entry, sets, plans["settings"]) for entry in plans["flight"])


def find(flight: str, name: str, path: Path = PLANS) -> Leg:
    """Return one run of a flight.

    Raises:
        KeyError: if there is none of that name.
    """
    legs = {(leg.flight, leg.name): leg for one in read_plans(path) for leg in one.legs}
    return legs[flight, name]


def _flight(
    entry: Mapping[str, Any], sets: Mapping[str, cells.DataSet], settings: Mapping[str, Any]
) -> Flight:
    own = {**settings, **{k: v for k, v in entry.items() if k not in ("id", "begins", "twin")}}
    return Flight(
        id=entry["id"],
        begins=str(entry["begins"]),
        untouched=_leg(entry["id"], AS_IT_IS, own, sets),
        twins=tuple(_twin(entry["id"], twin, own, sets) for twin in entry["twin"]),
    )


def _twin(
    flight: str, twin: Mapping[str, Any], own: Mapping[str, Any], sets: Mapping[str, cells.DataSet]
) -> Leg:
    """Return the run with something done: steered, or begun anew with other settings."""
    name, at, anew = twin["name"], int(twin["at"]), twin.get("anew")
    if anew is not None:
        return _leg(flight, name, {**own, **anew}, sets, at=at, is_anew=True)
    steps = [*own.get("steps", ()), {"action": name, "at": at}]
    return _leg(flight, name, {**own, "steps": steps}, sets, at=at)


def _leg(
    flight: str,
    name: str,
    own: Mapping[str, Any],
    sets: Mapping[str, cells.DataSet],
    *,
    at: int = 0,
    is_anew: bool = False,
) -> Leg:
    fault = own.get("fault")
    data = sets[own["set"]]
    cell = Cell(
        data=data,
        per_class=own["per_class"],
        strategy=own["strategy"],
        seed=own["seed"],
        fault=Fault(**fault) if fault else None,
        base=data.base or own["base"],
        size=own["size"],
        minutes=own["minutes"],
        patience=own["patience"],
        precision=own["precision"],
    )
    return Leg(
        flight=flight,
        name=name,
        cell=cell,
        epochs=own["epochs"],
        steps=tuple(Step(**step) for step in own.get("steps", ())),
        at=at,
        is_anew=is_anew,
        head_epochs=own.get("head_epochs", 0),
    )
