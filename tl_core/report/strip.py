"""The strip: a network as a row of stages, early to late, frozen ones cool and thawed ones warm.

Positions are in per cent and letters in pixels, so that the strip is as wide as its place and
its words stay readable on a phone. State is told thrice: by colour, by hatch and in words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import accumulate
from typing import Literal

from tl_core.i18n import _
from tl_core.spec import WORDS

State = Literal["frozen", "thawed", "head"]

COOL, WARM, HEAD = "#0072B2", "#D55E00", "#E69F00"
"""Okabe and Ito's colours, told apart by colour-blind people too."""

_INK = {"frozen": "#ffffff", "thawed": "#111111", "head": "#111111"}
"""The ink that reads best on each: contrast at least 4.8 to 1."""

_FILL = {"thawed": WARM, "head": HEAD}
_MIN_SHARE = 10.5  # per cent of the width: on a phone just enough for a short word
_HEAD_SHARE = 11.0
_GAP = 0.8  # per cent
_GROWTH = 0.35  # where no costs are told, each stage is so much wider than the one before
_TOP, _TALL = 20, 46  # pixels
_LABEL = "font-weight:600;font-size:clamp(11px,2.9vw,14px)"
_NOTE = "font-weight:400;font-size:clamp(9.5px,2.5vw,12.5px)"
_WRAP_OVER = 8  # letters: a longer note is broken into two lines


@dataclass(frozen=True, slots=True)
class StripCell:
    """One stage of the strip."""

    name: str
    label: str
    """What stands in it: its name, or a measured value."""
    state: State
    note: str = ""
    """What stands below it, such as `since epoch 5`."""
    share: float = 0.0
    """Share of the cost of a forward pass, in [0, 1]; its width follows. 0: unknown."""


def strip_svg(stages: Sequence[StripCell], *, alt: str) -> str:
    """Return the strip as inline SVG; it takes the colour of the text around it.

    Args:
        stages: early to late, the head last. Names and notes may be untrusted text.
        alt: what the strip shows, in one sentence.
    """
    hatch = f"hatch-{hashlib.sha256(repr(stages).encode()).hexdigest()[:8]}"
    tall = _TOP + _TALL + (38 if any(cell.note for cell in stages) else 4)
    pieces = [_captions(reads_texts=bool(stages) and stages[0].name == WORDS)]
    for cell, (left, width) in zip(stages, _places(stages), strict=True):
        pieces.append(_cell(cell, left, width, hatch))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(alt)}" '
        f'width="100%" height="{tall}" style="width:100%;height:{tall}px;display:block">'
        f"<title>{escape(alt)}</title>{hatching(hatch)}{''.join(pieces)}</svg>"
    )


def hatching(hatch: str) -> str:
    """Return the fill of what is frozen, by this id: cool, with fine slanted lines."""
    return (
        f'<defs><pattern id="{hatch}" width="7" height="7" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect width="7" height="7" fill="{COOL}"/>'
        f'<line x1="0" y1="0" x2="0" y2="7" stroke="#fff" stroke-opacity=".3" '
        f'stroke-width="1.6"/></pattern></defs>'
    )


def _captions(*, reads_texts: bool) -> str:
    early, late = _("early: edges, colours"), _("late: parts, objects")
    if reads_texts:
        early, late = _("early: single words"), _("late: what is said")
    look = f'y="12" fill="currentColor" fill-opacity=".78" style="{_NOTE}"'
    return (
        f'<text x="0" {look}>{escape(early)}</text>'
        f'<text x="100%" text-anchor="end" {look}>{escape(late)}</text>'
    )


def _cell(cell: StripCell, left: float, width: float, hatch: str) -> str:
    middle = f"{left + width / 2:.2f}%"
    ink, fill = _INK[cell.state], _FILL.get(cell.state, f"url(#{hatch})")
    # A rim of the cell's own colour keeps letters clear of the hatch.
    rim = (
        f'stroke="{COOL}" stroke-width="4" paint-order="stroke" ' if cell.state == "frozen" else ""
    )
    said = {"frozen": _("frozen"), "thawed": _("thawed"), "head": _("new")}[cell.state]
    label = (
        f'<text x="{middle}" y="{_TOP + _TALL / 2 + 5:.0f}" text-anchor="middle" fill="{ink}" '
        f'{rim}style="{_LABEL}">{escape(cell.label)}</text>'
    )
    notes = "".join(
        f'<text x="{middle}" y="{_TOP + _TALL + 15 + 15 * line}" text-anchor="middle" '
        f'fill="currentColor" fill-opacity=".78" style="{_NOTE}">{escape(words)}</text>'
        for line, words in enumerate(_lines(cell.note))
    )
    return (
        f'<g data-stage="{escape(cell.name)}" data-state="{cell.state}">'
        f"<title>{escape(f'{cell.name}: {said}')}</title>"
        f'<rect x="{left:.2f}%" y="{_TOP}" width="{width:.2f}%" height="{_TALL}" rx="6" '
        f'fill="{fill}"/>{label}{notes}</g>'
    )


def _places(stages: Sequence[StripCell]) -> list[tuple[float, float]]:
    """Return left edge and width of each cell in per cent: by cost, none too small to read."""
    if not stages:
        return []
    room = 100 - _GAP * (len(stages) - 1)
    least = min(_MIN_SHARE, 0.9 * room / len(stages))
    wanted = _wanted(stages)
    spare = room - least * len(stages)
    widths = [least + spare * share / sum(wanted) for share in wanted]
    lefts = [0.0, *accumulate(width + _GAP for width in widths)]
    return list(zip(lefts, widths, strict=False))


def _wanted(stages: Sequence[StripCell]) -> list[float]:
    """Return how much of the spare width each cell is due; the head takes a fixed part."""
    known = sum(cell.share for cell in stages)
    shares = [cell.share / known if known else 1 + _GROWTH * i for i, cell in enumerate(stages)]
    total = sum(s for s, cell in zip(shares, stages, strict=True) if cell.state != "head") or 1.0
    return [
        _HEAD_SHARE / 100 if cell.state == "head" else share / total
        for share, cell in zip(shares, stages, strict=True)
    ]


def _lines(note: str) -> tuple[str, ...]:
    """Break a longer note into two lines at the blank nearest to its middle."""
    blanks = [i for i, letter in enumerate(note) if letter == " "]
    if len(note) <= _WRAP_OVER or not blanks:
        return (note,) if note else ()
    cut = min(blanks, key=lambda i: abs(i - len(note) / 2))
    return note[:cut], note[cut + 1 :]
