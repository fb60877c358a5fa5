"""How often a model is right against how sure it is, before and after a temperature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import pandas as pd

from tl_core import wording
from tl_core.i18n import _
from tl_core.report.theme import WARM, Figure, Theme, axis, layout, note, theme

HEIGHT = 320
_LEAST_PX, _MOST_PX = 6, 22
_ROOM = 0.03


class Bin(Protocol):
    """Answers of which the model was about equally sure."""

    @property
    def n(self) -> int: ...
    @property
    def sure(self) -> float: ...
    @property
    def right(self) -> wording.Interval: ...


def reliability_figure(before: Sequence[Bin], after: Sequence[Bin] | None, *, dark: bool) -> Figure:
    """Return the share right by how sure the model was, with intervals; the diagonal is perfect.

    Args:
        before: as the network says it.
        after: with the temperature, where one is kept.
        dark: True for a dark page.
    """
    colours = theme(dark=dark)
    traces = [_diagonal(colours), _points(before, colours.cool, "circle", _("as trained"))]
    notes = [_named(before, colours.cool, _("as trained"), top=False)]
    if after is not None:
        traces.append(_points(after, WARM, "diamond-open", _("with the temperature")))
        notes.append(_named(after, WARM, _("with the temperature"), top=True))
    return {
        "data": traces,
        "layout": layout(
            colours,
            height=HEIGHT,
            margin={"l": 56, "r": 16, "t": 12, "b": 48},
            hovermode="closest",
            annotations=notes,
            xaxis=_share_axis(colours, _("how sure it was")),
            yaxis=_share_axis(colours, _("how often it was right")),
        ),
    }


def _share_axis(colours: Theme, title: str) -> dict[str, Any]:
    return axis(
        colours,
        range=[-_ROOM, 1 + _ROOM],
        tickformat=".0%",
        title={"text": title},
        fixedrange=True,
        nticks=6,
    )


def _diagonal(colours: Theme) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [0, 1],
        "y": [0, 1],
        "line": {"color": colours.soft, "width": 1.3, "dash": "dash"},
        "hoverinfo": "skip",
    }


def _points(bins: Sequence[Bin], colour: str, symbol: str, name: str) -> dict[str, Any]:
    """Return the bins as points with intervals; the more answers, the larger."""
    most = max((one.n for one in bins), default=1)
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": [one.sure for one in bins],
        "y": [one.right.value for one in bins],
        "text": [_told(one) for one in bins],
        "hovertemplate": "%{text}<extra></extra>",
        "line": {"color": colour, "width": 1.5},
        "marker": {
            "color": colour,
            "symbol": symbol,
            "size": [_LEAST_PX + (_MOST_PX - _LEAST_PX) * (b.n / most) ** 0.5 for b in bins],
        },
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [one.right.high - one.right.value for one in bins],
            "arrayminus": [one.right.value - one.right.low for one in bins],
            "color": colour,
            "thickness": 1,
            "width": 4,
        },
    }


def _named(bins: Sequence[Bin], colour: str, name: str, *, top: bool) -> dict[str, Any]:
    """Name a curve in the corner where no points are: right answers lie near the diagonal."""
    mark = "◇" if top else "●"
    where = {"xref": "paper", "yref": "paper", "x": 0.02, "xanchor": "left", "yanchor": "top"}
    return note(f"{mark} {name}", colour, y=0.98 if not top else 0.90, **where)


def _told(one: Bin) -> str:
    return _("{sure} sure: right on {right}, of {n}").format(
        sure=wording.percent(one.sure),
        right=wording.percent_interval(one.right),
        n=wording.count(one.n),
    )


def reliability_alt(before: Sequence[Bin]) -> str:
    """Return what the curve shows, in words."""
    return _("How often it was right by how sure it was: {list}.").format(
        list="; ".join(_told(one) for one in before)
    )


def reliability_table(before: Sequence[Bin], after: Sequence[Bin] | None) -> pd.DataFrame:
    """Return the numbers behind the curve."""
    kinds = [(_("as trained"), before)]
    if after is not None:
        kinds.append((_("with the temperature"), after))
    columns = [_("probabilities"), _("how sure it was"), _("how often it was right"), _("answers")]
    rows = [
        (name, wording.percent(b.sure), wording.percent_interval(b.right), wording.count(b.n))
        for name, bins in kinds
        for b in bins
    ]
    return pd.DataFrame(rows, columns=columns)
