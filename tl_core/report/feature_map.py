"""Features of examples drawn flat: class by colour and shape, mistakes ringed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tl_core import wording
from tl_core.i18n import _
from tl_core.report.theme import Figure, axis, bold, layout, note, safe, theme

HEIGHT = 380
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8c6d31")
"""Okabe and Ito's, told apart by colour-blind people; shapes carry the rest."""
SHAPES = ("circle", "square", "diamond", "triangle-up", "cross", "star", "x", "pentagon")
MOST_NAMED = 12
"""Classes named in the picture; with more, names would cover it."""
_VAL_PX, _TRAIN_PX, _RING_PX = 9, 5, 16
_PALE = 0.35

Floats = npt.NDArray[np.float64]


def feature_map_figure(
    points: Floats,
    labels: Sequence[int],
    is_val: Sequence[bool],
    rows: Sequence[int],
    wrong: Collection[int],
    classes: Sequence[str],
    *,
    dark: bool,
) -> Figure:
    """Return examples as points; each carries its row as `customdata`, by which it can be chosen.

    Args:
        points: [n, 2].
        labels: [n] class numbers.
        is_val: [n] held out, and drawn large; the others were learned from.
        rows: [n].
        wrong: rows that were named wrongly.
        classes: names; may be untrusted text.
        dark: True for a dark page.
    """
    colours = theme(dark=dark)
    traces: list[dict[str, Any]] = []
    names: list[dict[str, Any]] = []
    for number, name in enumerate(classes):
        for held_out in (False, True):
            own = [
                place
                for place, (label, is_own) in enumerate(zip(labels, is_val, strict=True))
                if label == number and bool(is_own) is held_out
            ]
            if own:
                part = _("held out") if held_out else _("learned from")
                told = f"{name}, {part}"
                marker = _marker(number, held_out=held_out)
                traces.append(_points(points[own], [rows[n] for n in own], told, marker))
                if held_out and len(classes) <= MOST_NAMED:
                    x, y = np.median(points[own], axis=0).tolist()
                    names.append(note(bold(safe(name)), colours.ink, x=x, y=y, yshift=14))
    ringed = [place for place, row in enumerate(rows) if row in wrong]
    if ringed:
        own_rows = [rows[n] for n in ringed]
        traces.append(_points(points[ringed], own_rows, _("named wrongly"), _ring(colours.ink)))
    bare = {"showticklabels": False, "showgrid": False}
    return {
        "data": traces,
        "layout": layout(
            colours,
            height=HEIGHT,
            margin={"l": 4, "r": 4, "t": 4, "b": 4},
            hovermode="closest",
            annotations=names,
            xaxis=axis(colours, **bare),
            yaxis=axis(colours, **bare, scaleanchor="x"),
        ),
    }


def _marker(number: int, *, held_out: bool) -> dict[str, Any]:
    return {
        "color": COLOURS[number % len(COLOURS)],
        "symbol": SHAPES[number % len(SHAPES)],
        "size": _VAL_PX if held_out else _TRAIN_PX,
        "opacity": 1 if held_out else _PALE,
    }


def _ring(colour: str) -> dict[str, Any]:
    line = {"width": 2, "color": colour}
    return {"symbol": "circle-open", "size": _RING_PX, "line": line, "color": colour}


def _points(
    points: Floats, rows: Sequence[int], told: str, marker: dict[str, Any]
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": np.round(points[:, 0], 3).tolist(),
        "y": np.round(points[:, 1], 3).tolist(),
        "customdata": [int(row) for row in rows],
        "hovertemplate": f"{safe(told)}<extra></extra>",
        "marker": marker,
    }


def feature_map_alt(
    title: str, is_val: Sequence[bool], rows: Sequence[int], wrong: Collection[int]
) -> str:
    """Return what the picture shows, in words; how well classes lie apart is told beside it."""
    n = sum(map(bool, is_val))
    return _("{title}: {val} held-out examples and {train} that were learned from, by class; "
             "{wrong} named wrongly are ringed.").format(
        title=title,
        val=wording.count(n),
        train=wording.count(len(is_val) - n),
        wrong=wording.count(sum(row in wrong for row in rows)),
    )  # fmt: skip
