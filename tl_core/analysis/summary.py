"""What programs read about what a run gets wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from tl_core.analysis import mistakes
from tl_core.analysis.answers import Answers, Part
from tl_core.analysis.calibration import Fit, applied
from tl_core.analysis.told import OF
from tl_core.records import to_dict
from tl_core.shares import Span, foretold_counts, wilson

MOST_PAIRS = 20


def summary(parts: Mapping[Part, Answers], found: Fit | None) -> dict[str, Any]:
    """Return what is told of each part, and the calibration; a value not measured is None.

    Args:
        parts: what a run said, `val` among them.
        found: its calibration, if it was measured.
    """
    return {
        "classes": list(parts["val"].classes),
        "score_on": "test" if "test" in parts else "val",
        "parts": {name: part(applied(answers, found)) for name, answers in parts.items()},
        "calibration": to_dict(found) if found else None,
    }


def part(answers: Answers) -> dict[str, Any]:
    """Return what is told of one part."""
    right, n = int(answers.is_right.sum()), len(answers)
    low, high = foretold_counts(right, n, of=OF)
    pairs = mistakes.mixed_up(answers)[:MOST_PAIRS]
    return {
        "accuracy": _share(wilson(right / n, n), n),
        "of_100_new": {"low": low, "high": high},
        "confusion": mistakes.matrix(answers).tolist(),
        "per_class": [
            {
                "class": score.name,
                "labelled": score.labelled,
                "named": score.named,
                "right": score.right,
                "recall": _share(score.recall, score.labelled),
                "precision": _share(score.precision, score.named),
            }
            for score in mistakes.by_class(answers)
        ],
        "confused": [
            {
                "labelled": answers.classes[pair.label],
                "given": answers.classes[pair.given],
                "count": pair.count,
                "of": pair.of,
            }
            for pair in pairs
        ],
        "mistakes": [
            {
                "row": int(answers.rows[place]),
                "labelled": answers.classes[int(answers.labels[place])],
                "given": answers.classes[int(answers.given[place])],
                "probability": round(float(answers.sure[place]), 4),
            }
            for place in mistakes.worst(answers)
        ],
    }


def _share(found: Span | None, n: int) -> dict[str, Any] | None:
    return None if found is None else asdict(found) | {"n": n}
