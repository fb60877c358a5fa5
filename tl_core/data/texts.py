"""Texts: read from tables or files, tidied, and made into examples that hold them whole."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from pathlib import PurePosixPath

from tl_core.data import limits
from tl_core.data.assemble import Draft
from tl_core.data.dataset import Example
from tl_core.data.finding import Notes
from tl_core.data.labels import plain_name, tidy_text
from tl_core.data.layout import Candidate
from tl_core.data.near import Tick, words_of
from tl_core.data.pictures import has_archive_name, has_picture_name

_SUFFIX = ".txt"
_KEPT_CONTROLS = "\n\t"


def are_texts(candidates: Sequence[Candidate]) -> bool:
    """Tell whether the candidates are texts: rows of a text table, or .txt and no pictures."""
    if any(candidate.text for candidate in candidates):
        return True
    names = [candidate.name for candidate in candidates]
    return not any(map(has_picture_name, names)) and any(map(_is_text_file, names))


def _is_text_file(name: str) -> bool:
    return PurePosixPath(name).suffix.casefold() == _SUFFIX


def read_all(
    candidates: Sequence[Candidate], notes: Notes, tick: Tick
) -> list[tuple[Candidate, str]]:
    """Pair the candidates, each now with its tidied text, with the SHA-256 of that text.

    Files that hold no text, and empty texts, are noted; of a very long one the beginning is
    taken and that is noted too.
    """
    read: list[tuple[Candidate, str]] = []
    for number, candidate in enumerate(candidates):
        if number % 256 == 0:
            tick()
        text = candidate.text or _content(candidate, notes)
        if text is None:
            continue
        text = tidied(text)
        if not text:
            notes.add("empty_texts", candidate.name)
            continue
        if len(text) > limits.MAX_TEXT_CHARS:
            notes.add("long_texts", candidate.name)
            text = text[: limits.MAX_TEXT_CHARS]
        taken = Candidate(
            candidate.name, candidate.path, candidate.label, candidate.split, candidate.group, text
        )
        read.append((taken, hashlib.sha256(text.encode()).hexdigest()))
    return read


def _content(candidate: Candidate, notes: Notes) -> str | None:
    """Return what a text file holds, or None after noting why it cannot be used."""
    if not _is_text_file(candidate.name):
        notes.add("archives" if has_archive_name(candidate.name) else "stray", candidate.name)
        return None
    try:
        if candidate.path.stat().st_size > limits.MAX_TEXT_BYTES:
            notes.add("too_large", candidate.name)
            return None
        content = candidate.path.read_bytes()
    except OSError:
        notes.add("unreadable", candidate.name)
        return None
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    if b"\0" in content:
        notes.add("unreadable", candidate.name)
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        notes.add("other_encoding", candidate.name)
        return content.decode("cp1252", "replace")


def drafts(read: Sequence[tuple[Candidate, str]]) -> list[Draft]:
    """Return the texts as examples whose label and group are still as the source writes them."""
    return [
        Draft(
            candidate.label,
            Example(
                key=key,
                path=candidate.path,
                label=-1,
                split=candidate.split,
                group=tidy_text(candidate.group),
                name=plain_name(candidate.name),
                pixels=look(candidate.text),
                text=candidate.text,
            ),
        )
        for candidate, key in read
    ]


def tidied(text: str) -> str:
    """Return `text` in composed form (NFC), without control characters and outer spaces."""
    text = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode("utf-8"))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = (c if c in _KEPT_CONTROLS or unicodedata.category(c) != "Cc" else " " for c in text)
    return "".join(kept).strip()


def look(text: str) -> str:
    """Return what near twins share: a hash of the words alone, 32 hexadecimal digits.

    Capitals, punctuation and spacing do not count; a text without a word is known by its signs.
    """
    return hashlib.sha256(words_of(text).encode()).hexdigest()[:32]
