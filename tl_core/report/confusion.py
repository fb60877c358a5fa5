"""Which class was taken for which, as a table of coloured cells, and in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tl_core import wording
from tl_core.i18n import _, ngettext
from tl_core.report.theme import WARM, Figure, axis, layout, safe, theme

Ints = npt.NDArray[np.int64]

MOST_CLASSES = 30
"""More rows than these cannot be read; the classes with most mistakes are shown."""
_MOST_WRITTEN = 16  # classes; with more, numbers do not fit into the cells
_CELL_PX, _SMALL_CELL_PX = 40, 22
_FRAME_PX = 104
_APART_PX = 14  # of an axis title and the names
_LONGEST_NAME = 16  # letters
_FAINTEST = 0.12  # of a cell that holds anything: it can be seen


def confusion_figure(counts: Ints, classes: Sequence[str], *, shares: bool, dark: bool) -> Figure:
    """Return the confusion matrix: labelled down, given across; mistakes in another colour.

    Each cell carries (label, given) as `customdata`, by which it can be chosen.

    Args:
        counts: [classes, classes].
        classes: their names; may be untrusted text.
        shares: write shares of each row instead of counts.
        dark: True for a dark page.
    """
    colours = theme(dark=dark)
    shown = shown_classes(counts)
    part = counts[np.ix_(shown, shown)]
    rows = counts[shown].sum(1, keepdims=True)
    share = part / np.maximum(rows, 1)
    is_right = np.eye(len(shown), dtype=bool)
    names = [safe(_short(classes[number])) for number in shown]
    size = _CELL_PX if len(shown) <= _MOST_WRITTEN else _SMALL_CELL_PX
    ticks: dict[str, Any] = {
        "tickvals": list(range(len(shown))),
        "ticktext": names,
        "showgrid": False,
        "fixedrange": True,
    }
    text = _written(part, share, shares=shares)
    chosen = [[[int(a), int(b)] for b in shown] for a in shown]
    hover = [[_told(classes, int(a), int(b), counts) for b in shown] for a in shown]
    common = {"text": text, "customdata": chosen, "hovertext": hover}
    return {
        "data": [
            _cells(share, is_right, colours.cool, colours.ink, common, len(shown)),
            _cells(share, ~is_right, WARM, colours.ink, common, len(shown)),
        ],
        "layout": layout(
            colours,
            height=_FRAME_PX + size * len(shown),
            margin={"l": 8, "r": 8, "t": 8, "b": 8},
            xaxis=axis(
                colours,
                title={"text": _("taken for"), "standoff": _APART_PX},
                side="bottom",
                **ticks,
            ),
            yaxis=axis(
                colours,
                title={"text": _("labelled"), "standoff": _APART_PX},
                autorange="reversed",
                **ticks,
            ),
        ),
    }


def shown_classes(counts: Ints) -> list[int]:
    """Return the numbers of the classes to show: all, or those with most mistakes, in order."""
    if len(counts) <= MOST_CLASSES:
        return list(range(len(counts)))
    wrong = counts.sum(0) + counts.sum(1) - 2 * counts.diagonal()
    return sorted(np.argsort(-wrong, kind="stable")[:MOST_CLASSES].tolist())


def _cells(
    share: npt.NDArray[np.float64],
    which: npt.NDArray[np.bool_],
    colour: str,
    ink: str,
    common: dict[str, Any],
    count: int,
) -> dict[str, Any]:
    """Return some of the cells, the fuller the stronger; the others are left to another trace."""
    depth = np.where(share > 0, _FAINTEST + (1 - _FAINTEST) * share, 0.0)
    values = [
        [float(d) if own else None for d, own in zip(row, owns, strict=True)]
        for row, owns in zip(depth.tolist(), which.tolist(), strict=True)
    ]
    clear, full = _faded(colour, 0.0), _faded(colour, 0.85)
    return {
        "type": "heatmap",
        "z": values,
        "zmin": 0,
        "zmax": 1,
        "colorscale": [[0, clear], [1, full]],
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "hoverongaps": False,
        "texttemplate": "%{text}" if count <= _MOST_WRITTEN else "",
        "textfont": {"color": ink},
        "hovertemplate": "%{hovertext}<extra></extra>",
        **common,
    }


def _faded(colour: str, share: float) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share:g})"


def _written(part: Ints, share: npt.NDArray[np.float64], *, shares: bool) -> list[list[str]]:
    """Return what stands in each cell; an empty one stays empty."""
    return [
        [
            ("" if not n else wording.percent(s) if shares else wording.count(n))
            for n, s in zip(counts, parts, strict=True)
        ]
        for counts, parts in zip(part.tolist(), share.tolist(), strict=True)
    ]


def _told(classes: Sequence[str], label: int, given: int, counts: Ints) -> str:
    of = int(counts[label].sum())
    if label == given:
        text = _("{n} of {of} labelled {label} were found")
    else:
        text = _("{n} of {of} labelled {label} were taken for {given}")
    return safe(
        text.format(
            n=wording.count(int(counts[label, given])),
            of=wording.count(of),
            label=classes[label],
            given=classes[given],
        )
    )


def confusion_alt(counts: Ints, classes: Sequence[str]) -> str:
    """Return what the matrix shows, in words; holds class names."""
    total, right = int(counts.sum()), int(counts.trace())
    text = _("Which class was taken for which: {right} of {total} right.").format(
        right=wording.count(right), total=wording.count(total)
    )
    wrong = counts - np.diag(counts.diagonal())
    if not wrong.any():
        return text
    label, given = np.unravel_index(int(wrong.argmax()), wrong.shape)
    n = int(wrong[label, given])
    most = ngettext(
        "The commonest mistake: {n} of {label} taken for {given}.",
        "The commonest mistake: {n} of {label} taken for {given}.",
        n,
    )
    return f"{text} " + most.format(
        n=wording.count(n), label=classes[int(label)], given=classes[int(given)]
    )


def confusion_table(counts: Ints, classes: Sequence[str], *, shares: bool) -> pd.DataFrame:
    """Return the whole matrix as numbers, or as shares of each row, with names on both sides."""
    columns: dict[str, list[Any]] = {_("labelled \\ taken for"): list(classes)}
    rows = np.maximum(counts.sum(1), 1)
    for number, name in enumerate(classes):
        own = counts[:, number]
        cells = [wording.percent(s) for s in (own / rows).tolist()] if shares else own.tolist()
        columns[name if name not in columns else f"{name} "] = cells
    return pd.DataFrame(columns)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
