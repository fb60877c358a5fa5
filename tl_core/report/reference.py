"""The line that training has to beat: what a linear probe on the frozen base comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tl_core import wording
from tl_core.i18n import _
from tl_core.report.marks import Fields, Piece, Point, number, points
from tl_core.report.theme import Theme, note, safe

_HEAD = "head"
"""The phase in which only the last layer learns."""
_ROOM = 0.09  # of the axis: closer above the line, the curve's end would run into its name
_STAR = 0.06  # of the axis, on either side of the star of the best epoch


@dataclass(frozen=True, slots=True)
class Reference:
    """An accuracy to compare with."""

    value: float
    """In [0, 1]."""
    source: str
    """Where it comes from, in words, such as `cross-validated before training`."""


def of_the_head(epochs: Sequence[Fields]) -> Reference | None:
    """Return what the head alone came to at its best, once more than it learns; else None."""
    heads = [epoch for epoch in epochs if epoch.get("phase") == _HEAD]
    losses = dict(points(heads, "val_loss"))
    if not losses or epochs[-1].get("phase") == _HEAD:
        return None
    best = min(losses, key=losses.__getitem__)
    value = next(number(e, "val_accuracy") for e in heads if int(e["epoch"]) == best)
    source = _("the new last layer alone, epoch {epoch}").format(epoch=best)
    return None if value is None else Reference(value, source)


def line(reference: Reference | None, until: int, colours: Theme) -> list[Piece]:
    """Return the reference as a fine line over all epochs, with its source on hover."""
    if reference is None:
        return []
    told = _("linear probe, {source}").format(source=reference.source)
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": list(range(until + 1)),
            "y": [reference.value] * (until + 1),
            "line": {"color": colours.soft, "width": 1.3, "dash": "dashdot"},
            "hovertemplate": f"%{{y:.1%}}<extra>{safe(told)}</extra>",
        }
    ]


def name(
    reference: Reference | None,
    curve: Sequence[Point],
    until: int,
    colours: Theme,
    *,
    star: Point | None = None,
) -> list[Piece]:
    """Name the line away from the names at the curves' ends, on the half where these are not.

    Below the line, unless the curve comes from there, and beside the star of the best epoch.
    """
    if reference is None:
        return []
    last, now = curve[-1] if curve else (0, 1.0)
    is_above = reference.value - _ROOM * 2 > now or now > 1
    is_early = 2 * last < until
    place = {"x": 1, "xanchor": "right"} if is_early else _beside(star, until)
    place |= {"xref": "paper", "y": reference.value, "yanchor": "bottom" if is_above else "top"}
    text = _("linear probe {share}").format(share=wording.percent(reference.value))
    return [note(text, colours.soft, **place)]


def _beside(star: Point | None, until: int) -> Piece:
    """Return where on the axis a name stands that covers a good third of it, but not the star."""
    at = star[0] / until if star else 0.0
    if at < 0.5:
        return {"x": max(0.3, at + _STAR), "xanchor": "left"}
    return {"x": min(0.7, at - _STAR), "xanchor": "right"}


def said(reference: Reference | None) -> list[str]:
    """Return the line in words."""
    if reference is None:
        return []
    text = _("A linear probe on the frozen base is right on {share} ({source}).")
    return [text.format(share=wording.percent(reference.value), source=reference.source)]
