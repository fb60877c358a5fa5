"""The exceptions that Thaw raises on purpose.

ThawError
├── InputError      the request or the data are unusable; carries every Issue at once
├── RunFailed       a job began and could not end
└── Cancelled       a person asked to stop before there was anything to keep

Everything else that escapes is a defect: it is logged whole and shown briefly.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Issue:
    """One problem with what was asked for, in words a person can act on."""

    field: str
    """Where the problem is: an option (`epochs`), a part of the data (`train/bees`), a file."""
    message: str
    """What was found and what is allowed."""
    fix: str
    """What to do about it."""


class ThawError(Exception):
    """Base of all exceptions that Thaw raises on purpose."""


class InputError(ThawError):
    """The request or the data cannot be used; `issues` holds every problem found."""

    def __init__(self, issues: Iterable[Issue]) -> None:
        self.issues = tuple(issues)
        super().__init__("; ".join(f"{i.field}: {i.message} {i.fix}" for i in self.issues))


class RunFailed(ThawError):
    """A job could not end: `code` for programs, the message and the fix for people."""

    def __init__(self, code: str, message: str, fix: str) -> None:
        self.code = code
        self.message = message
        self.fix = fix
        super().__init__(f"{message} {fix}")


class Cancelled(ThawError):
    """A person asked the job to stop before there was a result worth keeping."""
