"""What a lesson shows, as a chart, in words and as a table: bars of shares, counts, or gains."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from tl_core import wording
from tl_core.i18n import N_, _
from tl_core.report.theme import FONT_PX, WARM, Figure, Theme, axis, layout, note, theme
from tl_core.spec import STRATEGIES, Accuracy

Bar = Mapping[str, Any]

NAMES = {
    "guessing": N_("always the most frequent class"),
    "pixels": N_("the bare pixels, no base"),
    "words": N_("words counted, no base"),
    "pretraining": N_("pretraining, inherited"),
    "set:ants_bees": N_("ants and bees"),
    "set:cifar10": N_("small photographs"),
    "set:sign_digits": N_("hand signs"),
    "set:magnetic_tile": N_("worn metal tiles"),
}
"""What stands at a bar, by its name; strategies have names of their own."""
WITHOUT_BASE = frozenset({"guessing", "pixels", "words", "from_scratch"})
"""Bars of what does without the base: hollow, so that colour is not needed to tell them apart."""

_BAR_PX, _REST_PX = 40, 84
_FIGURES = 3  # of a count: what is worth saying of it
_TENFOLD_BELOW = 10.0  # room on a logarithmic axis below the smallest bar


def bars_figure(kind: str, picture: Any, counts: str, *, dark: bool) -> Figure:
    """Return bars from top to bottom, each with its name above it, so that a phone has room too.

    Args:
        kind: `bars` (shares in [0, 1]), `counts` (above 0, on a logarithmic axis) or `gains`
            (differences of shares, with one `chosen`).
        picture: as `lessons.Scene` has it.
        counts: what the bars count, to stand below the axis.
        dark: True for a dark page.
    """
    colours, bars, chosen = theme(dark=dark), _bars(picture), _chosen(picture)
    return {
        "data": [_trace(bars, kind, chosen, colours)],
        "layout": layout(
            colours,
            height=_BAR_PX * len(bars) + _REST_PX,
            margin={"l": 8, "r": 60, "t": 8, "b": 54},
            bargap=0.55,
            xaxis=_scale(kind, bars, colours) | {"title": _title(counts)},
            yaxis=axis(
                colours,
                range=[len(bars) - 0.4, -0.95],
                visible=False,
                fixedrange=True,
            ),
            annotations=[_named(place, one, chosen, kind, bars, colours)
                         for place, one in enumerate(bars)],
        ),
    }  # fmt: skip


def bars_alt(kind: str, picture: Any) -> str:
    """Return what the bars show, in words."""
    said = [f"{name_of(one)}: {_value(kind, one)}" for one in _bars(picture)]
    return "; ".join(said) + "."


def bars_table(kind: str, picture: Any) -> pd.DataFrame:
    """Return the numbers behind the bars."""
    bars = _bars(picture)
    return pd.DataFrame(
        {_("what"): list(map(name_of, bars)), _("value"): [_value(kind, one) for one in bars]}
    )


def curves_table(picture: Mapping[str, Any]) -> pd.DataFrame:
    """Return the numbers behind the curves of a run."""
    return pd.DataFrame(
        {
            _("epoch"): [e["epoch"] for e in picture["epochs"]],
            _("training loss"): [_number(e.get("train_loss")) for e in picture["epochs"]],
            _("validation loss"): [_number(e.get("val_loss")) for e in picture["epochs"]],
            _("right"): [wording.percent(e["val_accuracy"]) for e in picture["epochs"]],
        }
    )


def name_of(one: Bar) -> str:
    """Return what stands at a bar."""
    name = str(one["name"])
    if name.startswith("stage:"):
        return _("stage {name}").format(name=name.removeprefix("stage:"))
    return _(STRATEGIES.get(name) or NAMES[name])


def _bars(picture: Any) -> Sequence[Bar]:
    bars: Sequence[Bar] = picture["bars"] if isinstance(picture, Mapping) else picture
    return bars


def _chosen(picture: Any) -> str:
    return str(picture.get("chosen", "")) if isinstance(picture, Mapping) else ""


def _number(value: float | None) -> str:
    return "–" if value is None else wording.number(value)


def _value(kind: str, one: Bar) -> str:
    value = float(one["value"])
    if kind == "counts":
        return wording.count(round(float(f"{value:.{_FIGURES}g}")))
    if kind == "gains":
        text = _("{value} ({low} to {high})")
        low, high = (wording.per_hundred(abs(one[k])) for k in ("low", "high"))
        signs = ["−" if one[k] < 0 else "" for k in ("low", "high")]
        return text.format(value=wording.points(value), low=signs[0] + low, high=signs[1] + high)
    if "n" in one:
        return wording.percent_interval(Accuracy(value, one["low"], one["high"], one["n"]))
    return wording.percent(value)


def _trace(bars: Sequence[Bar], kind: str, chosen: str, colours: Theme) -> dict[str, Any]:
    values = [float(one["value"]) for one in bars]
    hollow = [str(one["name"]) in WITHOUT_BASE for one in bars]
    tints = [WARM if one["name"] == chosen else colours.cool for one in bars]
    whiskers: dict[str, Any] = {}
    if kind != "counts":
        whiskers["error_x"] = {
            "type": "data",
            "symmetric": False,
            "array": [one.get("high", v) - v for one, v in zip(bars, values, strict=True)],
            "arrayminus": [v - one.get("low", v) for one, v in zip(bars, values, strict=True)],
            "color": colours.ink,
            "thickness": 1.5,
            "width": 5,
        }
    return {
        "type": "bar",
        "orientation": "h",
        "x": values,
        "y": list(range(len(bars))),
        "marker": {
            "color": ["rgba(0,0,0,0)" if h else t for h, t in zip(hollow, tints, strict=True)],
            "line": {"color": tints, "width": 2},
        },
        "hovertext": [f"{name_of(one)}: {_value(kind, one)}" for one in bars],
        "hoverinfo": "text",
        **whiskers,
    }


def _scale(kind: str, bars: Sequence[Bar], colours: Theme) -> dict[str, Any]:
    if kind == "counts":
        values = [float(one["value"]) for one in bars]
        ends = [math.log10(min(values) / _TENFOLD_BELOW), math.log10(max(values)) + 0.2]
        return axis(colours, type="log", range=ends, fixedrange=True, dtick=2, exponentformat="SI")
    if kind == "gains":
        ends = [min(0.0, *(one["low"] for one in bars)), max(one["high"] for one in bars)]
        wide = 0.04 * (ends[1] - ends[0])
        parts: dict[str, Any] = {"tickformat": "+.0%", "range": [ends[0] - wide, ends[1] + wide]}
        zero = {"zeroline": True, "zerolinewidth": 2, "zerolinecolor": colours.soft}
        return axis(colours, fixedrange=True, **parts) | zero
    return axis(colours, range=[0, 1.02], tickformat=".0%", dtick=0.25, fixedrange=True)


def _title(text: str) -> dict[str, Any]:
    return {"text": text, "font": {"size": FONT_PX}, "standoff": 8}


def _named(
    place: int, one: Bar, chosen: str, kind: str, bars: Sequence[Bar], colours: Theme
) -> dict[str, Any]:
    text = f"{name_of(one)}: {_value(kind, one)}"
    return note(
        f"<b>{text}</b>" if one["name"] == chosen else text,
        colours.ink,
        x=0,
        xref="paper",
        xanchor="left",
        y=place - 0.52,
        yanchor="middle",
    )
