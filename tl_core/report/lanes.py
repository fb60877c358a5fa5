"""A race as it goes: one lane for each strategy, its validation curve over seconds of training.

All lanes share both axes, so that one sees who stands higher, and who came there sooner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tl_core import wording
from tl_core.i18n import _
from tl_core.report import marks
from tl_core.report.marks import Fields, Piece, Point, between, number
from tl_core.report.race import Row, state_of
from tl_core.report.theme import FONT_PX, WARM, Figure, Theme, axis, bold, layout, note, theme
from tl_core.spec import STRATEGIES

_LANE_PX = 62
_NAME_PX = 24
"""Above each lane: who runs there, and how they stand."""
_TOP_PX, _BOTTOM_PX = 4, 40
_IN_SECONDS = 180.0  # longer races are told in minutes


@dataclass(frozen=True, slots=True)
class Lane:
    """One strategy of a race with its curve so far."""

    row: Row
    epochs: Sequence[Fields] = ()
    until: float | None = None
    """Seconds of training at which its turn in this round ends; None if it has none."""
    is_at_work: bool = False
    """Whether it trains at this moment."""
    best: int | None = None
    """Its best epoch, by which it is judged."""


def places(rows: Sequence[Row]) -> tuple[str, ...]:
    """Return the place of each so far: one more than there are who are clearly ahead.

    Clearly ahead is whose interval lies wholly above one's own. A place that several share is
    written with an equals sign, as in sports; who has not been judged has none.
    """
    known = [row.accuracy for row in rows]
    ranks = [
        None if own is None else 1 + sum(o is not None and o.low > own.high for o in known)
        for own in known
    ]
    return tuple(
        "" if rank is None else f"{rank}=" if ranks.count(rank) > 1 else str(rank) for rank in ranks
    )


def lanes_figure(lanes: Sequence[Lane], *, dark: bool) -> Figure:
    """Return one lane below the other, in the order given.

    A lane shows validation accuracy with its interval, a star at the best epoch, the end of the
    turn in this round as a dotted line, and a cross where its strategy dropped out.
    """
    colours = theme(dark=dark)
    unit, until = _time_axis(lanes)
    count = max(len(lanes), 1)
    whole = count * (_LANE_PX + _NAME_PX)
    title = _("seconds of training") if unit == 1 else _("minutes of training")
    shape: dict[str, Any] = {
        "xaxis": axis(
            colours,
            title={"text": title, "standoff": 4, "font": {"size": FONT_PX}},
            range=[-0.01 * until, 1.03 * until],
            uirevision=f"{unit:g}",
            anchor="y" if count == 1 else f"y{count}",
            showgrid=False,
            nticks=7,
        )
    }
    pieces: list[Piece] = []
    lines: list[Piece] = []
    names: list[Piece] = []
    standing = places([lane.row for lane in lanes])
    for number_of, (lane, place) in enumerate(zip(lanes, standing, strict=True)):
        key = f"y{number_of + 1}" if number_of else "y"
        top = 1 - (number_of * (_LANE_PX + _NAME_PX) + _NAME_PX) / whole
        shape[f"yaxis{key[1:]}"] = _lane_axis(top, whole, colours)
        pieces += _curve(lane, unit, key, colours)
        lines += _turn(lane, unit, key)
        names.append(_name(lane, place, top, colours))
    return {
        "data": pieces,
        "layout": layout(
            colours,
            height=whole + _TOP_PX + _BOTTOM_PX,
            margin={"l": 44, "r": 16, "t": _TOP_PX, "b": _BOTTOM_PX},
            hovermode="closest",
            shapes=lines,
            annotations=names,
            **shape,
        ),
    }


def _lane_axis(top: float, whole: int, colours: Theme) -> dict[str, Any]:
    return axis(
        colours,
        range=[0, 1.05],
        domain=[max(0.0, top - _LANE_PX / whole), top],
        tickvals=[0, 0.5, 1],
        tickformat=".0%",
        fixedrange=True,
    )


def _time_axis(lanes: Sequence[Lane]) -> tuple[float, float]:
    """Return how many seconds are drawn as 1, and where the axis ends."""
    ends = [_seconds(lane.epochs[-1]) for lane in lanes if lane.epochs]
    ends += [lane.until for lane in lanes if lane.until is not None]
    longest = max(ends, default=0.0) or 10.0
    unit = 60.0 if longest > _IN_SECONDS else 1.0
    return unit, longest / unit


def _seconds(epoch: Fields) -> float:
    return number(epoch, "seconds") or 0.0


def _points(lane: Lane, key: str, unit: float) -> list[Point]:
    told = [(_seconds(epoch) / unit, number(epoch, key)) for epoch in lane.epochs]
    return [(x, y) for x, y in told if y is not None]


def _curve(lane: Lane, unit: float, axis_key: str, colours: Theme) -> list[Piece]:
    """Return a lane's interval, its curve, and what it is doing at the end of it."""
    points = _points(lane, "val_accuracy", unit)
    if not points:
        # An axis without anything on it is not drawn, nor is what is anchored to it.
        return [{"type": "scatter", "x": [None], "y": [None], "yaxis": axis_key}]
    is_out = lane.row.dropped is not None or lane.row.has_failed
    ink = colours.pale if is_out else colours.cool
    band = between(_points(lane, "val_high", unit), _points(lane, "val_low", unit), colours.band)
    line: Piece = {
        "type": "scatter",
        "mode": "lines",
        "x": [x for x, _y in points],
        "y": [y for _x, y in points],
        "line": {"color": ink, "width": 2 if is_out else 3, "dash": "dash" if is_out else "solid"},
        "hovertemplate": "%{y:.1%}<extra></extra>",
    }
    symbol = "x" if is_out else "circle" if lane.is_at_work else "circle-open"
    end: Piece = {
        "type": "scatter",
        "mode": "markers",
        "x": [points[-1][0]],
        "y": [points[-1][1]],
        "marker": {"symbol": symbol, "size": 11, "color": ink, "line": {"width": 2, "color": ink}},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }
    stars = [
        marks.star((_seconds(epoch) / unit, value), colours)
        for epoch in lane.epochs
        if epoch["epoch"] == lane.best and (value := number(epoch, "val_accuracy")) is not None
    ]
    pieces = [band, line, end, *(piece for star in stars for piece in star)]
    return [piece | {"yaxis": axis_key} for piece in pieces]


