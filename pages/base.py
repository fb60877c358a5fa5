"""Base: which model already knows something close?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from pages.ui import bases, commands, frame, jobs, known, strips, text, travel
from pages.ui.place import Place, here
from tl_core import catalog, data
from tl_core.advisor.bases import Ranked
from tl_core.catalog import Base
from tl_core.errors import InputError
from tl_core.i18n import _
from tl_core.report.language import misfit_sentence
from tl_core.spec import Evidence

CARDS_IN_A_ROW = 3

frame.require_frame("base")


def base_panel(place: Place, waiting: int) -> None:
    """Draw the answer, what is being measured, and a card for each base."""
    dataset = data.load(place.data) if place.data else None
    able = bases.choices(place, dataset)
    found = bases.measured(dataset, place, able) if dataset else {}
    active = bases.active_jobs(place) if dataset else []
    if waiting > len(active):
        travel.again()
    places = bases.ranking(found, able)
    ordered = bases.in_order(places, able)
    best, misfit = bases.chosen(place, ordered, dataset)
    frame.head(
        _("Which model already knows something close?"),
        text.escape(bases.answer(best, places, able, has_data=dataset is not None)),
    )
    if misfit:
        frame.show_issues(misfit)
    if strange := misfit_sentence(best.title, best.languages, dataset.languages if dataset else {}):
        st.warning(text.escape(strange))
    for job in active:
        title = catalog.find(job.spec.base).title
        jobs.show(job, doing=_("Trying {base} on your data").format(base=title))
    if dataset and not active and best.id not in found:
        jobs.show(jobs.ensure_evidence(place, best.id), doing="")
    cards(place, ordered, places, best)
    if dataset and len(found) + len(active) < len(able) and best.id in found:
        offer_to_measure(place, found, able)
    if dataset and (told := bases.left_out(dataset)):
        st.caption(told)
    strips.inherited(best)
    look = replace(place, base=best.id, run="").params()
    travel.link("inside", _("Look inside this base"), look, icon=":material/visibility:")
    folds(places, able, place.modality)
    if dataset:
        commands.fold(commands.measure(place.data, best.id, place.size))


def offer_to_measure(place: Place, found: dict[str, Evidence], able: Sequence[Base]) -> None:
    """Draw the button that has the other bases measured as well."""
    if st.button(_("Try the other bases on my data too"), key="base.measure"):
        bases.measure_others(place, found, able)
        st.rerun()


def cards(place: Place, ordered: Sequence[Base], places: Sequence[Ranked], best: Base) -> None:
    """Draw a card for each base, with a button that takes it."""
    by_id = {one.evidence.base: one for one in places}
    for start in range(0, len(ordered), CARDS_IN_A_ROW):
        row = ordered[start : start + CARDS_IN_A_ROW]
        for column, base in zip(st.columns(min(CARDS_IN_A_ROW, len(ordered))), row, strict=False):
            with column.container(border=True, height="stretch"):
                bases.card(base, by_id.get(base.id), has_rivals=len(places) > 1)
                st.space("stretch")
                label = _("Use this base") if base == best else _("Use this one instead")
                kind = "primary" if base == best else "secondary"
                if st.button(label, key=f"base.use.{base.id}", type=kind, width="stretch"):
                    chosen = replace(place, base=base.id, run="")
                    travel.go("data" if place.data else "start", chosen.params())


def add(place: Place) -> None:
    """Draw the field by which a person brings a base that is not offered."""
    with st.expander(_("Bring another base")), st.form("base.add", border=False):
        st.write(
            _("Any model of timm (timm:NAME) or, for texts, of the Hugging Face hub (hf:NAME) or a "
              "folder that holds one, or what a finished run of yours has made (run:ID). Of the "
              "first two the weights are fetched over the network if they are not here.")
        )  # fmt: skip
        name = st.text_input(_("Its name"), key="base.name", max_chars=200).strip()
        if st.form_submit_button(_("Try this one"), key="base.add") and name:
            try:
                base = bases.fitting(name, place, data.load(place.data) if place.data else None)
            except InputError as error:
                frame.show_issues(error.issues)
                return
            travel.go("base", replace(place, base=base.id, run="").params())


def folds(places: Sequence[Ranked], able: Sequence[Base], modality: str) -> None:
    """Draw what is folded away."""
    with st.expander(_("Why?")):
        st.write(
            {
                "text": _(
                    "A model that has read many texts has learned a language: words first, then "
                    "how they belong together, then what a sentence says. Yours can begin with "
                    "that instead of with nothing. The closer its texts were to yours, the more "
                    "of it fits as it is. Bases for pictures are not offered: what has only ever "
                    "seen pictures has nothing to say about texts."
                ),
                "picture": _(
                    "A model that has seen many pictures has learned to see: edges first, then "
                    "textures, then parts of things. Yours can begin with that instead of with "
                    "nothing. The closer its pictures were to yours, the more of it fits as it "
                    "is. Bases for texts are not offered: what has only ever read texts has "
                    "nothing to say about pictures."
                ),
            }[modality]
        )
        st.write(
            _("The quick test keeps the base exactly as it is and learns only a last layer "
              "(a linear probe), on part of your data, and is judged on the rest.")
        )  # fmt: skip
    with st.expander(_("Details and numbers")):
        st.table(bases.facts_table(places, able), border="horizontal")
        for base in able:
            if base.licence_note:
                st.caption(text.escape(f"{base.title}: {_(base.licence_note)}"))


place = here()
waiting = 0
if place.data:
    dataset = data.load(place.data)
    named, misfit = bases.chosen(place, bases.choices(place, dataset), dataset)
    fitting = replace(place, base=named.id) if misfit else place
    if known.evidence(dataset, fitting) is None:
        jobs.ensure_evidence(fitting)
    waiting = len(bases.active_jobs(place))
travel.poll(frame.bordered(base_panel), 1.0 if waiting else None, place, waiting)
add(place)
