"""What transfer has brought, as pictures: by number of labels, and as both ways learn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from tl_core import wording
from tl_core.benefits import SCRATCH, TRANSFERRED, Benefit, Level, Part, faster
from tl_core.i18n import _
from tl_core.report.theme import WARM, Figure, Theme, axis, layout, note, theme

HEIGHT = 320
"""Pixels, fixed; it may stand beside another on a wide page and below it on a phone."""
_ROOM = 0.03  # of accuracy, beside the outermost intervals

MARKS = {TRANSFERRED: ("circle", "solid"), SCRATCH: ("diamond", "dash")}
_FILL = {SCRATCH: "rgba(213,94,0,0.14)"}


def way_name(way: str) -> str:
    """Return what a way is called on screen."""
    return _("transferred") if way == TRANSFERRED else _("from scratch")


def labels_figure(found: Benefit, *, dark: bool) -> Figure:
    """Return the share right by number of labels for both ways, with intervals and every draw."""
    colours = theme(dark=dark)
    traces: list[dict[str, Any]] = []
    named: list[dict[str, Any]] = []
    for way in (SCRATCH, TRANSFERRED):
        if levels := found.of(way):
            traces += _curve(way, levels, colours)
            named.append(_end(way, levels, found, colours))
    values = [v for one in found.levels for v in (one.accuracy.low, one.accuracy.high, *one.each)]
    return {
        "data": traces,
        "layout": layout(
            colours,
            height=HEIGHT,
            margin={"l": 48, "r": 96, "t": 26, "b": 46},
            hovermode="closest",
            annotations=[_title(_("right answers, with interval"), colours), *named],
            xaxis=axis(
                colours,
                type="log",
                range=[math.log10(0.9 * found.sizes[0]), math.log10(1.05 * found.sizes[-1])],
                tickvals=list(found.sizes),
                ticktext=[wording.count(n) for n in found.sizes],
                title={"text": _("labels learned from")},
                fixedrange=True,
            ),
            yaxis=shares_axis(values, colours),
        ),
    }


def _curve(way: str, levels: Sequence[Level], colours: Theme) -> list[dict[str, Any]]:
    """Return band, line and single draws of a way."""
    xs = [one.n for one in levels]
    edge = {"type": "scatter", "mode": "lines", "x": xs, "line": {"width": 0}, "hoverinfo": "skip"}
    symbol, dash = MARKS[way]
    colour = colour_of(way, colours)
    told = [_point(way, one) for one in levels]
    return [
        {**edge, "y": [one.accuracy.low for one in levels]},
        {
            **edge,
            "y": [one.accuracy.high for one in levels],
            "fill": "tonexty",
            "fillcolor": _FILL.get(way, colours.band),
        },
        {
            "type": "scatter",
            "mode": "markers",
            "x": [one.n for one in levels for _draw in one.each],
            "y": [share for one in levels for share in one.each],
            "marker": {"size": 5, "color": colour, "symbol": f"{symbol}-open", "opacity": 0.7},
            "hoverinfo": "skip",
        },
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": xs,
            "y": [one.accuracy.value for one in levels],
            "text": told,
            "hovertemplate": "%{text}<extra></extra>",
            "line": {"color": colour, "width": 3, "dash": dash},
            "marker": {"size": 9, "symbol": symbol, "color": colour},
        },
    ]


def _point(way: str, one: Level) -> str:
    words = _("{way}, {n} labels: {share}").format(
        way=way_name(way), n=wording.count(one.n), share=wording.percent_interval(one.accuracy)
    )
    cut = _("stopped by its share of the time")
    return f"{words}<br>{cut}" if one.cut else words


def _end(way: str, levels: Sequence[Level], found: Benefit, colours: Theme) -> dict[str, Any]:
    """Name a curve at its right end, kept apart from the other one."""
    last = levels[-1]
    rival = found.of(SCRATCH if way == TRANSFERRED else TRANSFERRED)
    is_above = not rival or last.accuracy.value >= rival[-1].accuracy.value
    return note(
        way_name(way),
        colour_of(way, colours),
        x=math.log10(last.n),
        y=last.accuracy.value,
        xanchor="left",
        xshift=10,
        yanchor="bottom" if is_above else "top",
        yshift=-6 if is_above else 6,
    )


def colour_of(way: str, colours: Theme) -> str:
    """Return the colour of a way; its line and its marks differ in shape too."""
    return colours.cool if way == TRANSFERRED else WARM


def _title(words: str, colours: Theme) -> dict[str, Any]:
    place = {"xref": "paper", "yref": "paper", "x": 0, "y": 1, "yshift": 16, "xanchor": "left"}
    return note(words, colours.soft, yanchor="middle", **place)


def shares_axis(values: Sequence[float], colours: Theme) -> dict[str, Any]:
    """Return an axis of shares that holds all values, with a little room."""
    low, high = min(values, default=0.0) - _ROOM, max(values, default=1.0) + _ROOM
    ends = [max(-_ROOM, low), min(1 + _ROOM, high)]
    return axis(colours, range=ends, tickformat=".0%", nticks=6, fixedrange=True)


def labels_alt(found: Benefit) -> str:
    """Return what the picture of labels shows, in words."""
    told = []
    for way in (TRANSFERRED, SCRATCH):
        if levels := found.of(way):
            first, last = levels[0], levels[-1]
            words = _("{way}: {low} right with {few} labels, {high} with {many}")
            told.append(
                words.format(
                    way=way_name(way),
                    low=wording.percent_interval(first.accuracy),
                    few=wording.count(first.n),
                    high=wording.percent_interval(last.accuracy),
                    many=wording.count(last.n),
                )
            )
    if not told:
        return _("Right answers by number of labels; nothing has been measured yet.")
    return _("Right answers by number of labels. {list}.").format(list="; ".join(told))


def pace_figure(found: Benefit, *, by_seconds: bool, dark: bool) -> Figure:
    """Return the share right as both ways learn from all labels, by epoch or by second."""
    colours = theme(dark=dark)
    parts = [p for p in map(found.whole, (SCRATCH, TRANSFERRED)) if p and p.curve]
    both = faster(found)
    traces = [_line(part, by_seconds, colours) for part in parts]
    named = [_line_name(part, parts, by_seconds, colours) for part in parts]
    if both is not None:
        traces.append(_target(parts, both.accuracy, by_seconds, colours))
    values = [tick.accuracy for part in parts for tick in part.curve]
    most = max((_x(part.curve[-1], by_seconds) for part in parts), default=1.0)
    return {
        "data": traces,
        "layout": layout(
            colours,
            height=HEIGHT,
            margin={"l": 48, "r": 96, "t": 26, "b": 46},
            hovermode="closest",
            annotations=[_title(_("right answers, all labels"), colours), *named],
            xaxis=axis(
                colours,
                range=[-0.02 * most, 1.02 * most],
                title={"text": _("seconds") if by_seconds else _("epoch")},
                fixedrange=True,
                nticks=8,
            ),
            yaxis=shares_axis(values, colours),
        ),
    }


def _x(tick: Any, by_seconds: bool) -> float:
    return float(tick.seconds if by_seconds else tick.epoch)


def _line(part: Part, by_seconds: bool, colours: Theme) -> dict[str, Any]:
    symbol, dash = MARKS[part.way]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [_x(tick, by_seconds) for tick in part.curve],
        "y": [tick.accuracy for tick in part.curve],
        "line": {"color": colour_of(part.way, colours), "width": 3, "dash": dash},
        "marker": {"size": 5, "symbol": symbol, "color": colour_of(part.way, colours)},
        "hovertemplate": "%{x:.3~g}: %{y:.1%}<extra></extra>",
    }


def _line_name(
    part: Part, parts: Sequence[Part], by_seconds: bool, colours: Theme
) -> dict[str, Any]:
    last = part.curve[-1]
    rivals = [p.curve[-1].accuracy for p in parts if p is not part]
    is_above = all(last.accuracy >= rival for rival in rivals)
    return note(
        way_name(part.way),
        colour_of(part.way, colours),
        x=_x(last, by_seconds),
        y=last.accuracy,
        xanchor="left",
        xshift=8,
        yanchor="bottom" if is_above else "top",
        yshift=-6 if is_above else 6,
    )


def _target(
    parts: Sequence[Part], accuracy: float, by_seconds: bool, colours: Theme
) -> dict[str, Any]:
    most = max(_x(part.curve[-1], by_seconds) for part in parts)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [0, most],
        "y": [accuracy, accuracy],
        "line": {"color": colours.soft, "width": 1.5, "dash": "dot"},
        "hoverinfo": "skip",
    }


def labels_table(found: Benefit) -> pd.DataFrame:
    """Return the numbers behind the picture of labels, in words."""
    ways = {way: {one.n: one for one in found.of(way)} for way in (TRANSFERRED, SCRATCH)}
    columns: dict[str, list[str]] = {_("labels"): [wording.count(n) for n in found.sizes]}
    for way, levels in ways.items():
        columns[way_name(way)] = [
            wording.percent_interval(levels[n].accuracy) if n in levels else "–"
            for n in found.sizes
        ]
        draws = _("draws, {way}").format(way=way_name(way))
        columns[draws] = [
            ", ".join(wording.percent(share) for share in levels[n].each) if n in levels else "–"
            for n in found.sizes
        ]
    return pd.DataFrame(columns)
