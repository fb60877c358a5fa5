"""How well a base's vocabulary fits the texts it is given, in words."""

from __future__ import annotations

from tl_core import wording
from tl_core.i18n import _
from tl_core.spec import Reading

STRANGE_PIECES = 1.6
"""Pieces a word from which a vocabulary does not fit: between what MiniLM makes of English film
reviews and messages (1.15 and 1.19) and of a few German sentences (1.86). A prior, no more."""
MANY_UNKNOWN = 0.01


def reading_sentences(reading: Reading, size: int) -> tuple[str, ...]:
    """Return how the texts are read, and what that means where it is unusual.

    Args:
        reading: as measured.
        size: most tokens read of a text.
    """
    said = [
        _("The base reads your texts in {pieces} pieces (tokens) a word.").format(
            pieces=wording.number(reading.tokens_per_word)
        )
    ]
    if reading.unknown >= MANY_UNKNOWN:
        said.append(
            _("{share} of them are signs that it does not know at all.").format(
                share=wording.percent(reading.unknown)
            )
        )
    if reading.tokens_per_word >= STRANGE_PIECES:
        said.append(
            _("That is many: its vocabulary was not made for this language or this kind of text. "
              "A base that has read such texts will do better.")
        )  # fmt: skip
    if reading.cut:
        said.append(
            _("{share} of the texts are longer than the {size} tokens that are read of each; what "
              "comes later is not seen (the longest has {longest}).").format(
                share=wording.percent(reading.cut),
                size=wording.count(size),
                longest=wording.count(reading.longest),
            )
        )  # fmt: skip
    else:
        said.append(
            _("All are read whole: the longest has {longest} of at most {size} tokens.").format(
                longest=wording.count(reading.longest), size=wording.count(size)
            )
        )
    return tuple(said)
