"""Forecasts against what came: each expected accuracy beside the one reached, and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from tl_core import wording
from tl_core.i18n import _, ngettext
from tl_core.report.theme import WARM, Figure, Theme, axis, bold, layout, note, safe, theme
from tl_core.spec import STRATEGIES, Outcome

HEIGHT = 420
"""Pixels, fixed; the plot is about square on a phone."""
MOST_DRAWN = 200
"""More points hide each other; the table has them all."""
MOST_NAMED = 3
"""Names beside points, of those furthest outside: more would meet on a phone."""

_ROOM = 0.02  # of accuracy, about what is shown
_APART = (0.35, 0.08)  # of the axes, across and upwards: nearer names would meet on a phone
_MOST_LETTERS = 18  # of a name beside a point


def forecasts_figure(
    outcomes: Sequence[Outcome], names: Mapping[str, str], *, dark: bool
) -> Figure:
    """Return expected (across, with its interval) against reached (upwards, with its own).

    A bar across that meets the diagonal has held. What held is a blue circle, what did not a
    diamond in orange; filled where the expectation was measured, with a cross where a leak was
    suspected.

    Args:
        outcomes: the newest first; at most MOST_DRAWN are drawn.
        names: what a dataset is called, by its id; untrusted.
        dark: True for a dark page.
    """
    colours = theme(dark=dark)
    shown = outcomes[:MOST_DRAWN]
    low, high = _range(shown)
    held = [o for o in shown if o.held]
    missed = [o for o in shown if not o.held]
    furthest = _furthest(missed, high - low)
    named = [_name(o, names, (low + high) / 2, colours) for o in furthest]
    ends: dict[str, Any] = {"range": [low, high], "tickformat": ".0%", "nticks": 6}
    return {
        "data": [
            _diagonal(low, high, colours),
            _points(held, names, colours.cool, "circle", colours),
            _points(missed, names, WARM, "diamond", colours),
        ],
        "layout": layout(
            colours,
            height=HEIGHT,
            margin={"l": 52, "r": 16, "t": 12, "b": 48},
            hovermode="closest",
            annotations=[*_sides(colours), *named],
            xaxis=axis(colours, title={"text": _("right, as expected")}, fixedrange=True, **ends),
            yaxis=axis(colours, title={"text": _("right, as reached")}, fixedrange=True, **ends),
        ),
    }


def _range(shown: Sequence[Outcome]) -> tuple[float, float]:
    """Return the ends of both axes: they hold every interval, and are the same."""
    values = [v for o in shown for v in (o.expected.low, o.expected.high)]
    values += [v for o in shown for v in (o.reached.low, o.reached.high)]
    low, high = min(values, default=0.0), max(values, default=1.0)
    return max(low - _ROOM, -_ROOM), min(high + _ROOM, 1 + _ROOM)


def _diagonal(low: float, high: float, colours: Theme) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [low, high],
        "y": [low, high],
        "line": {"color": colours.soft, "width": 1.5, "dash": "dash"},
        "hoverinfo": "skip",
    }


def _points(
    shown: Sequence[Outcome], names: Mapping[str, str], colour: str, shape: str, colours: Theme
) -> dict[str, Any]:
    across = {"type": "data", "symmetric": False, "color": colour, "thickness": 2.5, "width": 0}
    upwards = across | {"color": colours.pale, "thickness": 1}
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [o.expected.value for o in shown],
        "y": [o.reached.value for o in shown],
        "text": [_told(o, names) for o in shown],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {
            "size": 10,
            "color": colour,
            "symbol": [_symbol(o, shape) for o in shown],
            "line": {"width": 2, "color": colour},
        },
        "error_x": across
        | {
            "array": [o.expected.high - o.expected.value for o in shown],
            "arrayminus": [o.expected.value - o.expected.low for o in shown],
        },
        "error_y": upwards
        | {
            "array": [o.reached.high - o.reached.value for o in shown],
            "arrayminus": [o.reached.value - o.reached.low for o in shown],
        },
    }


def _told(o: Outcome, names: Mapping[str, str]) -> str:
    words = _("expected {expected}, reached {reached}").format(
        expected=wording.percent_interval(o.expected), reached=wording.percent_interval(o.reached)
    )
    leak = "<br>" + _("a leak was suspected") if o.blocked else ""
    name = f"{names.get(o.dataset, o.dataset)}, {strategy_of(o)}"
    return f"{bold(safe(name))}<br>{words}{leak}"


def _symbol(o: Outcome, shape: str) -> str:
    crossed = f"{shape}-x" if o.blocked else shape
    return crossed if o.known == "measured" else f"{crossed}-open"


def _furthest(missed: Sequence[Outcome], span: float) -> list[Outcome]:
    """Return those furthest outside their intervals, without any whose names would meet."""

    def outside(o: Outcome) -> float:
        return max(o.expected.low - o.reached.value, o.reached.value - o.expected.high)

    def meets(a: Outcome, b: Outcome) -> bool:
        across = abs(a.expected.value - b.expected.value) / span
        upwards = abs(a.reached.value - b.reached.value) / span
        return across < _APART[0] and upwards < _APART[1]

    chosen: list[Outcome] = []
    for o in sorted(missed, key=outside, reverse=True):
        if len(chosen) < MOST_NAMED and not any(meets(o, other) for other in chosen):
            chosen.append(o)
    return chosen


def _name(o: Outcome, names: Mapping[str, str], middle: float, colours: Theme) -> dict[str, Any]:
    """Name a point on the side of it where there is more room, away from the diagonal."""
    name = names.get(o.dataset, o.dataset)
    short = name if len(name) <= _MOST_LETTERS else f"{name[: _MOST_LETTERS - 1]}…"
    is_left, is_below = o.expected.value < middle, o.reached.value < o.expected.low
    return note(
        safe(short),
        colours.ink,
        x=o.expected.value,
        y=o.reached.value,
        xanchor="left" if is_left else "right",
        yanchor="top" if is_below else "bottom",
        xshift=6 if is_left else -6,
        yshift=-2 if is_below else 2,
    )


def _sides(colours: Theme) -> list[dict[str, Any]]:
    """Say what the diagonal means, and its two sides."""
    paper = {"xref": "paper", "yref": "paper"}
    more = note(_("reached more"), colours.soft, x=0.02, y=0.98, xanchor="left", **paper)
    less = note(_("reached less"), colours.soft, x=0.98, y=0.02, xanchor="right", **paper)
    same = note(_("as expected"), colours.soft, x=0.07, y=0.02, xanchor="left", **paper)
    ends = {"yanchor": "bottom"}
    return [more | {"yanchor": "top"}, less | ends, same | ends]


def forecasts_alt(outcomes: Sequence[Outcome]) -> str:
    """Return what the picture shows, in words."""
    held = sum(o.held for o in outcomes)
    text = ngettext(
        "Expected accuracy against what was reached, {n} run: {held} in its interval, {below} "
        "below, {above} above. The table has the numbers.",
        "Expected accuracy against what was reached, {n} runs: {held} in their intervals, {below} "
        "below, {above} above. The table has the numbers.",
        len(outcomes),
    )
    return text.format(
        n=wording.count(len(outcomes)),
        held=wording.count(held),
        below=wording.count(sum(o.reached.value < o.expected.low for o in outcomes)),
        above=wording.count(sum(o.reached.value > o.expected.high for o in outcomes)),
    )


def forecasts_table(outcomes: Sequence[Outcome], names: Mapping[str, str]) -> pd.DataFrame:
    """Return the numbers in words, in the order given; the run itself is not among them."""
    columns = {
        _("data"): [names.get(o.dataset, o.dataset) for o in outcomes],
        _("strategy"): [strategy_of(o) for o in outcomes],
        _("expected"): [wording.percent_interval(o.expected) for o in outcomes],
        _("rests on"): [
            _("measured before") if o.known == "measured" else _("a prior") for o in outcomes
        ],
        _("reached"): [wording.percent_interval(o.reached) for o in outcomes],
        _("on test examples"): [
            wording.percent_interval(o.test) if o.test else "" for o in outcomes
        ],
        _("interval"): [where(o) for o in outcomes],
        _("time expected"): [wording.duration(60 * o.expected_minutes) for o in outcomes],
        _("time taken"): [wording.duration(60 * o.minutes) for o in outcomes],
        _("remark"): [_("a leak was suspected") if o.blocked else "" for o in outcomes],
    }
    return pd.DataFrame(columns)


def strategy_of(o: Outcome) -> str:
    """Return the strategy as it is shown; one that this version does not know by its id."""
    return _(STRATEGIES.get(o.strategy, o.strategy))


def where(o: Outcome) -> str:
    """Return in a word whether an interval held, or on which side what was reached lies."""
    if o.held:
        return _("held")
    return _("below") if o.reached.value < o.expected.low else _("above")
