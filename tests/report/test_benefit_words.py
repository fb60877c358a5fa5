"""What transfer has brought, in sentences."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.made_benefit import BASE, LARGER, PRETRAINING, made_benefit, part
from tl_core.benefits import SCRATCH, TRANSFERRED, Benefit, Versus
from tl_core.report import benefit_words as words


def against(found: Benefit, p: float) -> Benefit:
    return replace(found, versus=(Versus(SCRATCH, BASE, p), Versus(TRANSFERRED, LARGER, 0.01)))


def test_the_answer_calls_nothing_better_that_no_test_tells_apart() -> None:
    found = made_benefit()
    assert words.answer(found) == (
        "90 % (80 to 98) right with the head start, 70 % (60 to 78) without."
    )
    assert words.answer(against(found, 0.2)).startswith("Too close to call")
    worse = made_benefit(parts=(part(TRANSFERRED, 80, 0.5), part(SCRATCH, 80, 0.9)))
    assert words.answer(worse).startswith("The head start stands in the way here")
    assert "still to be measured" in words.answer(made_benefit(parts=found.parts[:3]))
    assert words.answer(made_benefit(parts=())) == "Nothing has been measured yet."


def test_labels_saved_are_counted() -> None:
    assert "With 20 labels it was right on 70 % (60 to 78)" in words.fewer_sentence(made_benefit())
    assert "with 4.0 times fewer labels" in words.fewer_sentence(made_benefit())
    only = [one for one in made_benefit().levels if one.way == SCRATCH]
    assert "saved no labels" in words.fewer_sentence(made_benefit(levels=tuple(only)))
    assert "not measured yet" in words.fewer_sentence(made_benefit(levels=()))


def test_the_pace_says_what_the_seconds_leave_out() -> None:
    said = words.faster_sentence(made_benefit())
    assert said == (
        "70 % right: after 2 epochs (3 s) with the head start, after 6 epochs (25 s) from scratch."
    )
    kept = made_benefit(parts=(part(TRANSFERRED, 80, 0.9, was_kept=True), part(SCRATCH, 80, 0.7)))
    assert "was there already" in words.faster_sentence(kept)
    assert "not measured yet" in words.faster_sentence(made_benefit(parts=()))


def test_the_ceiling_says_whether_a_test_tells_and_what_was_cut() -> None:
    found = made_benefit()
    assert "tells them apart (p 0.0020)" in words.ceiling_sentence(found)
    assert "no paired test tells them apart" in words.ceiling_sentence(against(found, 0.3))
    cut = made_benefit(parts=(part(TRANSFERRED, 80, 0.9), part(SCRATCH, 80, 0.7, cut="time")))
    assert "with more minutes it may get further" in words.ceiling_sentence(cut)
    assert "not measured yet" in words.ceiling_sentence(made_benefit(versus=()))


def test_what_was_inherited_is_told_with_its_source() -> None:
    found = made_benefit(pretraining_flops=1.234e12)
    assert words.inherited_sentence(found) == (
        "99.9 % of all computing in this model was done before you began: for each operation "
        "spent here, 15,000 were spent on the base."
    )
    source = words.inherited_source(found)
    assert "1,000 examples, each seen 10 times" in source
    assert "Source: Somebody 2020. Unverified" in source
    sure = replace(PRETRAINING, verified=True, note="")
    assert "Unverified" not in words.inherited_source(made_benefit(pretraining=sure))
    unknown = made_benefit(pretraining=None, pretraining_flops=None)
    assert "not known" in words.inherited_sentence(unknown)
    assert words.inherited_source(unknown) == ""


@pytest.mark.parametrize(
    ("p", "right", "word"), [(0.5, 0.95, "too close"), (0.01, 0.95, "better"), (0.01, 0.5, "worse")]
)
def test_a_larger_base_is_better_only_if_a_test_says_so(p: float, right: float, word: str) -> None:
    parts = (part(TRANSFERRED, 80, 0.9), part(TRANSFERRED, 80, right, base=LARGER))
    found = made_benefit(parts=parts, versus=(Versus(TRANSFERRED, LARGER, p),))
    assert word in words.bases_sentence(found, {LARGER: "Larger"})
    assert words.bases_sentence(made_benefit(parts=parts[:1]), {}) == "No larger base was measured."


def test_the_settings_say_how_to_repeat_it() -> None:
    said = words.settings_sentence(made_benefit())
    assert "size 64, seed 0, 50 validation examples" in said
    assert "7 of 7 trainings within 5 minutes on 2 × cpu" in said


def test_a_tiny_p_is_told_as_smaller_and_never_as_nothing() -> None:
    assert words._p(0.0) == "< 0.0010"
    assert words._p(0.04) == "0.040"
