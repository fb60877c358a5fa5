"""What each way and each base comes to with all labels: as a picture, in words and as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from tl_core import wording
from tl_core.benefits import SCRATCH, TRANSFERRED, Benefit, Part
from tl_core.i18n import _
from tl_core.report.benefit import MARKS, colour_of, shares_axis
from tl_core.report.theme import Figure, Theme, axis, bold, layout, note, safe, theme

_ROW_PX, _FRAME_PX = 46, 44
"""A name above, its interval below."""


def ceiling_figure(found: Benefit, names: Mapping[str, str], *, dark: bool) -> Figure:
    """Return what each way and each base comes to with all labels, one below the other."""
    colours = theme(dark=dark)
    parts = whole_parts(found)
    values = [v for part in parts for v in (part.accuracy.low, part.accuracy.high)]
    told = [_row_name(place, part, names, colours) for place, part in enumerate(parts)]
    inks = [colour_of(part.way, colours) for part in parts]
    scale = shares_axis(values, colours)
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "markers",
                "x": [part.accuracy.value],
                "y": [place],
                "text": [wording.percent_interval(part.accuracy)],
                "hovertemplate": "%{text}<extra></extra>",
                "marker": {"size": 11, "color": ink, "symbol": MARKS[part.way][0]},
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": [part.accuracy.high - part.accuracy.value],
                    "arrayminus": [part.accuracy.value - part.accuracy.low],
                    "color": ink,
                    "thickness": 1.75,
                    "width": 5,
                },
            }
            for place, (part, ink) in enumerate(zip(parts, inks, strict=True))
        ],
        "layout": layout(
            colours,
            height=_FRAME_PX + _ROW_PX * max(len(parts), 1),
            margin={"l": 12, "r": 16, "t": 6, "b": 32},
            hovermode="closest",
            annotations=told,
            xaxis=scale,
            yaxis=axis(
                colours,
                range=[max(len(parts), 1) - 0.3, -0.7],
                showticklabels=False,
                showgrid=False,
                fixedrange=True,
            ),
        ),
    }


def whole_parts(found: Benefit) -> tuple[Part, ...]:
    """Return the trainings with all labels: transferred, from scratch, then other bases."""
    own = (found.whole(TRANSFERRED), found.whole(SCRATCH))
    return (*(part for part in own if part is not None), *found.others())


def part_name(part: Part, names: Mapping[str, str]) -> str:
    """Return what a training with all labels is called; holds untrusted text."""
    if part.way == SCRATCH:
        return _("from scratch")
    return _("transferred from {base}").format(base=names.get(part.base, part.base))


def _row_name(
    place: int, part: Part, names: Mapping[str, str], colours: Theme
) -> dict[str, Any]:  # fmt: skip
    words = f"{bold(safe(part_name(part, names)))}  {wording.percent_interval(part.accuracy)}"
    where = {"xref": "paper", "x": 0, "xanchor": "left", "y": place - 0.4, "yanchor": "middle"}
    return note(words, colours.ink, align="left", **where)


def ceiling_alt(found: Benefit, names: Mapping[str, str]) -> str:
    """Return what the picture of the ceilings shows, in words."""
    told = [
        f"{part_name(part, names)} {wording.percent_interval(part.accuracy)}"
        for part in whole_parts(found)
    ]
    if not told:
        return _("Right answers with all labels; nothing has been measured yet.")
    return _("Right answers with all labels: {list}.").format(list="; ".join(told))


def ceiling_table(found: Benefit, names: Mapping[str, str]) -> pd.DataFrame:
    """Return the numbers of the trainings with all labels, in words."""
    parts = whole_parts(found)
    tests = [found.against(part.way, part.base) for part in parts]
    return pd.DataFrame(
        {
            _("what"): [part_name(part, names) for part in parts],
            _("right on held-out"): [wording.percent_interval(p.accuracy) for p in parts],
            _("p against transferred"): [wording.number(t.p) if t else "–" for t in tests],
            _("best epoch"): [wording.count(part.best_epoch) for part in parts],
            _("took"): [wording.duration(part.seconds) for part in parts],
            _("ended"): [
                _("its share of the time was up") if part.cut else _("by itself") for part in parts
            ],
        }
    )
