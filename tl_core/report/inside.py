"""What is found inside of a network, in words: only what was measured, and what to notice in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from tl_core import wording
from tl_core.i18n import N_, _, ngettext
from tl_core.insides import NAMED, Answering, Filter, Filters, Layer, Stage
from tl_core.shares import wilson

_KINDS = {
    "edge": N_("edge"),
    "line": N_("line"),
    "spot": N_("spot"),
    "patch": N_("even patch"),
    "unnamed": N_("no plain pattern"),
    "silent": N_("unused"),
}
_GROUPS = {
    "edge": N_("Edges"),
    "line": N_("Lines"),
    "spot": N_("Spots"),
    "patch": N_("Even patches"),
    "unnamed": N_("No plain pattern"),
    "silent": N_("Unused"),
}
_COLOURS = {
    "light": N_("light against dark"),
    "red_green": N_("red against green"),
    "blue_yellow": N_("blue against yellow"),
}
_DIRECTIONS = (N_("level"), N_("rising"), N_("upright"), N_("falling"))
"""Of stripes, by quarters of half a turn around these."""
EVERYWHERE = 0.95
"""From this share of all tokens on attention falls everywhere alike."""
COLOURED = 0.95
"""From this share on what a filter tells is a matter of colour alone."""
MOVED = 0.995
"""A stage that is less like the base's has changed: above it likeness reads as 100 %."""


def kind(name: str) -> str:
    """Return what filters of a kind are called, many of them."""
    return _(_GROUPS[name])


def filter_name(found: Filter) -> str:
    """Return what a filter answers to: edge, rising, 45°, light against dark, …"""
    parts = [_(_KINDS[found.kind])]
    if found.degrees is not None:
        parts.append(f"{direction(found.degrees)}, {found.degrees:.0f}°")
    if found.kind in NAMED:
        parts.append(_(_COLOURS[found.colour]))
    if found.cycles is not None:
        words = _("{n} cycles per pixel")
        parts.append(words.format(n=wording.number(found.cycles)))
    return ", ".join(parts)


def direction(degrees: float) -> str:
    """Return the direction of stripes that rise by so much from the horizontal, in [0, 180)."""
    return _(_DIRECTIONS[round(degrees / 45) % 4])


def headline(base: Filters | None, random: Filters | None) -> str:
    """Return in one sentence how the first layer differs from one with random weights."""
    if base is None:
        return _("Each of its stages makes something else of the picture.")
    told = _("Of the {n} filters in its first layer, {named} answer to something that has a name.")
    words = told.format(n=len(base.filters), named=base.named)
    if random is None:
        return words
    more = ngettext(
        "With random weights {n} does.", "With random weights {n} do.", random.named
    ).format(n=random.named or _("none"))
    return f"{words} {more}"


def filters_told(found: Filters) -> str:
    """Return how many filters have a pattern, with the interval, and how many see colour alone."""
    n, named = len(found.filters), found.named
    words = _("{share} have a pattern beyond chance.")
    told = words.format(share=wording.percent_interval(wilson(named / n, n)))
    coloured = sum(one.colour_share >= COLOURED for one in found.filters if one.kind in NAMED)
    if not coloured:
        return told
    more = ngettext(
        "{n} of these tells colours alone.", "{n} of these tell colours alone.", coloured
    )
    return f"{told} {more.format(n=coloured)}"


def filters_table(found: Filters) -> pd.DataFrame:
    """Return a row for each filter."""
    return pd.DataFrame(
        [
            {
                _("Filter"): number,
                _("Answers to"): filter_name(one),
                _("Explained by it"): wording.percent(one.explained),
                _("Colour"): wording.percent(one.colour_share),
            }
            for number, one in enumerate(found.filters)
        ]
    )


def stage_told(stage: Stage, answering: Answering | None, size: int) -> str:
    """Return what the maps of a stage are, in numbers."""
    words = _("{channels} channels, each a map of {places} by {places} places.")
    told = words.format(channels=wording.count(stage.channels), places=stage.places)
    if answering is None:
        return told
    more = _("What a place answers to lies within about {field} of {size} pixels.")
    return f"{told} {more.format(field=answering.field_px, size=size)}"


