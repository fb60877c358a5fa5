"""Looking inside: what is asked, and the records that come back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tl_core.insides import Read, Scan, Seen
from tl_core.runs import calling, looking
from tl_core.runs.looking import Network
from tl_core.spec import to_dict

PLAIN = Network("a-base", 64)
TWIN = Network("a-base", 64, is_random=True)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, thaw_home: Path) -> list[dict[str, Any]]:
    """What the process was asked; it answers with records that hold next to nothing."""
    questions: list[dict[str, Any]] = []
    answers = {
        "look": to_dict(Seen(64, "", (), None)),
        "read": to_dict(Read(("a",), False, ())),
        "scan": to_dict(Scan(1, 2, ())),
    }

    def ask(find: Any, begin: Any, question: dict[str, Any]) -> dict[str, Any]:
        questions.append(question)
        return answers[question["what"]]

    monkeypatch.setattr(calling, "ask", ask)
    return questions


def test_networks_look_at_pictures_and_read_texts(asked: list[dict[str, Any]]) -> None:
    assert looking.look(PLAIN, Path("/x/a.png"), channels={"1": [2]}).size == 64
    assert looking.read(TWIN, Path("/x/a.txt")).tokens == ("a",)
    assert [one["network"]["is_random"] for one in asked] == [False, True]
    assert asked[0]["channels"] == {"1": [2]}
    assert [one["file"] for one in asked] == ["/x/a.png", "/x/a.txt"]


def test_pictures_are_searched_and_compared_with_another_network(
    asked: list[dict[str, Any]],
) -> None:
    assert not looking.scan(TWIN, "bees", 3, channels={}, against=PLAIN).is_whole
    assert looking.scan(PLAIN, "bees", 3, channels={}).total == 2
    assert asked[0]["against"] == to_dict(PLAIN)
    assert asked[1]["against"] is None
    assert (asked[0]["dataset"], asked[0]["revision"]) == ("bees", 3)


def test_the_process_is_started_by_whoever_needs_it(
    toy_command: tuple[str, ...], thaw_home: Path
) -> None:
    assert not looking.is_ready()
    looking.ensure(command=toy_command)
    calling.stop_all()
    assert not looking.is_ready()
