from __future__ import annotations

import dataclasses

import pytest

from tl_core.errors import Cancelled, InputError, Issue, RunFailed, ThawError


def test_one_input_error_carries_every_issue() -> None:
    issues = [Issue("epochs", "Got -1.", "Use 1 or more."), Issue("size", "Got 7.", "Use 32.")]
    error = InputError(iter(issues))
    assert error.issues == tuple(issues)
    for issue in issues:
        assert issue.message in str(error)
        assert issue.fix in str(error)


def test_a_failed_run_has_a_code_for_programs_and_words_for_people() -> None:
    error = RunFailed("disk_full", "The disk is full.", "Free 2 GB.")
    assert error.code == "disk_full"
    assert str(error) == "The disk is full. Free 2 GB."


@pytest.mark.parametrize("kind", [InputError, RunFailed, Cancelled])
def test_everything_raised_on_purpose_has_one_root(kind: type[Exception]) -> None:
    assert issubclass(kind, ThawError)


def test_an_issue_cannot_be_changed() -> None:
    issue = Issue("a", "b", "c")
    with pytest.raises(dataclasses.FrozenInstanceError):
        issue.field = "other"  # type: ignore[misc]
