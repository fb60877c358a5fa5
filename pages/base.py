"""Base: which model already knows something close?"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from pages.ui import bases, commands, frame, jobs, known, strips, text, travel
from pages.ui.place import Place, here
from tl_core import catalog, data
from tl_core.i18n import _
from tl_core.report.language import misfit_sentence
from tl_core.spec import Evidence

frame.require_frame("base")


def base_panel(place: Place, waiting: int) -> None:
    """Draw the answer, what is being measured, and a card for each base."""
    dataset = data.load(place.data) if place.data else None
    found = bases.measured(dataset, place) if dataset else {}
    active = bases.active_jobs(place) if dataset else []
    if waiting > len(active):
        travel.again()
    ranked = bases.ranked(found, place.modality)
    best, misfit = bases.chosen(place, ranked)
    frame.head(
        _("Which model already knows something close?"),
        text.escape(bases.answer(best, found, has_data=dataset is not None)),
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
    for column, base in zip(st.columns(len(ranked)), ranked, strict=True):
        with column.container(border=True, height="stretch"):
            bases.card(base, found.get(base.id))
            st.space("stretch")
            label = _("Use this base") if base == best else _("Use this one instead")
            kind = "primary" if base == best else "secondary"
            if st.button(label, key=f"base.use.{base.id}", type=kind, width="stretch"):
                chosen = replace(place, base=base.id, run="")
                travel.go("data" if place.data else "start", chosen.params())
    if dataset and len(found) + len(active) < len(ranked) and best.id in found:
        offer_to_measure(place, found)
    strips.inherited(best)
    folds(found, place.modality)
    if dataset:
        commands.fold(commands.measure(place.data, best.id, place.size))


def offer_to_measure(place: Place, found: dict[str, Evidence]) -> None:
    """Draw the button that has the other bases measured as well."""
    if st.button(_("Try the other bases on my data too"), key="base.measure"):
        bases.measure_others(place, found)
        st.rerun()


def folds(found: dict[str, Evidence], modality: str) -> None:
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
        st.table(bases.facts_table(found, modality), border="horizontal")
        for base in bases.choices(modality):
            st.caption(text.escape(f"{base.title}: {_(base.licence_note)}"))


place = here()
waiting = 0
if place.data:
    dataset = data.load(place.data)
    able, misfit = bases.chosen(place, bases.choices(place.modality))
    fitting = replace(place, base=able.id) if misfit else place
    if known.evidence(dataset, fitting) is None:
        jobs.ensure_evidence(fitting)
    waiting = len(bases.active_jobs(place))
travel.poll(frame.bordered(base_panel), 1.0 if waiting else None, place, waiting)
