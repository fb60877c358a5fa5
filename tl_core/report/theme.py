"""What all charts share: colours for light and dark, letters, margins, an empty layout.

Charts are plotly figures as plain JSON, so that nothing here needs plotly itself: a dict with
`data` and `layout`, which `plotly.graph_objects.Figure` accepts and `Plotly.react` draws.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import Any

from tl_core import wording

Figure = dict[str, Any]

WARM = "#D55E00"
UIREVISION = "keep"
"""Never changes, so that zoom, hover and hidden curves survive when data arrive."""

CLEAR = "rgba(0,0,0,0)"
FONT_PX = 12.5


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours on one background; told apart by colour-blind people too."""

    ink: str
    soft: str
    grid: str
    cool: str
    """Validation, and what is measured."""
    pale: str
    """Training, and what stands behind."""
    gap: str
    """Fill between the curves."""
    band: str
    """Fill of an interval."""


LIGHT = Theme(
    ink="#1c2430",
    soft="#5b6675",
    grid="#e3e8ee",
    cool="#0072B2",
    pale="#76808d",
    gap="rgba(213,94,0,0.10)",
    band="rgba(0,114,178,0.15)",
)
DARK = Theme(
    ink="#e8edf3",
    soft="#9aa7b6",
    grid="#2c3641",
    cool="#56B4E9",
    pale="#9aa7b6",
    gap="rgba(213,94,0,0.22)",
    band="rgba(86,180,233,0.22)",
)
_TICKS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_MOST_TICKS = 10


def theme(*, dark: bool) -> Theme:
    """Return the colours for a dark or a light page."""
    return DARK if dark else LIGHT


def layout(colours: Theme, *, height: int, **parts: Any) -> dict[str, Any]:
    """Return a layout that stands still: transparent, of fixed height, without legend."""
    return {
        "height": height,
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "font": {"color": colours.soft, "size": FONT_PX},
        "margin": {"l": 44, "r": 12, "t": 26, "b": 40},
        "showlegend": False,
        "uirevision": UIREVISION,
        "separators": wording.separators(),
        "hoverlabel": {"font": {"size": FONT_PX}},
        **parts,
    }


def axis(colours: Theme, **parts: Any) -> dict[str, Any]:
    """Return an axis with fine lines and no frame."""
    return {
        "gridcolor": colours.grid,
        "linecolor": colours.grid,
        "zeroline": False,
        "automargin": True,
        "ticks": "",
        **parts,
    }


def note(text: str, colour: str, **parts: Any) -> dict[str, Any]:
    """Return an annotation without an arrow; `text` may hold our own markup."""
    font = {"color": colour, "size": FONT_PX} | parts.pop("font", {})
    return {"text": text, "showarrow": False, "font": font, **parts}


def bold(text: str) -> str:
    """Return `text` in bold; it must be safe already."""
    return f"<b>{text}</b>"


def safe(text: str) -> str:
    """Return untrusted text so that plotly shows it as it is, markup included."""
    return escape(text, quote=False)


def tick(until: float) -> int:
    """Return after how many epochs to write a number, so that at most ten stand on an axis."""
    return next((tick for tick in _TICKS if until <= tick * _MOST_TICKS), _TICKS[-1])


def rounded_up(value: float) -> float:
    """Return the next of 1, 1.5, 2, 3, 4, 5, 7 times a power of ten, of a value above 0.

    An axis that ends there grows with its curve, and moves rarely.
    """
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 1.5, 2, 3, 4, 5, 7, 10) if value <= step * power)
