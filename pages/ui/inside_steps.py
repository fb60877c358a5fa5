"""What was found inside of networks, drawn: stages to step through, filters, numbers."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import streamlit as st

from pages.ui import insides, stepping, strips, terms
from pages.ui.insides import BASE, RANDOM, TUNED, Asked, Found
from pages.ui.stepping import Step
from tl_core.catalog import Base
from tl_core.i18n import _
from tl_core.insides import Answering, Read, Seen
from tl_core.report import inside, inside_markup
from tl_core.report.inside_markup import Side

PICTURE_PX = 224


def answer(known: Found) -> str:
    """Return the answer of the page in one sentence."""
    if read := known.read.get(BASE):
        other = known.read.get(RANDOM)
        return inside.text_headline(read.layers, other.layers if other else (), len(read.tokens))
    seen, other_seen = known.seen[BASE], known.seen.get(RANDOM)
    return inside.headline(seen.filters, other_seen.filters if other_seen else None)


def picture(known: Found) -> None:
    """Draw the picture as the network sees it; of a text nothing, it is drawn in pieces."""
    if seen := known.seen.get(BASE):
        jpeg = base64.b64decode(seen.picture)
        st.image(jpeg, width=PICTURE_PX, alt=_("The picture as the network sees it"))


def stages(asked: Asked, known: Found, base: Base) -> None:
    """Draw the stages, to be stepped through."""
    sides = known.sides(asked.networks)
    if read := known.read.get(BASE):
        steps = _of_text(sides, read)
    else:
        steps = _of_picture(sides, known, known.seen[BASE])
    alike = {one.name: one.alike for one in _scanned(known, TUNED)}
    strip = strips.inside([step.name for step in steps], base, alike)
    stepping.draw(steps, key="inside.stages", strip=strip)
    if asked.is_text:
        terms.meanings("attention", "attention_spread", "nearest_words", key="inside.text")
    else:
        terms.meanings("receptive_field", "class_explained", "drift", key="inside.picture")


def _scanned(known: Found, name: str) -> Sequence[Answering]:
    scan = known.scans.get(name)
    return scan.stages if scan else ()


def _of_picture(sides: list[Side], known: Found, seen: Seen) -> list[Step]:
    base, random, tuned = (_scanned(known, name) for name in (BASE, RANDOM, TUNED))
    steps = []
    for at, stage in enumerate(seen.stages):
        answering = base[at] if at < len(base) else None
        said = [
            _("Stage {name}").format(name=stage.name) if at else _("The stem: its first stage"),
            inside.stage_told(stage, answering, seen.size),
            *inside.notice(base, random, tuned, at),
        ]
        steps.append(Step(stage.name, tuple(said), inside_markup.stage(sides, stage.name)))
    return steps


def _of_text(sides: list[Side], read: Read) -> list[Step]:
    steps = []
    has_marks = any(token.startswith(("[", "<")) for token in read.tokens)
    for at, layer in enumerate(read.layers):
        title = _("Layer {name}").format(name=layer.name) if at else _("Before the first layer")
        told = _("Each word is still its own entry of the vocabulary; nothing has been mixed.")
        if at:
            told = _("Point at a word: it draws from the blue ones, the bluer the more. Below each "
                     "stands the other word that it is most like now.")  # fmt: skip
        if has_marks:
            told += " " + _("What stands in brackets are the network's own marks.")
        steps.append(Step(layer.name, (title, told), inside_markup.layer(sides, layer.name)))
    return steps


def filters(asked: Asked, known: Found) -> None:
    """Draw the filters of the first layers, under the names of what they answer to."""
    sides = [side for side in known.sides(asked.networks) if side.seen and side.seen.filters]
    if not sides:
        return
    st.subheader(_("Its first layer"), anchor=False)
    edge = known.seen[BASE].filters.edge if known.seen[BASE].filters else 0
    st.write(
        _("Each filter looks at {edge} by {edge} pixels and answers where they look like it. They "
          "are named by comparing their weights with plain patterns; a filter has a name only if "
          "its pattern fits better than 19 of 20 random ones. Point at one for its numbers.")
        .format(edge=edge)
    )  # fmt: skip
    stepping.draw([Step("", (), inside_markup.filters(sides))], key="inside.filters")
    terms.meanings("first_layer_pattern", "opponent_colours", key="inside.filters")


def numbers(asked: Asked, known: Found) -> None:
    """Draw the numbers behind the pictures."""
    scanned = {
        _(insides.TITLES[name]): known.scans[name].stages
        for name in asked.networks
        if name in known.scans and known.scans[name].is_whole
    }
    if scanned:
        table = inside.stages_table(scanned)
        st.dataframe(table, hide_index=True, alt=_("What was measured of each stage"))
    seen = known.seen.get(BASE)
    if seen and seen.filters:
        table = inside.filters_table(seen.filters)
        st.dataframe(
            table, hide_index=True, alt=_("What each filter of the first layer answers to")
        )
    if read := known.read.get(BASE):
        table = inside.layers_table(read.layers, len(read.tokens))
        st.dataframe(table, hide_index=True, alt=_("What each layer makes of the text"))
