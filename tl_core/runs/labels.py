"""What people say of a run: its name, a note, tags. Beside the run and no part of its request.

THAW_HOME/runs/<id>/label.json     replaced atomically; not there until somebody says something
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from tl_core import files
from tl_core.errors import InputError, Issue
from tl_core.i18n import _
from tl_core.runs import locks

FILE = "label.json"
MOST_LETTERS = {"name": 80, "note": 4000, "tag": 30}
"""A name fits on one line of a page, a note on one screen, a tag beside a dozen others."""
MOST_TAGS = 20


@dataclass(frozen=True, slots=True)
class Label:
    """What people say of a run; all of it untrusted text."""

    name: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()
    """Sorted; no two differ in capitals alone."""


def read(folder: Path) -> Label:
    """Return what was said of the run in `folder`; nothing if that cannot be read."""
    try:
        values = files.read_json(folder / FILE)
        return Label(str(values["name"]), str(values["note"]), tuple(map(str, values["tags"])))
    except (OSError, ValueError, KeyError, TypeError):
        return Label()


def rename(folder: Path, name: str) -> Label:
    """Call the run in `folder` by a name; an empty one takes it back.

    Raises:
        InputError: if the name is too long or holds what cannot be shown.
    """
    name = " ".join(name.split())
    _require(_issues("name", name))
    return _change(folder, lambda label: replace(label, name=name))


def note(folder: Path, text: str) -> Label:
    """Keep a note with the run in `folder`; an empty one takes it back.

    Raises:
        InputError: if the note is too long or holds what cannot be shown.
    """
    text = "\n".join(line.rstrip() for line in text.strip().splitlines())
    _require(_issues("note", text))
    return _change(folder, lambda label: replace(label, note=text))


def tag(folder: Path, add: Iterable[str] = (), *, remove: Iterable[str] = ()) -> Label:
    """Put tags on the run in `folder` and take others off.

    Raises:
        InputError: with every tag that cannot be one, or if there would be too many.
    """
    added = [" ".join(one.split()) for one in add]
    _require([issue for one in added for issue in _issues("tag", one)])
    dropped = {" ".join(one.split()).casefold() for one in remove}

    def changed(label: Label) -> Label:
        known = {one.casefold(): one for one in (*label.tags, *added)}
        kept = sorted((t for key, t in known.items() if key not in dropped), key=str.casefold)
        if len(kept) > MOST_TAGS:
            message = _("A run can have {most} tags; these would be {n}.")
            issue = Issue(
                "tag", message.format(most=MOST_TAGS, n=len(kept)), _("Take some off first.")
            )
            raise InputError([issue])
        return replace(label, tags=tuple(kept))

    return _change(folder, changed)


def _change(folder: Path, change: Callable[[Label], Label]) -> Label:
    with locks.labelling():
        before = read(folder)
        after = change(before)
        if after != before:
            values = {"name": after.name, "note": after.note, "tags": list(after.tags)}
            files.write_json(folder / FILE, values)
        return after


def _issues(field: str, text: str) -> list[Issue]:
    """Return why `text` cannot be said of a run."""
    most = MOST_LETTERS[field]
    if len(text) > most:
        message = _("'{text}…' is too long: {n} letters, and {most} are the most.")
        shown = message.format(text=text[:20], n=len(text), most=most)
        return [Issue(field, shown, _("Say it in fewer words."))]
    if field == "tag" and (not text or "," in text):
        message = _("'{text}' is no tag: a tag is some words without a comma.").format(text=text)
        return [Issue(field, message, _("Name several tags one by one."))]
    if not text.replace("\n", "").replace("\t", "").isprintable():
        message = _("It holds signs that cannot be shown.")
        return [Issue(field, message, _("Type it anew."))]
    return []


def _require(issues: list[Issue]) -> None:
    if issues:
        raise InputError(issues)
