"""A race as a picture: each strategy's accuracy with its interval, in words and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tl_core import wording
from tl_core.i18n import _
from tl_core.report.theme import Figure, Theme, axis, bold, layout, note, theme
from tl_core.spec import STRATEGIES, Accuracy

_ROW_PX = 46
"""A name above, its interval below."""
_FRAME_PX = 44
_MARKER_PX = 11
_WIDTH_PX = 3.5
_ROOM = 0.03  # of accuracy, beside the outermost intervals


@dataclass(frozen=True, slots=True)
class Row:
    """One competitor as it stands."""

    strategy: str
    run: str
    accuracy: Accuracy | None
    """At its best epoch; None before the first."""
    seconds: float
    """Of training."""
    dropped: int | None = None
    """The round after which it dropped out."""
    has_failed: bool = False
    p_vs_best: float | None = None
    """Of the paired test against the first; None for the first, and before the end."""
    trainable_parameters: int | None = None
    weight_bytes: int | None = None


def race_figure(rows: Sequence[Row], *, dark: bool) -> Figure:
    """Return accuracies with their intervals, one below the other in the order given.

    Who has dropped out is drawn hollow and pale.
    """
    colours = theme(dark=dark)
    known = [(place, row) for place, row in enumerate(rows) if row.accuracy is not None]
    names = [_name(place, row, colours) for place, row in enumerate(rows)]
    return {
        "data": [_marks(known, colours)],
        "layout": layout(
            colours,
            height=_FRAME_PX + _ROW_PX * max(len(rows), 1),
            margin={"l": 12, "r": 16, "t": 6, "b": 32},
            hovermode="closest",
            annotations=names,
            xaxis=axis(
                colours, range=_range([row for _place, row in known]), tickformat=".0%", nticks=6
            ),
            yaxis=axis(
                colours,
                range=[max(len(rows), 1) - 0.3, -0.7],
                showticklabels=False,
                showgrid=False,
                fixedrange=True,
            ),
        ),
    }


def _marks(known: Sequence[tuple[int, Row]], colours: Theme) -> dict[str, Any]:
    told = [(place, row, row.accuracy) for place, row in known if row.accuracy is not None]
    inks = [colours.pale if row.dropped else colours.cool for _place, row, _acc in told]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [accuracy.value for _place, _row, accuracy in told],
        "y": [place for place, _row, _acc in told],
        "text": [
            f"{_(STRATEGIES[r.strategy])}: {wording.percent_interval(a)}" for _p, r, a in told
        ],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {
            "size": _MARKER_PX,
            "color": inks,
            "symbol": ["circle-open" if row.dropped else "circle" for _p, row, _acc in told],
            "line": {"width": 2, "color": inks},
        },
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [a.high - a.value for _place, _row, a in told],
            "arrayminus": [a.value - a.low for _place, _row, a in told],
            "color": colours.soft,
            "thickness": _WIDTH_PX / 2,
            "width": 5,
        },
    }


def _name(place: int, row: Row, colours: Theme) -> dict[str, Any]:
    """Write a competitor's name and numbers above its interval."""
    share = wording.percent_interval(row.accuracy) if row.accuracy else _("not judged yet")
    words = f"{bold(_(STRATEGIES[row.strategy]))}  {share}"
    colour = colours.soft if row.dropped else colours.ink
    where = {"xref": "paper", "x": 0, "xanchor": "left", "y": place - 0.4, "yanchor": "middle"}
    return note(words, colour, align="left", **where)


def _range(rows: Sequence[Row]) -> list[float]:
    """Return a range that holds every interval; nothing is made to look larger than it is."""
    known = [row.accuracy for row in rows if row.accuracy is not None]
    low = min((a.low for a in known), default=0.0)
    high = max((a.high for a in known), default=1.0)
    return [max(-_ROOM, low - _ROOM), min(1 + _ROOM, high + _ROOM)]


def race_alt(rows: Sequence[Row]) -> str:
    """Return what the picture shows, in words."""
    told = [
        _("{strategy} {accuracy}").format(
            strategy=_(STRATEGIES[row.strategy]), accuracy=wording.percent_interval(row.accuracy)
        )
        for row in rows
        if row.accuracy is not None
    ]
    if not told:
        return _("Right answers of each strategy; nobody has been judged yet.")
    return _("Right answers of each strategy, with interval: {list}.").format(list="; ".join(told))


def race_table(rows: Sequence[Row]) -> pd.DataFrame:
    """Return the numbers of each competitor in words, in the order given."""
    columns = {
        _("strategy"): [_(STRATEGIES[row.strategy]) for row in rows],
        _("right on held-out"): [
            wording.percent_interval(row.accuracy) if row.accuracy else None for row in rows
        ],
        _("p against the first"): [
            None if row.p_vs_best is None else wording.number(row.p_vs_best) for row in rows
        ],
        _("training"): [wording.duration(row.seconds) if row.seconds else None for row in rows],
        _("parameters that learn"): [_count(row.trainable_parameters) for row in rows],
        _("weights"): [
            None if row.weight_bytes is None else wording.file_size(row.weight_bytes)
            for row in rows
        ],
        _("state"): [state_of(row) for row in rows],
    }
    return pd.DataFrame(columns)


def state_of(row: Row) -> str:
    """Return in words whether a competitor is still in the race."""
    if row.has_failed:
        return _("failed")
    if row.dropped:
        return _("out after round {n}").format(n=row.dropped)
    return _("in the race")


def _count(value: int | None) -> str | None:
    return None if value is None else wording.count(value)
