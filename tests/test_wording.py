"""Numbers as people read them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tl_core import wording
from tl_core.spec import Accuracy


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.065, "0.065"), (0.2, "0.20"), (2.13, "2.1"), (12.3, "12"), (99.9, "100"), (1437, "1,437"),
     (-0.9, "−0.90"), (0, "0"), (7e-6, "nearly 0"), (float("nan"), "–")],
)  # fmt: skip
def test_number_keeps_two_significant_figures(value: float, text: str) -> None:
    assert wording.number(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.955, "96 %"), (0.945, "95 %"), (0.9965, "99.7 %"), (0.99999, "99.9 %"), (1, "100 %"),
     (0, "0 %"), (0.001, "0.1 %"), (0.00001, "0.1 %")],
)  # fmt: skip
def test_percent_never_rounds_to_all_or_nothing(share: float, text: str) -> None:
    assert wording.percent(share) == text


def test_intervals_read_as_one_phrase() -> None:
    measured = Accuracy(0.95, 0.908, 0.971, 153)

    assert wording.percent_interval(measured) == "95 % (91 to 97)"
    assert wording.share_interval(measured) == "0.95 (0.91 to 0.97)"


def test_a_share_below_one_never_reads_as_one() -> None:
    assert [wording.share(v) for v in (0.955, 0.998, 0.99999, 1.0)] == [
        "0.96",
        "0.998",
        "0.999",
        "1.00",
    ]


def test_numbers_are_written_as_the_language_does(speak: Callable[[str], None]) -> None:
    speak("de")
    told = [wording.number(0.065), wording.count(1437), wording.percent(0.9965), wording.share(0.5)]
    assert told == ["0,065", "1.437", "99,7 %", "0,50"]
    assert wording.points(-0.005) == "−0,5 Punkte"
    assert wording.duration(110) == "1,8 Minuten"
    assert wording.language("en") == "Englisch"
    assert wording.separators() == ",."
    speak("en")
    assert wording.separators() == ".,"


@pytest.mark.parametrize(
    ("difference", "text"),
    [(0.18, "18 points"), (-0.01, "−1 point"), (0.005, "0.5 points"), (0, "0 points")],
)
def test_points(difference: float, text: str) -> None:
    assert wording.points(difference) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "less than a second"), (9.6, "10 s"), (50.4, "50 s"), (110, "1.8 minutes"),
     (240, "4 minutes"), (5990, "1.7 hours")],
)  # fmt: skip
def test_duration(seconds: float, text: str) -> None:
    assert wording.duration(seconds) == text


def test_sizes_of_files() -> None:
    told = [wording.file_size(n) for n in (500, 31_040, 12_506_256, 1_400_000_000)]
    assert told == ["0.50 kB", "31 kB", "13 MB", "1.4 GB"]


def test_examples_are_called_what_they_are() -> None:
    assert wording.examples(1, "picture") == "1 picture"
    assert wording.examples(1200, "picture") == "1,200 pictures"
    assert wording.examples(1, "text") == "1 text"
    assert wording.examples(1200, "text") == "1,200 texts"
    assert wording.reading("text") != wording.reading("picture")
