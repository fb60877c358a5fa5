"""What a base has learned from is known again by its content, and never judges it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tuned_runs import RUN, kept_run
from tl_core import catalog, files
from tl_core.catalog import Base, Judged, learned
from tl_core.data import limits
from tl_core.errors import InputError

OLDER, BLANK = "20250101-120000-older-0a1b", "20260102-120000-blank-0a1b"


def looks(*numbers: int) -> tuple[str, ...]:
    return tuple(f"{n:032x}" for n in numbers)


def judged(*numbers: int, dataset: str = "signs-1", fingerprint: str = "f9") -> Judged:
    return Judged(dataset, fingerprint, looks(*numbers))


def base_that_learned_from(*numbers: int, run: str = RUN, **changes: object) -> Base:
    base = kept_run(run, **changes)
    learned.write(files.runs_dir() / run, looks(*numbers))
    return catalog.find(base)


def test_the_same_data_may_judge_it_by_what_was_held_out(thaw_home: Path) -> None:
    base = base_that_learned_from(3, 1, 2)
    held_out = judged(4, 5, fingerprint="f1")
    catalog.require_unseen(base, held_out)
    assert not catalog.has_learned_from(base, held_out)


def test_after_a_change_of_the_data_what_it_learned_from_is_known(thaw_home: Path) -> None:
    base = base_that_learned_from(3, 1, 2)
    with pytest.raises(InputError) as caught:
        catalog.require_unseen(base, judged(2, 4, 5))
    (issue,) = caught.value.issues
    assert "has learned from 1 of the 3 examples that would judge it" in issue.message
    assert "--seed 0 --val 0.2" in issue.fix
    assert "'Train again'" in issue.fix


def test_the_same_examples_brought_in_once_more_are_known(thaw_home: Path) -> None:
    base = base_that_learned_from(1, 2, 3)
    assert catalog.has_learned_from(base, judged(1, 4, dataset="other-1"))
    assert not catalog.has_learned_from(base, judged(7, 8, dataset="other-1"))


def test_the_runs_before_it_count_as_well_unless_it_inherited_nothing(thaw_home: Path) -> None:
    older = base_that_learned_from(1, run=OLDER)
    base = base_that_learned_from(2, origin=older.id, origin_sha256=older.weights)
    for number in (1, 2):
        assert catalog.has_learned_from(base, judged(number))
    blank = base_that_learned_from(3, run=BLANK, origin=older.id, strategy="from_scratch")
    assert [catalog.has_learned_from(blank, judged(number)) for number in (1, 3)] == [False, True]


def test_a_single_copy_among_many_is_no_leak(thaw_home: Path) -> None:
    base = base_that_learned_from(0)
    assert not catalog.has_learned_from(base, judged(*range(100)))
    assert catalog.has_learned_from(base, judged(*range(99)))
    assert learned.MOST_KNOWN == limits.LEAK_SHARE


@pytest.mark.parametrize("content", [None, b"", b"torn"])
def test_who_does_not_say_what_it_learned_from_is_taken_to_know_the_same_data(
    thaw_home: Path, content: bytes | None
) -> None:
    base = catalog.find(kept_run())
    if content is not None:
        (files.runs_dir() / RUN / learned.FILE).write_bytes(content)
    for own in (judged(1), judged(1, dataset="other-1", fingerprint="f1")):
        with pytest.raises(InputError, match="1 of the 1 examples"):
            catalog.require_unseen(base, own)
    catalog.require_unseen(base, judged(1, dataset="other-1"))
