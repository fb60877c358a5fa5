"""What is found inside of networks as markup: filters, stages, texts, side by side.

It is drawn by a component that steps through it (`pages/ui/stepping`), which knows these classes
and attributes: of what has the same `data-same` all is marked together, and pointing at what has
`data-looks` shades its neighbours by these weights. Names in it are escaped here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from tl_core import wording
from tl_core.i18n import _
from tl_core.insides import KINDS, Answering, Filter, Filters, Layer, Read, Scan, Seen, Stage
from tl_core.report import inside


@dataclass(frozen=True, slots=True)
class Side:
    """One of the networks that are shown beside each other."""

    title: str
    """What it is called; untrusted text."""
    seen: Seen | None = None
    scan: Scan | None = None
    read: Read | None = None
    is_kin: bool = True
    """Whether its channels are those of the base, so that equal numbers mean the same one."""

    def answering(self, name: str) -> Answering | None:
        """Return what a person's pictures say of a stage, if that is known."""
        stages = self.scan.stages if self.scan else ()
        return next((one for one in stages if one.name == name), None)


def stage(sides: Sequence[Side], name: str) -> str:
    """Return one stage of all networks that have seen the picture."""
    return _sides(_stage(side, name) for side in sides)


def _stage(side: Side, name: str) -> str:
    found = next((one for one in side.seen.stages if one.name == name), None) if side.seen else None
    if found is None:
        return ""
    answering = side.answering(name)
    rows = "".join(_row(side, found, answering, place) for place in range(len(found.shown)))
    only = "" if answering and answering.sheet else " only"
    return _section(side.title, inside.likeness(answering), f'<div class="rows{only}">{rows}</div>')


def _row(side: Side, found: Stage, answering: Answering | None, place: int) -> str:
    """Return one channel: the picture lit where it fires, and the patches that make it fire."""
    channel, count = found.shown[place], len(found.shown)
    told = _("Channel {n}: the picture, lit where it fires").format(n=channel)
    cells = _part("lit", found.sheet, place, count, told)
    if answering and answering.sheet:
        names = ", ".join(answering.classes[place])
        told = _("Channel {n}: it fires most for these patches of your pictures, from {names}")
        cells += _part(
            "patches", answering.sheet, place, count, told.format(n=channel, names=names)
        )
    same = f"{'' if side.is_kin else 'other-'}{channel}"
    return f'<div class="row" tabindex="0" data-same="{same}">{cells}</div>'


def _part(name: str, sheet: str, place: int, count: int, told: str) -> str:
    """Return one row of a sheet of `count` rows as a picture of its own."""
    down = 100 * place / (count - 1) if count > 1 else 0
    look = (
        f"background-image:url(data:image/jpeg;base64,{sheet});"
        f"background-size:100% {100 * count}%;background-position:0 {down:.3f}%"
    )
    words = escape(told)
    return (
        f'<div class="{name}" role="img" aria-label="{words}" title="{words}" style="{look}"></div>'
    )


def filters(sides: Sequence[Side]) -> str:
    """Return the first layers of all networks that have one to show."""
    return _sides(
        _section(side.title, inside.filters_told(side.seen.filters), _groups(side.seen.filters))
        for side in sides
        if side.seen and side.seen.filters
    )


def _groups(found: Filters) -> str:
    """Return filters under the name of what they answer to."""
    return "".join(
        f'<div class="group"><b>{escape(inside.kind(kind))}</b> '
        f'<span class="n">{len(own)}</span><div class="filters">{"".join(own)}</div></div>'
        for kind in KINDS
        if (own := [_filter(n, one) for n, one in enumerate(found.filters) if one.kind == kind])
    )


def _filter(number: int, one: Filter) -> str:
    told = escape(_("Filter {n}: {name}").format(n=number, name=inside.filter_name(one)))
    return f'<img src="data:image/png;base64,{one.picture}" alt="{told}" title="{told}">'


def layer(sides: Sequence[Side], name: str) -> str:
    """Return one layer of all networks that have read the text."""
    return _sides(
        _section(side.title, inside.layer_told(found, len(side.read.tokens)), _tokens(side, found))
        for side in sides
        if side.read
        for found in side.read.layers
        if found.name == name
    )


def _tokens(side: Side, found: Layer) -> str:
    """Return the tokens of a text, each with where it looks and what it is like."""
    assert side.read is not None
    pieces = []
    for place, token in enumerate(side.read.tokens):
        looks = found.attention[place] if found.attention else ()
        near = [word for word in found.nearest[place] if word != token] if found.nearest else []
        told = _told(side.read, token, looks, near)
        weights = " ".join(f"{share:.3f}" for share in looks)
        small = f"<small>{escape(near[0])}</small>" if near else ""
        pieces.append(
            f'<button type="button" class="token" data-looks="{weights}" '
            f'title="{escape(told)}" aria-label="{escape(told)}">{escape(token)}{small}</button>'
        )
    return f'<div class="tokens">{"".join(pieces)}</div>'


def _told(read: Read, token: str, looks: Sequence[float], near: Sequence[str]) -> str:
    """Return what a token draws from most, and what it is like."""
    parts = [token]
    if looks:
        most = max(range(len(looks)), key=looks.__getitem__)
        words = _("draws most from {token} ({share})")
        share = wording.percent(looks[most])
        parts.append(words.format(token=read.tokens[most], share=share))
    if near:
        parts.append(_("like {words}").format(words=", ".join(near)))
    return "; ".join(parts)


def _section(title: str, note: str, body: str) -> str:
    told = f'<p class="note">{escape(note)}</p>'  # empty ones, too: bodies begin at one height
    return f'<section class="side"><h4>{escape(title)}</h4>{told}{body}</section>'


def _sides(sections: Iterator[str]) -> str:
    return f'<div class="sides">{"".join(sections)}</div>'
