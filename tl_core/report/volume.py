"""How much more data would bring: the learning curve with its forecast, as a chart and in words."""

from __future__ import annotations

import math
from typing import Any

from tl_core import wording
from tl_core.i18n import _, ngettext
from tl_core.report.theme import Figure, Theme, axis, layout, note, theme
from tl_core.spec import Accuracy, Volume

HEIGHT = 280
_ROOM = 0.04  # of the axis above and below what is shown


def volume_figure(found: Volume, *, dark: bool) -> Figure:
    """Return the share right by number of examples, measured and foretold, with intervals.

    Args:
        found: the curve; forecasts are drawn dashed, if there are any.
        dark: True for a dark page.
    """
    colours = theme(dark=dark)
    last, base = found.sizes[-1], found.accuracies[-1].value
    ahead = [(last, base, base, base)] + [
        (round(last * f.times), base + f.gain, base + f.low, min(base + f.high, 1.0))
        for f in found.forecasts
    ]
    values = [v for a in found.accuracies for v in (a.low, a.high)]
    values += [v for foretold in ahead for v in foretold[2:]]
    room = _ROOM * (max(values) - min(values) + 0.02)
    low, high = max(min(values) - room, 0.0), min(max(values) + room, 1.0)
    xs = [f[0] for f in ahead]
    sizes = [*found.sizes, *(f[0] for f in ahead[1:])]
    traces = [
        *_band(list(found.sizes), found.accuracies, colours.band),
        _line(list(found.sizes), [a.value for a in found.accuracies], colours, dash="solid"),
    ]
    told = [_named(_("measured"), found.sizes[0], found.accuracies[0].value, colours)]
    if found.forecasts:
        traces += [
            *_fill(xs, [f[2] for f in ahead], [f[3] for f in ahead], colours.gap),
            _line(xs, [f[1] for f in ahead], colours, dash="dash"),
        ]
        told.append(_named(_("foretold"), ahead[-1][0], ahead[-1][1], colours, anchor="right"))
    return {
        "data": traces,
        "layout": layout(
            colours,
            height=HEIGHT,
            margin={"l": 52, "r": 24, "t": 26, "b": 44},
            annotations=told,
            xaxis=axis(
                colours,
                type="log",
                tickvals=sizes,
                ticktext=[wording.count(n) for n in sizes],
                title={"text": _("examples learned from")},
                fixedrange=True,
            ),
            yaxis=axis(colours, range=[low, high], tickformat=".0%", fixedrange=True, nticks=6),
        ),
    }


def _line(x: list[int], y: list[float], colours: Theme, *, dash: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": x,
        "y": y,
        "line": {"color": colours.cool, "width": 3, "dash": dash},
        "marker": {"size": 8, "symbol": "circle" if dash == "solid" else "circle-open"},
        "hovertemplate": "%{x}: %{y:.1%}<extra></extra>",
    }


def _band(x: list[int], accuracies: tuple[Accuracy, ...], fill: str) -> list[dict[str, Any]]:
    return _fill(x, [a.low for a in accuracies], [a.high for a in accuracies], fill)


def _fill(x: list[int], low: list[float], high: list[float], fill: str) -> list[dict[str, Any]]:
    edge = {"type": "scatter", "mode": "lines", "x": x, "line": {"width": 0}, "hoverinfo": "skip"}
    return [{**edge, "y": low}, {**edge, "y": high, "fill": "tonexty", "fillcolor": fill}]


def _named(
    text: str, x: int, y: float, colours: Theme, *, anchor: str = "left"
) -> dict[str, Any]:  # fmt: skip
    below = {"yanchor": "top", "yshift": -12}  # the curve rises: there is room below its ends
    return note(text, colours.soft, x=math.log10(x), y=y, xanchor=anchor, **below)


def volume_alt(found: Volume) -> str:
    """Return what the chart shows, in words."""
    first, last = found.accuracies[0], found.accuracies[-1]
    text = _("With {few} examples {low} are right, with {many} {high}.").format(
        few=wording.count(found.sizes[0]),
        low=wording.percent(first.value),
        many=wording.count(found.sizes[-1]),
        high=wording.percent(last.value),
    )
    return f"{text} {forecast_sentence(found)}"


def forecast_sentence(found: Volume) -> str:
    """Return what more of the same data would bring, or why that cannot be told."""
    if found.refused == "flat":
        return _("More of the same seems to help little: the curve hardly rises any more.")
    if not found.forecasts:
        return {
            "few": _("There are too few examples to tell what more would bring."),
        }.get(found.refused, _("The curve is too unsteady to tell what more would bring."))
    return " ".join(
        _("{times} times as many would bring about {gain} ({low} to {high}).").format(
            times=f"{f.times:g}",
            gain=wording.points(f.gain),
            low=_signed(f.low),
            high=_signed(f.high),
        )
        for f in found.forecasts
    )


def _signed(share: float) -> str:
    """Return a difference in points, without the word."""
    return wording.written(f"{100 * share:+.1f}".removesuffix(".0"))


def gains_sentence(found: Volume) -> str:
    """Return which classes the latest doubling has helped; empty if none beyond chance.

    Holds class names, which are untrusted text.
    """
    if not found.classes:
        return ""
    names = ", ".join(f"{g.name} ({_signed(g.gain)})" for g in found.classes)
    text = ngettext(
        "The latest doubling helped one class beyond chance, in points: {names}. More of it is "
        "likely to help most.",
        "The latest doubling helped these classes most, in points: {names}. More of them are "
        "likely to help most.",
        len(found.classes),
    )
    return text.format(names=names)
