"""What is said of how texts are read goes with the numbers."""

from __future__ import annotations

from dataclasses import replace

from tl_core.report.reading import reading_sentences
from tl_core.spec import Reading

PLAIN = Reading(tokens_per_word=1.2, unknown=0.0, cut=0.0, longest=61, median=20)


def test_plain_english_is_read_whole() -> None:
    assert reading_sentences(PLAIN, 256) == (
        "The base reads your texts in 1.2 pieces (tokens) a word.",
        "All are read whole: the longest has 61 of at most 256 tokens.",
    )


def test_long_texts_are_cut_and_it_is_said_how_many() -> None:
    told = " ".join(reading_sentences(replace(PLAIN, cut=0.25, longest=1300), 256))
    assert "25 % of the texts are longer than the 256 tokens" in told
    assert "the longest has 1,300" in told
    assert "read whole" not in told


def test_a_vocabulary_that_does_not_fit_is_named_with_the_way_out() -> None:
    told = " ".join(reading_sentences(replace(PLAIN, tokens_per_word=1.86, unknown=0.3), 256))
    assert "30 % of them are signs that it does not know" in told
    assert "A base that has read such texts will do better." in told
