"""Single examples that belong to no dataset: checked like those of an import, kept nowhere."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path

from tl_core.data import limits, texts
from tl_core.data.checks import CHECKS
from tl_core.data.dataset import Example
from tl_core.data.finding import Notes
from tl_core.data.layout import Candidate
from tl_core.data.pictures import Refused, inspect
from tl_core.errors import InputError, Issue
from tl_core.i18n import _


def open_loose(paths: Sequence[Path], modality: str = "picture") -> tuple[Example, ...]:
    """Return the files as examples without a label or a key, so that nothing of them is kept.

    Args:
        paths: pictures, or .txt files.
        modality: `picture` or `text`.

    Raises:
        InputError: naming every file that cannot be used, with its fix.
    """
    opened = [(_text if modality == "text" else _picture)(path) for path in paths]
    issues = [one for one in opened if isinstance(one, Issue)]
    if not paths:
        issues.append(Issue("file", _("No file was named."), _("Name one or more files.")))
    if issues:
        raise InputError(issues)
    return tuple(one for one in opened if isinstance(one, Example))


def _picture(path: Path) -> Example | Issue:
    """Return a picture as an example, or why it cannot be used."""
    if issue := _issue(path):
        return issue
    return Example(key="", path=path.resolve(), label=0, split="", group="", name=_name(path))


def _text(path: Path) -> Example | Issue:
    """Return a text as an example, or why it cannot be used."""
    if issue := _unopened(path):
        return issue
    notes = Notes()
    candidate = Candidate(_name(path), path.resolve(), "")
    for draft in texts.drafts(texts.read_all([candidate], notes, lambda: None)):
        return dataclasses.replace(draft.example, key="", label=0)
    told = {
        "empty_texts": _("The text is empty."),
        "stray": _("The file is not a .txt file."),
        "too_large": _("The text is larger than 8 MB."),
    }
    check = notes.findings()[0].check
    message = told.get(check, _("The file is damaged or cannot be opened."))
    return Issue(_name(path), message, _("Name files that hold plain text."))


def _unopened(path: Path) -> Issue | None:
    """Return why there is no file to open."""
    if path.is_dir():
        fix = _("Name the files in it, or bring it as data: thaw data add DATA --name NAME")
        return Issue(_name(path), _("This is a folder."), fix)
    if not path.is_file():
        return Issue(_name(path), _("There is no such file."), _("Check the path."))
    return None


def _issue(path: Path) -> Issue | None:
    """Return why a file cannot be used as a picture."""
    if issue := _unopened(path):
        return issue
    name = _name(path)
    try:
        if path.stat().st_size > limits.MAX_PICTURE_BYTES:
            found = Refused("too_large")
        else:
            looked = inspect(path.read_bytes(), path.name)
            if not isinstance(looked, Refused):
                return None
            found = looked
    except OSError:
        return Issue(name, _("The file cannot be opened."), _("Check who may read it."))
    return Issue(name, _what(found.check), _(CHECKS[found.check].fix))


def _name(path: Path) -> str:
    """Return the path as it was given, as text that can be written anywhere."""
    return os.fsencode(path).decode("utf-8", "replace")


def _what(check: str) -> str:
    return {
        "too_large": _("The picture is larger than 64 MB or 64 million pixels."),
        "too_small": _("The picture is less than 4 pixels wide or high."),
        "refused_format": _("The file has a format that Thaw does not read."),
        "not_pictures": _("The file is not a picture."),
    }.get(check, _("The file is damaged or cannot be opened."))
