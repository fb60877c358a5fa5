"""Failures in words: each kind of exception has its code, and a fix."""

from __future__ import annotations

import errno

import pytest

from tl_core.errors import InputError, Issue, RunFailed
from tl_core.runs.failures import describe, is_full_disk

OPTION = Issue("base", "There is none.", "Choose another.")
FILE = Issue("a/b.png", "It is empty.", "Remove it.")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError([OPTION]), "bad_request"),
        (InputError([FILE]), "bad_data"),
        (InputError([OPTION, FILE]), "bad_data"),
        (InputError([]), "internal"),
        (RunFailed("no_base", "No base.", "Get one."), "no_base"),
        (OSError(errno.ENOSPC, "x"), "disk_full"),
        (OSError(errno.EFBIG, "x"), "disk_full"),
        (OSError(errno.EDQUOT, "x"), "disk_full"),
        (OSError(errno.EACCES, "x"), "internal"),
        (MemoryError(), "out_of_memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), "out_of_memory"),
        (RuntimeError("CUDA out of memory. Tried to allocate"), "out_of_memory"),
        (RuntimeError("shapes differ"), "internal"),
        (KeyError("secret"), "internal"),
    ],
)
def test_each_exception_has_its_code(error: Exception, code: str) -> None:
    told = describe(error)
    assert told["code"] == code
    assert told["message"]
    assert told["fix"]


def test_all_issues_are_kept_and_counted() -> None:
    told = describe(InputError([FILE, OPTION, OPTION]))
    assert told["message"] == "It is empty. There are 2 more problems."
    assert told["fix"] == "Remove it."
    assert [issue["field"] for issue in told["issues"]] == ["a/b.png", "base", "base"]
    assert describe(InputError([FILE, OPTION]))["message"].endswith("There is 1 more problem.")
    assert describe(InputError([FILE]))["message"] == "It is empty."


def test_a_defect_tells_its_kind_but_no_detail() -> None:
    told = describe(KeyError("secret"))
    assert "KeyError" in told["message"]
    assert "secret" not in told["message"] + told["fix"]


def test_a_full_disk_is_told_from_other_errors() -> None:
    assert is_full_disk(OSError(errno.ENOSPC, "x"))
    assert not is_full_disk(OSError(errno.ENOENT, "x"))
    assert not is_full_disk(ValueError())
