"""The distance axis: near, middling and far, with landmarks and the person's own data."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from tl_core import wording
from tl_core.i18n import N_, _
from tl_core.report.theme import WARM, Figure, Theme, axis, bold, layout, note, theme
from tl_core.spec import Evidence

HEIGHT = 190
"""Pixels, fixed."""

_BANDS = (N_("near"), N_("middling"), N_("far"))
_DENSE = (0.28, 0.52, 0.85)
_BAR = (0.42, 0.52)  # of the height: the bar's lower and upper edge
_STEPS_UP = (14, 34, 54, 14, 34)  # pixels above the bar, so that neighbours do not touch


@dataclass(frozen=True, slots=True)
class Landmark:
    """A place on the axis that one can picture."""

    id: str
    late: float
    """Late shift in nats."""
    text: str


@dataclass(frozen=True, slots=True)
class Landmarks:
    """The places for one kind of data, and where near ends and far begins."""

    ends: tuple[float, float]
    """Ends of the axis in nats; what lies beyond stands at the end."""
    near_until: float
    far_from: float
    source: str
    landmark: tuple[Landmark, ...]


@cache
def landmarks(modality: str) -> Landmarks:
    """Return the places on the axis, near to far, for pictures or texts."""
    text = Path(__file__).with_name("landmarks.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)[modality]
    places = (Landmark(**entry) for entry in table.pop("landmark"))
    nearest_first = tuple(sorted(places, key=lambda place: place.late))
    left, right = table.pop("ends")
    return Landmarks(**table, ends=(left, right), landmark=nearest_first)


def distance_figure(evidence: Evidence, *, dark: bool) -> Figure:
    """Return the axis of late shift, on a logarithmic scale, with landmarks and the own place."""
    colours, known = theme(dark=dark), _known(evidence)
    left, right = known.ends
    borders = (left, known.near_until, known.far_from, right)
    places = _places(evidence)
    told = _band_names(borders, colours) + [
        _place_name(place, up, colours, known.ends)
        for place, up in zip(places, _STEPS_UP, strict=False)
    ]
    return {
        "data": [_dots(places, colours, known.ends), *_own_mark(evidence)],
        "layout": layout(
            colours,
            height=HEIGHT,
            margin={"l": 8, "r": 8, "t": 8, "b": 8},
            hovermode="closest",
            xaxis=axis(
                colours,
                type="log",
                range=[math.log10(left), math.log10(right)],
                visible=False,
                fixedrange=True,
            ),
            yaxis=axis(colours, range=[0, 1], visible=False, fixedrange=True),
            shapes=[
                _bar(a, b, colours.cool, dense)
                for (a, b), dense in zip(pairwise(borders), _DENSE, strict=True)
            ],
            annotations=told + _own_name(evidence, colours),
        ),
    }


def distance_sentence(evidence: Evidence, base_title: str) -> str:
    """Return how far the data lie from what a base knows, in one sentence.

    Of texts it says no more than was measured: they are compared with plain English, not with what
    the base has read.
    """
    if not evidence.knows_distance:
        words = _("How far your data lie from what {base} was trained on is not measured for this "
                  "kind of base; how well it tells your classes apart is.")  # fmt: skip
    elif evidence.reading:
        words = {
            "near": _("Near: to {base}, your texts look much like plain English."),
            "middling": _("Middling: to {base}, your texts look partly like plain English."),
            "far": _("Far: to {base}, your texts look unlike plain English."),
        }[evidence.distance]
    else:
        words = {
            "near": _("Near: your data look much like what {base} was trained on."),
            "middling": _("Middling: your data look partly like what {base} was trained on."),
            "far": _("Far: your data look unlike what {base} was trained on."),
        }[evidence.distance]
    return words.format(base=base_title)


def distance_alt(evidence: Evidence) -> str:
    """Return what the axis shows, in words."""
    word = _(evidence.distance)
    if evidence.shift is None:
        return _(
            "Your task is {distance}; this base has no statistics to measure its shift."
        ).format(distance=word)
    late = evidence.shift.late
    nearest = min(_places(evidence), key=lambda place: abs(math.log(place.late / max(late, 1e-4))))
    return _(
        "Your task is {distance}: late shift {late}, on an axis from near to far closest to "
        "{landmark} ({place})."
    ).format(
        distance=word,
        late=wording.number(late),
        landmark=_(nearest.text),
        place=wording.number(nearest.late),
    )


def _known(evidence: Evidence) -> Landmarks:
    """Return the places for the kind of data that was measured."""
    return landmarks("text" if evidence.reading else "picture")


def _places(evidence: Evidence) -> tuple[Landmark, ...]:
    """Return the landmarks; the base's own kind of data as measured for it, where known."""
    own = evidence.shift_expected
    places = (
        Landmark(p.id, own.late, p.text) if own and own.late > 0 and p.id == "source" else p
        for p in _known(evidence).landmark
    )
    return tuple(sorted(places, key=lambda place: place.late))