def notice(
    base: Sequence[Answering], random: Sequence[Answering], tuned: Sequence[Answering], at: int
) -> list[str]:
    """Return what to notice at one stage, by what was measured on a person's own pictures.

    Args:
        base: all stages of the base, early to late; empty if not measured yet.
        random: those of its twin with random weights.
        tuned: those of what a run has made of it.
        at: which of them.
    """
    if at >= len(base):
        return []
    told = [_seen(at, len(base))]
    own, first = base[at].explained, base[0].explained
    words = _("Your classes explain {share} of what its channels differ by from picture to picture")
    parts = [words.format(share=_share(own))]
    if at:
        parts.append(_("in the first stage {share}").format(share=_share(first)))
    if at < len(random):
        parts.append(_("with random weights {share}").format(share=_share(random[at].explained)))
    if at < len(tuned):
        parts.append(_("after tuning {share}").format(share=_share(tuned[at].explained)))
    told.append("; ".join(parts) + ".")
    if at < len(tuned) and tuned[at].alike is not None:
        told.append(_changed(tuned[at].alike))
    return told


def _seen(at: int, count: int) -> str:
    """Return what to look for in the patches of a stage: early, in the middle or late."""
    if at < count / 3:
        return _("Look along a row: do its patches share a colour, an edge or a fine pattern, "
                 "whatever the thing is? Then it is of use for any pictures.")  # fmt: skip
    if at < 2 * count / 3:
        return _("Look along a row: do its patches share a texture or a simple shape, put together "
                 "from what earlier stages have found?")  # fmt: skip
    return _("Look along a row: do its patches show the same part, or the same kind of thing? Then "
             "it is of use for what the network was taught.")  # fmt: skip


def _share(value: float) -> str:
    """Return a share that may come out below 0 where there is nothing to explain."""
    return wording.percent(max(value, 0.0))


def _changed(alike: float | None) -> str:
    if alike is not None and alike >= MOVED:
        return _("Tuning has left this stage as it was.")
    return _(
        "After tuning its features are {share} like the base's on your pictures (CKA)."
    ).format(share=wording.percent(alike or 0.0))


def likeness(answering: Answering | None) -> str:
    """Return how like the base's a stage is, where that was compared; else nothing."""
    if answering is None or answering.alike is None:
        return ""
    return _("{share} like the base").format(share=wording.percent(answering.alike))


def stages_table(sides: dict[str, Sequence[Answering]]) -> pd.DataFrame:
    """Return what was measured of each stage, side by side.

    Args:
        sides: what each network is called, and its stages.
    """
    rows: dict[str, dict[str, Any]] = {}
    for title, stages in sides.items():
        for one in stages:
            row = rows.setdefault(one.name, {_("Stage"): one.name})
            row[_("{network}: classes explain").format(network=title)] = _share(one.explained)
            row[_("{network}: pixels seen").format(network=title)] = one.field_px
            if one.alike is not None:
                row[_("{network}: like the base").format(network=title)] = wording.percent(
                    one.alike
                )
    return pd.DataFrame(list(rows.values()))


def layers_table(layers: Sequence[Layer], tokens: int) -> pd.DataFrame:
    """Return a row for each layer of a network that has read a text of so many tokens."""
    return pd.DataFrame(
        [
            {
                _("Layer"): one.name,
                _("Draws from, of {n} tokens").format(n=tokens): (
                    "–" if one.spread is None else wording.number(one.spread)
                ),
                _("Nearest to themselves, of {n} words").format(n=one.words): one.kept,
            }
            for one in layers
        ]
    )


def layer_told(layer: Layer, tokens: int) -> str:
    """Return what a layer makes of a text, in numbers."""
    parts = []
    if layer.spread is not None:
        words = _("A word draws from about {n} of {tokens} tokens at once.")
        parts.append(words.format(n=wording.number(layer.spread), tokens=tokens))
    if layer.words:
        words = _("{kept} of {words} words are still nearest to themselves.")
        parts.append(words.format(kept=layer.kept, words=layer.words))
    return " ".join(parts)


def text_headline(base: Sequence[Layer], random: Sequence[Layer], tokens: int) -> str:
    """Return in one sentence how attention differs from that with random weights."""
    own, by_chance = _sharpest(base), _sharpest(random)
    if own is None:
        return _("Each of its layers makes something else of the text.")
    told = _("In its sharpest layer a word draws from {n} of {tokens} tokens.")
    words = told.format(n=wording.number(own), tokens=tokens)
    if by_chance is None:
        return words
    more = _("With random weights from {n}: it looks everywhere alike.")
    if by_chance < EVERYWHERE * tokens:
        more = _("With random weights from {n}.")
    return f"{words} {more.format(n=wording.number(by_chance))}"


def _sharpest(layers: Sequence[Layer]) -> float | None:
    return min((one.spread for one in layers if one.spread is not None), default=None)
