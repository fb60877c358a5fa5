"""Single examples that belong to no dataset: checked like those of an import, kept nowhere."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import random
from collections.abc import Sequence
from pathlib import Path

from tl_core import files
from tl_core.data import limits, texts
from tl_core.data.checks import CHECKS
from tl_core.data.dataset import Example
from tl_core.data.finding import Notes
from tl_core.data.folder import walk
from tl_core.data.layout import Candidate
from tl_core.data.pictures import Refused, has_picture_name, inspect
from tl_core.errors import InputError, Issue
from tl_core.i18n import _

MIN_IN_FOLDER = 16
"""Of fewer, not even a loss of half of all answers could be told from chance."""
TRIES = 4  # files that are looked at for each example wanted


def open_loose(paths: Sequence[Path], modality: str = "picture") -> tuple[Example, ...]:
    """Return the files as examples without a label or a key, so that nothing of them is kept.

    Args:
        paths: pictures, or .txt files.
        modality: `picture` or `text`.

    Raises:
        InputError: naming every file that cannot be used, with its fix.
    """
    opened = [_opened(path, modality) for path in paths]
    issues = [one for one in opened if isinstance(one, Issue)]
    if not paths:
        issues.append(Issue("file", _("No file was named."), _("Name one or more files.")))
    if issues:
        raise InputError(issues)
    return tuple(one for one in opened if isinstance(one, Example))


def open_folder(
    folder: Path, modality: str = "picture", *, most: int, field: str = "source"
) -> tuple[Example, ...]:  # fmt: skip
    """Return some examples of a folder and the folders in it, the same ones each time.

    They have no label, but keys, so that what a network makes of them can be kept. What cannot be
    used is passed over.

    Args:
        folder: untrusted path of a folder.
        modality: `picture`, or `text` for .txt files.
        most: examples to return at most.
        field: what the folder is called in problems.

    Raises:
        InputError: if there is no such folder, or too little in it.
    """
    if not folder.is_dir():
        message = _("There is no folder '{path}'.").format(path=_name(folder))
        raise InputError([Issue(field, message, _("Check the path."))])
    entries = walk(folder, Notes(), lambda: None)
    has_name = _has_text_name if modality == "text" else has_picture_name
    paths = [entry.path for entry in entries if has_name(entry.path.name)]
    random.Random(0).shuffle(paths)
    found: list[Example] = []
    for path in paths[: TRIES * most]:
        if len(found) < most and isinstance(one := _opened(path, modality), Example):
            found.append(dataclasses.replace(one, key=_key(one)))
    if len(found) < MIN_IN_FOLDER:
        message = _("In the folder '{path}' are {n} usable examples; {least} are needed.")
        message = message.format(path=_name(folder), n=len(found), least=MIN_IN_FOLDER)
        fix = _("Name a folder of pictures, or of .txt files for a base that reads texts.")
        raise InputError([Issue(field, message, fix)])
    return tuple(found)


def _has_text_name(name: str) -> bool:
    return name.lower().endswith(".txt")


def _key(example: Example) -> str:
    if example.text:
        return hashlib.sha256(example.text.encode()).hexdigest()
    return files.sha256_of(example.path)


def _opened(path: Path, modality: str) -> Example | Issue:
    return _text(path) if modality == "text" else _picture(path)


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
