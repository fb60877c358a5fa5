"""Which languages texts are in: a guess, by an identifier whose model comes with its package."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

SAMPLE = 200
"""Texts looked at, evenly over all: a share is then known to 7 points either way."""
MIN_CHARS = 20  # of a text; shorter ones are mistaken too often
READ_CHARS = 1000
MIN_SHARE = 0.05
"""Languages that fewer texts seem to be in may be mistakes: of 1,788 English film reviews, a
sentence each, 8 were taken for something else."""


def guess(texts: Sequence[str]) -> dict[str, float]:
    """Return the share of the texts in each language, the largest first.

    Texts are asked about twice, the second time only about languages that many seem to be in.

    Args:
        texts: any number of them.

    Returns:
        Shares in [0, 1] by ISO 639-1 code; empty if all texts are too short to tell.
    """
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    long = [text[:READ_CHARS] for text in texts if len(text.strip()) >= MIN_CHARS]
    if not long:
        return {}
    rows = np.unique(np.linspace(0, len(long) - 1, SAMPLE).round().astype(int))
    asked = [long[row] for row in rows]
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    told = Counter(identifier.classify(text)[0] for text in asked)
    likely = [code for code, n in told.items() if n >= MIN_SHARE * len(asked)]
    if likely:
        identifier.set_languages(likely)
        told = Counter(identifier.classify(text)[0] for text in asked)
    return {code: round(n / len(asked), 3) for code, n in told.most_common()}
