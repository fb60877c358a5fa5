"""The strip of learning rates below the loss: one step per epoch, on a log axis of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from tl_core import wording
from tl_core.i18n import _
from tl_core.report.marks import PLOT_PX, Fields, Piece, Point, points
from tl_core.report.theme import Theme, axis, note, safe

TALL_PX = 46
GAP_PX = 26
"""Between the loss and the strip: room for its name."""
WHOLE_PX = PLOT_PX + GAP_PX + TALL_PX

_SHARE = TALL_PX / WHOLE_PX
_DECADES = 3  # below the highest rate; where a cosine ends, lower ones are as good as none
_SOLVED = frozenset({"before", "head"})
"""Phases without a rate: nothing learns, or L-BFGS finds its own steps."""


def known(epochs: Sequence[Fields]) -> list[Point]:
    """Return epoch and learning rate of the last layer, where one is set."""
    stepped = [epoch for epoch in epochs if epoch.get("phase") not in _SOLVED]
    return [(x, y) for x, y in points(stepped, "lr") if y > 0]


def steps(epochs: Sequence[Fields], colours: Theme) -> list[Piece]:
    """Return the rates as steps, each over the epoch that ends with it."""
    rates = known(epochs)
    if not rates:
        # An axis without anything on it is not drawn, nor are the epochs that stand below it.
        return [{"type": "scatter", "x": [None], "y": [None], "yaxis": "y2", "hoverinfo": "skip"}]
    name = _("learning rate of the last layer")
    corners = [(rates[0][0] - 1, rates[0][1]), *rates]
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "x": [x for x, _y in corners],
            "y": [y for _x, y in corners],
            "yaxis": "y2",
            "line": {"color": colours.ink, "width": 1.6, "shape": "vh"},
            "hovertemplate": f"%{{y:.1e}}<extra>{safe(name)}</extra>",
        }
    ]


def axes(epochs: Sequence[Fields], colours: Theme) -> dict[str, Any]:
    """Return what the strip adds to a layout: its axis, at the bottom of the plot."""
    top = math.ceil(math.log10(max((y for _x, y in known(epochs)), default=1e-2)))
    ends = (top - _DECADES, top)
    return {
        "yaxis2": axis(
            colours,
            type="log",
            range=list(ends),
            domain=[0, _SHARE],
            tickvals=[10.0**end for end in ends],
            ticktext=[f"1e{end}" for end in ends],
            fixedrange=True,
        ),
        "hoversubplots": "axis",
    }


def loss_domain() -> list[float]:
    """Return which part of the plot is left to the loss."""
    return [1 - PLOT_PX / WHOLE_PX, 1]


def names(epochs: Sequence[Fields], colours: Theme) -> list[Piece]:
    """Say above the strip what it shows, and inside it why it is empty."""
    place: dict[str, Any] = {"xref": "paper", "yref": "paper"}
    told = [
        note(
            _("learning rate"),
            colours.soft,
            **place,
            x=0,
            y=_SHARE,
            xanchor="left",
            yanchor="bottom",
        )
    ]
    if known(epochs):
        return told
    why = _("none: the last layer finds its own steps")
    return [*told, note(why, colours.soft, **place, x=0.5, y=_SHARE / 2, yanchor="middle")]


def said(epochs: Sequence[Fields]) -> list[str]:
    """Return the strip in words."""
    rates = known(epochs)
    if not rates:
        return []
    text = _("The learning rate began at {begin} and is {now} now.")
    return [text.format(begin=_short(rates[0][1]), now=_short(rates[-1][1]))]


def _short(rate: float) -> str:
    return wording.written(f"{rate:.2g}")
