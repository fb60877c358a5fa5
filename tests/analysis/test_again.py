"""Training again: what is asked for, and when the best weights may be begun with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.tuned_runs import RUN, kept_run
from tl_core.analysis import again
from tl_core.data.dataset import Dataset
from tl_core.spec import RunSpec

SPEC = RunSpec("train", dataset="d", strategy="auto", epochs=7, seed=3)


@pytest.fixture
def dataset(record: Callable[..., Dataset]) -> Dataset:
    made = record([0, 0, 1, 1, 0, 1], splits=["", "", "", "", "test", ""])
    return replace(made, examples=tuple(replace(e, row=n) for n, e in enumerate(made.examples)))


def test_the_same_is_asked_for_on_the_data_as_they_are_now() -> None:
    asked = again.request(SPEC, RUN, "lora", 4, best=False)
    assert asked == replace(SPEC, strategy="lora", revision=4)
    assert again.request(SPEC, RUN, "lora", 4, best=True).base == f"run:{RUN}"


def test_what_a_run_has_learned_from_is_all_but_what_judged_it(dataset: Dataset) -> None:
    assert again.learned_from(dataset, [1, 3]) == {0, 2, 5}


@pytest.mark.usefixtures("thaw_home")
def test_the_best_may_be_begun_with_if_it_has_changed_and_nothing_leaks(dataset: Dataset) -> None:
    kept_run()
    assert again.why_not_best(RUN, "full_fine_tune", dataset, {0, 2, 5}) == ""
    assert "inherits nothing" in again.why_not_best(RUN, "from_scratch", dataset, ())
    leaking = again.why_not_best(RUN, "full_fine_tune", dataset, {0, 4})
    assert "are held out now" in leaking
    moved = replace(dataset.examples[0], split="val")
    mended = replace(dataset, examples=(moved, *dataset.examples[1:]))
    assert "are held out now" in again.why_not_best(RUN, "full_fine_tune", mended, {0, 2})


@pytest.mark.usefixtures("thaw_home")
def test_a_base_that_stayed_as_it_was_is_no_other_beginning(dataset: Dataset) -> None:
    assert "There is no run" in again.why_not_best(RUN, "lora", dataset, ())
    kept_run(is_changed=False)
    assert "has left its base as it was" in again.why_not_best(RUN, "lora", dataset, ())
