"""How much data there are, in words: parts, what they can show, the rule of thumb."""

from __future__ import annotations

import math
from functools import partial

import streamlit as st

from pages.ui import curves, text
from tl_core import wording
from tl_core.advisor import load_thumbs
from tl_core.i18n import _
from tl_core.report import charts
from tl_core.report.volume import forecast_sentence, gains_sentence
from tl_core.spec import DatasetFacts, Evidence

_LIKELY = 0.9  # an accuracy that many tasks come near
_Z95 = 1.96


def parts(facts: DatasetFacts) -> str:
    """Return how the examples are divided, and the smallest class."""
    words = _("{train} to learn from, {val} held out to check.").format(
        train=wording.count(facts.splits["train"]), val=wording.count(facts.splits["val"])
    )
    if facts.splits.get("test"):
        words += " " + _("{test} are kept for one test at the end.").format(
            test=wording.count(facts.splits["test"])
        )
    return f"{words} " + _("The smallest class has {examples}.").format(
        examples=wording.examples(facts.per_class_min, facts.modality)
    )


def effective(facts: DatasetFacts) -> str:
    """Return how many there are if what looks the same counts once; empty if nothing does."""
    alike = facts.duplicates + facts.near_duplicates
    if not alike:
        return ""
    return _("Counting what looks the same only once, there are {n}.").format(
        n=wording.count(max(facts.n - alike, 1))
    )


def forecast(found: Evidence | None) -> None:
    """Draw what more of the same data would bring, as far as it was measured."""
    st.subheader(_("Would more help?"), anchor=False)
    if found is None or found.volume is None:
        st.write(_("This is measured together with the base model: see step 1."))
        return
    gains = gains_sentence(found.volume) if found.volume.forecasts else ""
    st.write(text.escape(" ".join(filter(None, (forecast_sentence(found.volume), gains)))))
    curves.draw(
        partial(charts.volume_figure, found.volume),
        key="data.volume",
        alt=charts.volume_alt(found.volume),
    )
    st.caption(
        _(
            "Of the frozen base with a simple classifier; training more of it gains from more data "
            "in its own way. In brackets, where four of five such forecasts are expected to end."
        )
    )


def precision(facts: DatasetFacts) -> str:
    """Return how exactly the held-out examples can tell an accuracy."""
    n = facts.splits["val"]
    half = _Z95 * math.sqrt(_LIKELY * (1 - _LIKELY) / n)
    return _(
        "With {examples} to check on, an accuracy near {likely} is known to {half} either way."
    ).format(
        examples=wording.examples(n, facts.modality),
        likely=wording.percent(_LIKELY),
        half=wording.points(half),
    )


def sizes(facts: DatasetFacts) -> str:
    """Return the sizes of the pictures, or the lengths of the texts."""
    if facts.modality == "text":
        return _("The texts are {min} to {max} words long, in the middle {median}.").format(
            **facts.sizes
        )
    return _("The pictures' edges are {min} to {max} px long, in the middle {median} px.").format(
        min=facts.sizes["min"], max=facts.sizes["max"], median=facts.sizes["median"]
    )


def rules_of_thumb(facts: DatasetFacts) -> list[str]:
    """Return what the rule of thumb says about these examples before their distance is known."""
    known = {"n": facts.splits["train"], "modality": facts.modality}
    said = []
    for thumb in load_thumbs():
        if all(c.holds(known) for c in thumb.all if c.fact in known):
            said.append(_(thumb.text))
            if all(c.fact in known for c in thumb.all):
                break  # it holds whatever the distance is
    return said
