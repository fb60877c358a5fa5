"""Class names as people write them: tidied without changing what they mean, twins noticed."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from tl_core.data import limits


def tidy_text(text: str, *, max_chars: int = limits.MAX_LABEL_CHARS) -> str:
    """Return `text` without surrounding spaces and control characters, in composed form.

    File systems differ in how they spell an accented letter; the composed form (NFC) makes the
    same name equal everywhere. Bytes that are no text become question marks.
    """
    readable = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode("utf-8"))
    visible = "".join(c if unicodedata.category(c) != "Cc" else " " for c in readable)
    return visible.strip()[:max_chars].rstrip()


def twins(labels: Iterable[str]) -> tuple[str, ...]:
    """Return the labels that differ from another only by capitals or spaces, sorted."""
    alike: defaultdict[str, set[str]] = defaultdict(set)
    for label in labels:
        alike["".join(label.casefold().split())].add(label)
    return tuple(sorted(label for same in alike.values() if len(same) > 1 for label in same))
