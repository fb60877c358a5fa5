"""A base is told apart from what it has not read."""

from __future__ import annotations

from tl_core.report.language import languages_sentence, misfit_sentence

MINILM = "MiniLM", ("en",)


def test_languages_are_named_with_their_shares() -> None:
    told = languages_sentence({"en": 0.97, "de": 0.03})
    assert told == "They seem to be in English (97 %), German (3 %)."
    assert languages_sentence({}) == ""


def test_a_base_that_has_not_read_them_is_named_with_the_way_out() -> None:
    told = misfit_sentence(*MINILM, {"de": 0.9, "en": 0.1})
    assert "German (90 %)" in told
    assert "MiniLM has read English only" in told
    assert "hf:" in told


def test_where_most_is_read_or_nothing_is_known_nothing_is_said() -> None:
    assert misfit_sentence(*MINILM, {"en": 0.6, "de": 0.4}) == ""
    assert misfit_sentence(*MINILM, {}) == ""
    assert misfit_sentence("Other", (), {"de": 1.0}) == ""
