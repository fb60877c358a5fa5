"""Languages are guessed from what is long enough, and single mistakes do not count."""

from __future__ import annotations

from tl_core.data.languages import guess
from tl_core.data.messages import write_messages

GERMAN = (
    "Das Wetter ist heute schön, und wir gehen später in den Garten.",
    "Bitte schicken Sie mir die Rechnung noch einmal zu.",
    "Die Lieferung kam zwei Tage zu spät und war beschädigt.",
    "Ich habe mein Kennwort vergessen und komme nicht in mein Konto.",
)


def test_english_is_known_as_english() -> None:
    assert guess([text for _label, _group, text in write_messages()]) == {"en": 1.0}


def test_mixed_texts_have_both_languages_the_largest_first() -> None:
    english = ["Please send me the invoice again.", "The parcel came two days late."]
    found = guess([*GERMAN * 3, *english * 2])
    assert list(found) == ["de", "en"]
    assert found["de"] == 0.75


def test_texts_too_short_to_tell_say_nothing() -> None:
    assert guess(["yes", "nein", ""]) == {}
    assert guess([]) == {}


def test_signs_without_letters_break_nothing() -> None:
    assert sum(guess(["1234567890 1234567890 !!!"] * 3).values()) in (0, 1)