def _inside(late: float, ends: tuple[float, float]) -> float:
    return min(max(late, ends[0] * 1.06), ends[1] * 0.94)


def _side(at: float, ends: tuple[float, float]) -> str:
    """Return which side of a name is put on its place, so that it stays on the axis."""
    share = math.log(at / ends[0]) / math.log(ends[1] / ends[0])
    return "left" if share < 0.2 else "right" if share > 0.8 else "center"


def _bar(a: float, b: float, colour: str, dense: float) -> dict[str, Any]:
    return {
        "type": "rect",
        "x0": a,
        "x1": b,
        "y0": _BAR[0],
        "y1": _BAR[1],
        "fillcolor": colour,
        "opacity": dense,
        "line": {"width": 0},
        "layer": "below",
    }


def _band_names(borders: tuple[float, ...], colours: Theme) -> list[dict[str, Any]]:
    """Name near, middling and far below the bar; annotations of a log axis take the logarithm."""
    return [
        note(_(name), colours.soft, x=math.log10(math.sqrt(a * b)), y=_BAR[0], yshift=-13)
        for (a, b), name in zip(pairwise(borders), _BANDS, strict=True)
    ]


def _place_name(
    place: Landmark, up: int, colours: Theme, ends: tuple[float, float]
) -> dict[str, Any]:
    at = _inside(place.late, ends)
    name, side = _(place.text), _side(at, ends)
    return note(name, colours.soft, x=math.log10(at), y=_BAR[1], xanchor=side, yshift=up)


def _dots(
    places: tuple[Landmark, ...], colours: Theme, ends: tuple[float, float]
) -> dict[str, Any]:
    middle = sum(_BAR) / 2
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [_inside(place.late, ends) for place in places],
        "y": [middle] * len(places),
        "text": [_(place.text) for place in places],
        "customdata": [wording.number(place.late) for place in places],
        "marker": {"color": colours.ink, "size": 9},
        "hovertemplate": "%{text}: %{customdata}<extra></extra>",
    }


def _own_mark(evidence: Evidence) -> list[dict[str, Any]]:
    if evidence.shift is None:
        return []
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [_inside(evidence.shift.late, _known(evidence).ends)],
            "y": [_BAR[0] - 0.19],
            "marker": {"symbol": "triangle-up", "color": WARM, "size": 17},
            "hoverinfo": "skip",
        }
    ]


def _own_name(evidence: Evidence, colours: Theme) -> list[dict[str, Any]]:
    if evidence.shift is None:
        text = _("this base has no statistics to measure the shift")
        return [note(text, colours.soft, xref="paper", x=0.5, y=0.1)]
    ends = _known(evidence).ends
    at = _inside(evidence.shift.late, ends)
    side = _side(at, ends)
    late = wording.number(evidence.shift.late)
    text = bold(_("your data {value}").format(value=late))
    return [note(text, colours.ink, x=math.log10(at), y=0.07, xanchor=side, font={"size": 14.5})]
