"""Curves of several runs on the same axes, by epoch or by time.

Each run has a letter, and a colour, a dash and a mark of its own, so that none is known by colour
alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from tl_core.i18n import _
from tl_core.report.marks import Piece, between, number
from tl_core.report.overlay_scale import MOST, SHOWN, Curve, Scale, View, points_of, scale_of
from tl_core.report.theme import FONT_PX, Figure, Theme, axis, layout, note, safe, theme, tick

HEIGHT = 460
_BELOW_PX = 84  # the axis, and two rows of the legend on a phone
_LIGHT = ("#0072B2", "#D55E00", "#007A5A", "#A8558A", "#8F6200", "#3A3F47", "#2E8FC4", "#7A1F1F")
_DARK = ("#56B4E9", "#E69F00", "#2CC49A", "#E59BC6", "#F0E442", "#FFFFFF", "#9FB8FF", "#FF8A70")
"""After Okabe and Ito, darkened or lightened until lines stand out from the page (3 to 1)."""
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "solid", "dash")
_MARKS = (
    "circle", "square", "diamond", "triangle-up", "x", "cross", "triangle-down", "pentagon"
)  # fmt: skip
_MARKS_SHOWN = 9  # on one curve; one on each epoch would hide the dashes
_MOST_BANDS = 2  # more bands lie over one another
_APART = 0.045  # of the plot's height, between letters at the curves' ends


def overlay_figure(curves: Sequence[Curve], view: View, *, dark: bool) -> Figure:
    """Return the curves of several runs over one another.

    The best epoch of each is starred. Validation accuracy has its 95 % interval: as a band where
    at most two are drawn, else as a bar at the star.
    """
    colours = theme(dark=dark)
    scale = scale_of(curves, view)
    ends = _ends(curves, view, scale)
    lines = [
        piece
        for place, curve in enumerate(curves)
        for piece in _lines(curve, place, view, scale, dark=dark)
    ]
    stars = [
        piece
        for place, curve in enumerate(curves)
        for piece in _star(curve, place, view, scale, with_bar=len(curves) > _MOST_BANDS, dark=dark)
    ]
    letters = [
        _letter(curve, place, ends[curve.run], dark=dark)
        for place, curve in enumerate(curves)
        if curve.run in ends
    ]
    return {
        "data": [*_bands(curves, view, scale, dark=dark), *lines, *stars, *letters],
        "layout": layout(
            colours,
            height=HEIGHT,
            margin={"l": 48, "r": 24, "t": 34, "b": _BELOW_PX},
            hovermode="closest",
            showlegend=len(curves) > 1,
            legend={  # below: at the top plotly lays its tools over it
                "orientation": "h", "x": 0, "xanchor": "left",
                "yref": "container", "y": 0, "yanchor": "bottom",
                "itemwidth": 44, "font": {"color": colours.ink, "size": FONT_PX},
                "bgcolor": "rgba(0,0,0,0)",
            },
            xaxis=_x_axis(view, scale, colours),
            yaxis=_y_axis(view, scale, colours),
            annotations=_said_inside(curves, view, colours),
        ),
    }  # fmt: skip


def _x_axis(view: View, scale: Scale, colours: Theme) -> dict[str, Any]:
    title = _("epoch")
    if view.by == "time":
        title = _("seconds of training") if scale.unit == 1 else _("minutes of training")
    return axis(
        colours,
        title={"text": title, "standoff": 4, "font": {"size": FONT_PX}},
        range=[-0.02 * scale.until, 1.04 * scale.until],
        uirevision=f"{view.by}.{scale.unit:g}",  # a zoom in epochs says nothing about minutes
        showgrid=False,
        **(
            {"tickformat": "d", "dtick": tick(scale.until)} if view.by == "epoch" else {"nticks": 9}
        ),
    )


def _y_axis(view: View, scale: Scale, colours: Theme) -> dict[str, Any]:
    percent = {"tickformat": ".0%", "dtick": 0.25} if view.measure == "accuracy" else {}
    return axis(colours, range=[0, scale.top], nticks=6, uirevision=view.measure, **percent)


def _lines(curve: Curve, place: int, view: View, scale: Scale, *, dark: bool) -> list[Piece]:
    """Return the lines of one run."""
    return [
        _line(curve, place, key, view, scale, is_first=not number_of, dark=dark)
        for number_of, key in enumerate(view.keys)
    ]


def _colour(place: int, *, dark: bool) -> str:
    """Return the colour of the run at a place."""
    return (_DARK if dark else _LIGHT)[place % MOST]


def _line(
    curve: Curve, place: int, key: str, view: View, scale: Scale, *, is_first: bool, dark: bool
) -> Piece:
    told = points_of(curve, key, view, scale.unit)
    ink = _colour(place, dark=dark)
    digits = ".1%" if view.measure == "accuracy" else ".3f"
    kind = _(SHOWN["validation"] if key.startswith("val") else SHOWN["training"])
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "uid": f"{curve.run}.{key}",
        "name": curve.letter,
        "legendgroup": curve.run,
        "showlegend": is_first,
        "x": [x for x, _y, _e in told],
        "y": [y for _x_at, y, _e in told],
        "customdata": [int(e["epoch"]) for _x_at, _y, e in told],
        "line": {"color": ink, "width": 3 if is_first else 1.5, "dash": _DASHES[place % MOST]},
        "opacity": 1.0 if is_first else 0.7,
        "marker": {
            "color": ink, "size": 7 if is_first else 4, "symbol": _MARKS[place % MOST],
            "maxdisplayed": _MARKS_SHOWN,
        },
        "hovertemplate": f"%{{y:{digits}}}, "
        + safe(_("epoch {n}").format(n="%{customdata}"))
        + f"<br>{safe(kind)}<extra>{curve.letter} {safe(curve.name)}</extra>",
    }  # fmt: skip


def _star(
    curve: Curve, place: int, view: View, scale: Scale, *, with_bar: bool, dark: bool
) -> list[Piece]:
    """Return the star at the best epoch, on the validation curve; `with_bar` of its interval."""
    key = f"val_{view.measure}"
    if curve.best is None or key not in view.keys:
        return []
    found = [p for p in points_of(curve, key, view, scale.unit)
             if int(p[2]["epoch"]) == int(curve.best["epoch"])]  # fmt: skip
    if not found:
        return []
    x, y, epoch = found[0]
    piece: Piece = {
        "type": "scatter",
        "mode": "markers",
        "uid": f"{curve.run}.best",
        "legendgroup": curve.run,
        "showlegend": False,
        "x": [x],
        "y": [y],
        "marker": {
            "symbol": "star", "size": 14, "color": _colour(place, dark=dark),
            "line": {"color": theme(dark=dark).ink, "width": 1},
        },
        "hoverinfo": "skip",
    }  # fmt: skip
    low, high = number(epoch, "val_low"), number(epoch, "val_high")
    if with_bar and view.measure == "accuracy" and low is not None and high is not None:
        piece["error_y"] = {
            "type": "data", "symmetric": False, "array": [high - y], "arrayminus": [y - low],
            "color": _colour(place, dark=dark), "thickness": 1.5, "width": 5,
        }  # fmt: skip
    return [piece]


def _bands(curves: Sequence[Curve], view: View, scale: Scale, *, dark: bool) -> list[Piece]:
    """Return the intervals of validation accuracy as bands, where few curves are drawn."""
    if len(curves) > _MOST_BANDS or view.measure != "accuracy" or view.shown == "training":
        return []
    pieces = []
    for place, curve in enumerate(curves):
        ends = [
            [(x, y) for x, y, _e in points_of(curve, key, view, scale.unit)]
            for key in ("val_high", "val_low")
        ]
        fill = _faint(_colour(place, dark=dark), 0.2 if dark else 0.13)
        piece = between(ends[0], ends[1], fill)
        pieces.append(piece | {"uid": f"{curve.run}.band", "legendgroup": curve.run})
    return pieces


def _faint(ink: str, share: float) -> str:
    red, green, blue = (int(ink[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share})"


def _ends(curves: Sequence[Curve], view: View, scale: Scale) -> dict[str, tuple[float, float]]:
    """Return where each letter stands: at the end of its curve, moved up from those below it."""
    told = {c.run: points_of(c, view.keys[0], view, scale.unit) for c in curves}
    ends = {run: (points[-1][0], points[-1][1]) for run, points in told.items() if points}
    placed: dict[str, tuple[float, float]] = {}
    for run, (x, y) in sorted(ends.items(), key=lambda end: end[1][1]):
        near = [at for at in placed.values() if abs(at[0] - x) < 0.03 * scale.until]
        floor = max((at[1] for at in near), default=-math.inf) + _APART * scale.top
        placed[run] = (x, max(y, floor))
    return placed


def _letter(curve: Curve, place: int, at: tuple[float, float], *, dark: bool) -> Piece:
    """Return the letter at the end of a curve, part of its legend entry so that it hides too."""
    return {
        "type": "scatter",
        "mode": "text",
        "uid": f"{curve.run}.letter",
        "legendgroup": curve.run,
        "showlegend": False,
        "x": [at[0]],
        "y": [at[1]],
        "text": [f"\u2002<b>{curve.letter}</b>"],
        "textposition": "middle right",
        "textfont": {"color": _colour(place, dark=dark), "size": FONT_PX + 1.5},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _said_inside(curves: Sequence[Curve], view: View, colours: Theme) -> list[Piece]:
    words = {
        "accuracy": _("right answers, with interval at the best"),
        "loss": _("loss, lower is better"),
    }[view.measure]
    if view.measure == "accuracy" and len(curves) <= _MOST_BANDS:
        words = _("right answers, with interval")
    place = {"xref": "paper", "yref": "paper", "yanchor": "middle"}
    told = [note(words, colours.soft, x=0, y=1, yshift=18, xanchor="left", **place)]
    if not any(curve.epochs for curve in curves):
        text = _("The curves begin with the first epoch.")
        told.append(note(text, colours.soft, x=0.5, y=0.5, **place))
    return told
