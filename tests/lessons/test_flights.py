"""Flights: their words are whole, and every trouble that can be called happens in one of them."""

from __future__ import annotations

import pytest

from tl_core.errors import InputError
from tl_core.lessons import choices, flight, flights, trouble, troubles
from tl_core.lessons.flights import SOUND, Flight
from tl_core.lessons.legs import recorded
from tl_core.watch.remedies import remedies


def test_at_least_twelve_and_every_trouble_happens_beside_sound_runs() -> None:
    happening = [one.trouble for one in flights()]
    assert len(happening) >= 12
    assert set(happening) == {SOUND, *(one.id for one in troubles())}
    assert happening.count(SOUND) >= 2


def test_ids_are_unique() -> None:
    for told in (flights(), troubles()):
        ids = [one.id for one in told]
        assert len(set(ids)) == len(ids)


def test_alarms_are_kinds_that_watch_raises() -> None:
    unknown = remedies("nonsense")
    for one in troubles():
        assert all(remedies(kind) != unknown for kind in one.alarms)


@pytest.mark.parametrize("one", flights(), ids=lambda one: one.id)
def test_every_text_is_there_and_says_what_came_of_each_choice(one: Flight) -> None:
    assert all((one.title, one.idea, one.said, one.takeaway))
    assert set(one.outcomes) == {leg.name for leg in recorded(one.id).twins}
    assert set(one.outcomes) <= set(choices())
    assert all(one.outcomes.values())
    assert flight(one.id) is one


def test_titles_and_ideas_do_not_tell_what_happens() -> None:
    for one in flights():
        if one.trouble != SOUND:
            found = trouble(one.trouble)
            assert found.title not in one.idea
            assert found.term not in f"{one.title} {one.idea}"


def test_an_unknown_flight_is_said_so() -> None:
    with pytest.raises(InputError):
        flight("nonsense")
    with pytest.raises(KeyError):
        trouble(SOUND)
