"""English prose at hand without a network: what packages tell of themselves.

The descriptions of the packages that `requirements.lock` pins, cut into sentences; markup, code,
addresses and lists are left out. Technical English, not all of English: what is derived from it
says how far texts lie from such prose. Packages are set apart, not sentences, so that what is
held out is by other authors.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import re
from collections.abc import Iterator
from pathlib import Path

MOST_PER_PACKAGE = 40
WORDS = range(6, 41)
LETTERS = 0.95
"""Share of letters, spaces and plain punctuation that a sentence has at least."""
HELD_OUT = 3
"""Every third package, by the hash of its name, is held out."""

_LOCK = Path(__file__).parents[1] / "requirements.lock"
_CODE = re.compile(r"```.*?```", re.DOTALL)
_NO_PROSE = re.compile(r"^(\s{4}|\t|[#>|*\-.=~^+<\[!:])")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_LITERAL = re.compile(r"`([^`<]*)(<[^>]*>)?`_*")
_MARKS = re.compile(r"[*_`]{1,2}|<[^>]+>")
_ENDS = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_PLACE = re.compile(r"https?:|www\.|\\|==|::")


def prose(*, held_out: bool) -> list[str]:
    """Return the sentences, in the order of the packages' names."""
    found: list[str] = []
    for name in packages(held_out=held_out):
        found += list(dict.fromkeys(_sentences(_description(name))))[:MOST_PER_PACKAGE]
    return list(dict.fromkeys(found))


def packages(*, held_out: bool) -> list[str]:
    """Return the names of the pinned packages of one part."""
    pinned = re.findall(r"^([A-Za-z0-9._-]+)==", _LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    digest = {name: int(hashlib.sha256(name.encode()).hexdigest(), 16) for name in pinned}
    return [name for name in sorted(pinned) if (digest[name] % HELD_OUT == 0) == held_out]


def _description(name: str) -> str:
    try:
        told = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:  # made for another platform
        return ""
    return str(told.get_payload() or told.get("Description") or "")


def _sentences(description: str) -> Iterator[str]:
    for paragraph in re.split(r"\n\s*\n", _CODE.sub("", description)):
        if _NO_PROSE.match(paragraph):
            continue
        plain = _MARKS.sub("", _LITERAL.sub(r"\1", _LINK.sub(r"\1", paragraph)))
        for sentence in _ENDS.split(" ".join(plain.split())):
            if _is_prose(sentence):
                yield sentence


def _is_prose(sentence: str) -> bool:
    if len(sentence.split()) not in WORDS or _PLACE.search(sentence):
        return False
    if not (sentence[0].isupper() and sentence[-1] in ".!?"):
        return False
    plain = sum(letter.isalpha() or letter in " ,.'’" for letter in sentence)
    return plain / len(sentence) > LETTERS