def _turn(lane: Lane, unit: float, axis_key: str) -> list[Piece]:
    """Return the line at which the turn of this round ends."""
    if lane.until is None:
        return []
    at = lane.until / unit
    look = {"color": WARM, "width": 1.5, "dash": "dot"}
    return [
        {"type": "line", "x0": at, "x1": at, "yref": f"{axis_key} domain", "y0": 0, "y1": 1,
         "line": look}
    ]  # fmt: skip


def _name(lane: Lane, place: str, top: float, colours: Theme) -> Piece:
    """Write above a lane who runs there, and how they stand."""
    row = lane.row
    words = [f"{place}\u2002" if place else "", bold(_(STRATEGIES[row.strategy]))]
    words.append(wording.percent_interval(row.accuracy) if row.accuracy else _("not judged yet"))
    words.append(_standing(lane))
    is_out = row.dropped is not None or row.has_failed
    return note(
        "\u2002".join(filter(None, words)),
        colours.soft if is_out else colours.ink,
        xref="paper", x=0, xanchor="left", yref="paper", y=top, yanchor="bottom", yshift=2,
    )  # fmt: skip


def _standing(lane: Lane) -> str:
    """Say in two words what a strategy is doing, where that is not plain."""
    if lane.is_at_work:
        return _("trains now")
    return state_of(lane.row) if lane.row.dropped or lane.row.has_failed else ""


def lanes_alt(lanes: Sequence[Lane]) -> str:
    """Return what the lanes show, in words."""
    told = [
        _said(lane, place)
        for lane, place in zip(lanes, places([lane.row for lane in lanes]), strict=True)
    ]
    return " ".join([_("Right answers of each strategy over seconds of training."), *told])


def _said(lane: Lane, place: str) -> str:
    words = {"strategy": _(STRATEGIES[lane.row.strategy]), "place": place}
    if not lane.epochs or lane.row.accuracy is None:
        return _("{strategy}: not judged yet.").format(**words)
    words |= {
        "share": wording.percent_interval(lane.row.accuracy),
        "time": wording.duration(_seconds(lane.epochs[-1])),
        "state": _standing(lane) or state_of(lane.row),
    }
    return _("{strategy}: place {place} with {share} after {time}, {state}.").format(**words)


def lanes_table(lanes: Sequence[Lane]) -> pd.DataFrame:
    """Return every epoch of every lane as numbers, ready to sort; shares are in per cent."""
    rows = [
        [
            _(STRATEGIES[lane.row.strategy]),
            int(epoch["epoch"]),
            round(_seconds(epoch), 1),
            *(_percent(epoch, key) for key in ("val_accuracy", "val_low", "val_high")),
        ]
        for lane in lanes
        for epoch in lane.epochs
    ]
    columns = [
        _("strategy"),
        _("epoch"),
        _("seconds"),
        _("validation accuracy, %"),
        _("from, %"),
        _("to, %"),
    ]
    return pd.DataFrame(rows, columns=columns)


def _percent(epoch: Fields, key: str) -> float | None:
    value = number(epoch, key)
    return None if value is None else round(100 * value, 1)
