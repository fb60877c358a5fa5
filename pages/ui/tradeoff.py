"""Expected accuracy against time, one point per strategy: what more change would buy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

from pages.ui import curves, text
from tl_core import wording
from tl_core.advisor import Advice, Candidate, frontier
from tl_core.i18n import N_, _
from tl_core.report.theme import FONT_PX, WARM, Figure, Theme, axis, bold, layout, note, theme

HEIGHT = 286
"""Pixels, fixed."""

SHORT = {
    "linear_probe": N_("last layer"),
    "multi_stage_probe": N_("all depths"),
    "gradual_unfreezing": N_("thaw"),
    "lora": N_("LoRA"),
    "full_fine_tune": N_("full"),
    "from_scratch": N_("from scratch"),
}
"""Names short enough to stand beside a point on a phone."""

_APART = 0.09  # of the axis: points of like duration move that far apart, so that each is seen
_LEAST_SPAN = math.log10(8)  # the axis spans at least a factor of 8
_ROOM_BESIDE = (0.13, 0.14)  # of the axis, left and right, for names that stand over its ends
_ROOM_ABOVE = 0.17  # of the height, above and below, for names
_MOST_TICKS = 5
_TICKS = (1, 3, 10, 30, 60, 180, 600, 1800, 3600, 10_800, 36_000, 86_400, 259_200)  # seconds
_STEPS = (0.02, 0.05, 0.1, 0.2)  # of accuracy, between lines


def draw(advice: Advice) -> None:
    """Draw the picture of what each strategy promises and how long it takes."""
    curves.draw(partial(figure, advice), key="plan.tradeoff", alt=alt(advice))


def alt(advice: Advice) -> str:
    """Return what the picture shows, in words."""
    told = [
        _("{strategy} {accuracy} in {time}").format(
            strategy=text.strategy(c.strategy),
            accuracy=wording.percent_interval(c.accuracy),
            time=wording.duration(60 * c.minutes),
        )
        for c in _by_time(advice)
    ]
    best = ", ".join(text.strategy(c.strategy) for c in frontier(_by_time(advice)))
    return _(
        "Expected accuracy against time, quickest first: {list}. No other is both quicker and "
        "better than these: {best}."
    ).format(list="; ".join(told), best=best)


def figure(advice: Advice, *, dark: bool) -> Figure:
    """Return the picture: time on a logarithmic axis, accuracy with its interval."""
    colours = theme(dark=dark)
    shown = _by_time(advice)
    places = _apart([math.log10(60 * c.minutes) for c in shown])
    best = advice.recommendation.strategy
    left, right = _padded(places)
    low, high = _heights(shown)
    names = [
        _name(c, at, is_above=_is_above(n, c), is_best=c.strategy == best, colours=colours)
        for n, (c, at) in enumerate(zip(shown, places, strict=True))
    ]
    points = [
        _point(c, at, is_best=c.strategy == best, colours=colours)
        for c, at in zip(shown, places, strict=True)
    ]
    seconds, steps = _ticks(left, right), _lines(low, high)
    return {
        "data": points,
        "layout": layout(
            colours,
            height=HEIGHT,
            margin={"l": 44, "r": 4, "t": 40, "b": 40},
            hovermode="closest",
            xaxis=axis(
                colours,
                range=[left, right],
                fixedrange=True,
                tickvals=[math.log10(s) for s in seconds],
                ticktext=[_duration(s) for s in seconds],
                title={
                    "text": _("about how long it takes"),
                    "standoff": 6,
                    "font": {"size": FONT_PX},
                },
            ),
            yaxis=axis(
                colours,
                range=[low, high],
                fixedrange=True,
                tickvals=steps,
                ticktext=[wording.percent(step) for step in steps],
            ),
            annotations=[*names, _caption(colours)],
            shapes=[_line_of_best(shown, places, right, colours)],
        ),
    }


def _by_time(advice: Advice) -> list[Candidate]:
    """Return the candidates, the quickest first; of two alike the one that changes less."""
    order = list(SHORT)
    return sorted(advice.candidates, key=lambda c: (c.minutes, order.index(c.strategy)))


def _apart(logs: Sequence[float]) -> list[float]:
    """Move neighbours that would hide each other a little to the right; `logs` must not fall."""
    gap = _APART * max(logs[-1] - logs[0], _LEAST_SPAN)
    places: list[float] = []
    for at in logs:
        places.append(max(at, places[-1] + gap) if places else at)
    return places


def _padded(places: Sequence[float]) -> tuple[float, float]:
    span = max(places[-1] - places[0], _LEAST_SPAN)
    slack = (span - (places[-1] - places[0])) / 2
    before, after = _ROOM_BESIDE
    return places[0] - slack - before * span, places[-1] + slack + after * span


def _heights(shown: Sequence[Candidate]) -> tuple[float, float]:
    low = min(c.accuracy.low for c in shown)
    high = max(c.accuracy.high for c in shown)
    room = _ROOM_ABOVE * max(high - low, 0.1)
    return low - room, high + room


def _ticks(left: float, right: float) -> list[int]:
    """Return the durations to name on the axis, in seconds, few enough for a phone."""
    inside = [s for s in _TICKS if left < math.log10(s) < right]
    every = -(-len(inside) // _MOST_TICKS) or 1
    return inside[::every]


def _duration(seconds: int) -> str:
    if seconds < 60:
        return _("{number} s").format(number=seconds)
    if seconds < 3600:
        return _("{number} min").format(number=seconds // 60)
    return _("{number} h").format(number=seconds // 3600)


def _lines(low: float, high: float) -> list[float]:
    """Return the accuracies to name, at most six, none beyond 0 and 1."""
    step = next((s for s in _STEPS if (high - low) / s <= 6), _STEPS[-1])
    first, last = math.ceil(max(low, 0.0) / step), math.floor(min(high, 1.0) / step + 1e-9)
    return [round(step * n, 4) for n in range(first, last + 1)]


def _point(c: Candidate, at: float, *, is_best: bool, colours: Theme) -> dict[str, Any]:
    colour = WARM if is_best else colours.pale if c.strategy == "from_scratch" else colours.cool
    accuracy = c.accuracy
    words = _("{accuracy} in {time}").format(
        accuracy=wording.percent_interval(accuracy), time=wording.duration(60 * c.minutes)
    )
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [at],
        "y": [accuracy.value],
        "error_y": {
            "array": [accuracy.high - accuracy.value],
            "arrayminus": [accuracy.value - accuracy.low],
            "symmetric": False,
            "color": colour,
            "thickness": 3 if is_best else 1.8,
            "width": 0,
        },
        "marker": {
            "color": colour,
            "size": 14 if is_best else 10,
            "symbol": _symbol(c, is_best=is_best),
            "line": {"width": 2, "color": colour},
        },
        "hovertemplate": f"{bold(text.strategy(c.strategy))}<br>{words}<extra></extra>",
    }


def _symbol(c: Candidate, *, is_best: bool) -> str:
    """Return a filled mark for what was measured, a hollow one for what is only expected."""
    shape = "diamond" if is_best else "circle"
    return shape if c.known == "measured" else f"{shape}-open"


def _is_above(number: int, c: Candidate) -> bool:
    """Tell where a name stands: now below, now above, so that neighbours do not meet.

    The control is mostly the lowest of all; its name stands below, away from the others.
    """
    return bool(number % 2) and c.strategy != "from_scratch"


def _line_of_best(
    shown: Sequence[Candidate], places: Sequence[float], right: float, colours: Theme
) -> dict[str, Any]:
    """Return the steps through what no other beats: so much accuracy is to be had in that time."""
    best = frontier(shown)
    at = [place for c, place in zip(shown, places, strict=True) if c in best]
    steps = [f"H{x:.5f}V{c.accuracy.value:.5f}" for x, c in zip(at[1:], best[1:], strict=True)]
    return {
        "type": "path",
        "path": f"M{at[0]:.5f},{best[0].accuracy.value:.5f}{''.join(steps)}H{right:.5f}",
        "line": {"color": colours.soft, "width": 1.5, "dash": "dot"},
        "layer": "below",
    }


def _name(
    c: Candidate, at: float, *, is_above: bool, is_best: bool, colours: Theme
) -> dict[str, Any]:
    words = _(SHORT[c.strategy])
    side: dict[str, Any] = {"xanchor": "center"}
    if c.strategy == "multi_stage_probe":  # a longer name, with room above its left neighbour
        side = {"xanchor": "right", "xshift": 14}
    return note(
        bold(words) if is_best else words,
        colours.ink if is_best else colours.soft,
        x=at,
        y=c.accuracy.high if is_above else c.accuracy.low,
        yanchor="bottom" if is_above else "top",
        yshift=3 if is_above else -3,
        **side,
    )


def _caption(colours: Theme) -> dict[str, Any]:
    words = (
        _("accuracy: filled if measured, hollow if expected"),
        _("dotted line: none is both quicker and better"),
    )
    return note(
        "<br>".join(words),
        colours.soft,
        xref="paper",
        yref="paper",
        x=0,
        y=1,
        xanchor="left",
        yanchor="bottom",
        yshift=4,
        align="left",
    )
