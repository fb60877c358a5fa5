"""Texts that say nearly the same, found among many without comparing each with each.

Two texts are near twins if their pieces of five letters overlap by NEAR (Jaccard index), the
border that Lee and others took in "Deduplicating training data makes language models better"
(2022, arXiv 2107.06499). MinHash proposes pairs (Broder 1997), the pieces themselves decide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

NEAR = 0.8
PIECE = 5  # letters
MOST_LETTERS = 20_000
"""Read of each text: a model reads less."""
HASHES = 64
PROPOSED = 0.65
"""Overlap from which MinHash proposes; below NEAR, since it guesses to within 0.06."""

_NO_WORD = re.compile(r"[\W_]+")

Tick = Callable[[], None]


def leaders(texts: Sequence[str], tick: Tick = lambda: None) -> list[int]:
    """Return for each text the first one that it is a near twin of, or itself.

    Only texts that lead are compared with, so that a thousand copies cost a thousand comparisons.

    Args:
        texts: any number of them, in the order in which they are to lead.
        tick: called now and then; may raise to end the search.

    Returns:
        Indices into `texts`, [n]; a leader leads itself.
    """
    from datasketch import MinHash, MinHashLSH

    known = MinHashLSH(threshold=PROPOSED, num_perm=HASHES)
    hashes = MinHash(num_perm=HASHES)
    first: dict[str, int] = {}
    found: list[int] = []
    for number, text in enumerate(texts):
        if number % 256 == 0:
            tick()
        words = words_of(text[:MOST_LETTERS])
        leader = first.setdefault(words, number)
        if leader < number:
            found.append(found[leader])
            continue
        own = pieces(words)
        sketch = hashes.copy()
        sketch.update_batch([piece.encode() for piece in own])
        near = {
            other: overlap(own, pieces(words_of(texts[other][:MOST_LETTERS])))
            for other in known.query(sketch)
        }
        closest = min(near, key=lambda other: (-near[other], other), default=number)
        if near.get(closest, 0.0) >= NEAR:
            found.append(closest)
        else:
            found.append(number)
            known.insert(number, sketch)
    return found


def words_of(text: str) -> str:
    """Return the words alone, in small letters; a text without a word as it is."""
    return _NO_WORD.sub(" ", text.casefold()).strip() or text


def pieces(words: str) -> set[str]:
    """Return all pieces of PIECE letters that follow each other in a text, spaces included."""
    return {words[at : at + PIECE] for at in range(max(1, len(words) - PIECE + 1))}


def overlap(a: set[str], b: set[str]) -> float:
    """Return the Jaccard index of two sets, in [0, 1]."""
    return len(a & b) / len(a | b)
