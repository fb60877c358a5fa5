"""What went wrong, in words for people: every exception of a job becomes code, message and fix."""

from __future__ import annotations

import errno
from typing import Any

from tl_core.errors import InputError, RunFailed
from tl_core.i18n import _, ngettext
from tl_core.spec import to_dict

REQUEST_FIELDS = frozenset(
    {"kind", "version", "source", "name", "data", "base", "strategy", "size", "val", "seed"}
    | {"epochs", "patience", "minutes", "run", "strategies", "retention"}
)
"""Issues with other fields are about the data themselves."""
_FULL_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_MEMORY_WORDS = ("out of memory", "can't allocate memory", "not enough memory", "bad_alloc")


def describe(error: BaseException) -> dict[str, Any]:
    """Return the fields of the failed event: code, message, fix and, for bad input, issues."""
    if isinstance(error, InputError) and error.issues:
        return _unusable(error)
    if isinstance(error, RunFailed):
        return _told(error.code, error.message, error.fix)
    if is_full_disk(error):
        return _told(
            "disk_full",
            _("There is no room left on the disk."),
            _("Free some space, then resume: what was saved so far is kept."),
        )
    if _is_out_of_memory(error):
        return _told(
            "out_of_memory",
            _("The computer ran out of memory."),
            _("Close other programs, or choose a smaller picture size or a smaller base model."),
        )
    return _told(
        "internal",
        _("Something inside Thaw went wrong ({name}).").format(name=type(error).__name__),
        _("Resume to try again. What happened is written in worker.log in the folder of the run."),
    )


def is_full_disk(error: BaseException) -> bool:
    """Tell whether there was no room to write, on the disk or within a limit."""
    return isinstance(error, OSError) and error.errno in _FULL_DISK


def _is_out_of_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError):
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(words in text for words in _MEMORY_WORDS)


def _unusable(error: InputError) -> dict[str, Any]:
    first, *more = error.issues
    is_request = all(issue.field in REQUEST_FIELDS for issue in error.issues)
    message = first.message
    if more:
        message += " " + ngettext(
            "There is {n} more problem.", "There are {n} more problems.", len(more)
        ).format(n=len(more))
    told = _told("bad_request" if is_request else "bad_data", message, first.fix)
    return told | {"issues": to_dict(error.issues)}


def _told(code: str, message: str, fix: str) -> dict[str, Any]:
    return {"code": code, "message": message, "fix": fix}
