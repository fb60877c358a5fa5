"""Class names as people write them: tidied without changing what they mean, twins noticed."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from tl_core.data import limits

_TURNS = frozenset(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]))
"""Unicode's embeddings, overrides and isolates of writing direction."""


def tidy_text(text: str, *, max_chars: int = limits.MAX_LABEL_CHARS) -> str:
    """Return `text` without surrounding spaces and control characters, in composed form.

    File systems differ in how they spell an accented letter; the composed form (NFC) makes the
    same name equal everywhere. Bytes that are no text become question marks; signs that turn the
    direction of writing round, and so make a name look like another, are dropped.
    """
    readable = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode("utf-8"))
    visible = "".join(" " if _moves(c) else c for c in readable if c not in _TURNS)
    return visible.strip()[:max_chars].rstrip()


def plain_name(name: str) -> str:
    """Return the name of a file as it can be shown anywhere, on one line and of bounded length.

    What would move the cursor, turn the direction of writing or is no text becomes a question
    mark; of a very long name beginning and end are kept.
    """
    if not name.isprintable():
        name = name.encode("utf-8", "replace").decode("utf-8")
        name = "".join("?" if c in _TURNS or _moves(c) else c for c in name)
    if len(name) > limits.MAX_NAME_CHARS:
        half = limits.MAX_NAME_CHARS // 2
        name = f"{name[:half]}…{name[-half:]}"
    return name


def _moves(sign: str) -> bool:
    """Tell whether a character is a control character or ends a line."""
    return unicodedata.category(sign) in ("Cc", "Zl", "Zp")


def spelling(label: str) -> str:
    """Return what labels share that differ only by capitals or spaces."""
    return "".join(label.casefold().split())


def twins(labels: Iterable[str]) -> tuple[str, ...]:
    """Return the labels that differ from another only by capitals or spaces, sorted."""
    alike: defaultdict[str, set[str]] = defaultdict(set)
    for label in labels:
        alike[spelling(label)].add(label)
    return tuple(sorted(label for same in alike.values() if len(same) > 1 for label in same))
