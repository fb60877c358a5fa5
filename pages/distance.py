"""Distance: how far is your task from what the base knows?"""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.ui import commands, curves, frame, jobs, known, measures, strips, terms, text, travel
from pages.ui.place import Place, here
from tl_core import catalog, data
from tl_core.i18n import _
from tl_core.report import charts
from tl_core.report.reading import reading_sentences
from tl_core.spec import Evidence

frame.require_frame("distance")


def distance_panel(place: Place, was_measuring: bool) -> None:
    """Draw what was measured, or how far the measuring is."""
    found = known.evidence(data.load(place.data), place)
    if found is None:
        measuring(place, was_measuring)
        return
    if was_measuring:
        travel.again()
    answer = measures.distance_answer(found, catalog.find(place.base_id))
    told = terms.told("distance", "landmark", "shift", "own_kind")
    frame.head(question, text.escape(answer), told=told)
    result(found, place)


def measuring(place: Place, was_measuring: bool) -> None:
    """Draw how far the measuring is, with its steps in plain words."""
    job = jobs.ensure_evidence(place)
    if was_measuring and not job.is_active:
        travel.again()
    base = catalog.find(place.base_id).title
    frame.head(question, _("Thaw is finding out with {base}.").format(base=text.escape(base)))
    jobs.show(job, doing=_("Trying {base} on your data").format(base=base))
    jobs.show_first_look(job)
    st.write(measures.method(place.modality))
    st.caption(_("You may go on; the plan will take what has been measured by then."))


def result(found: Evidence, place: Place) -> None:
    """Draw the pictures, the button and the folds."""
    if found.knows_distance:
        make = partial(charts.distance_figure, found)
        curves.draw(make, key="distance.axis", alt=charts.distance_alt(found))
    if found.stage_probes:
        words = _("How well each stage, as it is, already tells your classes apart:")
        st.caption(words, help=terms.told("stage_probe"))
    strips.probed(found)
    controls = text.escape(measures.controls_sentence(found))
    st.markdown(controls, help=terms.told("linear_probe", "controls", "accuracy"))
    if found.reading:
        words = text.escape(" ".join(reading_sentences(found.reading, found.size)))
        st.markdown(words, help=terms.told("reading"))
    if st.button(_("See the plan"), type="primary", key="distance.plan"):
        travel.go("plan", place.params(run=""))
    with st.expander(_("Why?")):
        st.write(measures.method(place.modality))
    with st.expander(_("Details and numbers"), expanded=False):
        st.table(measures.probes_table(found), border="horizontal")
        terms.meanings(*measures.PROBES, key="probes")
        if found.knows_distance:
            st.table(measures.shift_table(found), border="horizontal")
            terms.meanings(*measures.SIGNS, key="shift")
        st.caption(measures.measured_on(found))
    commands.fold(commands.measure(place.data, place.base_id, place.size))


place = here()
question = _("How far is your task from what it knows?")
dataset = known.need_data(
    place,
    question,
    _("Here you will see how much of what the model has learned fits your data."),
)
is_measuring = known.evidence(dataset, place) is None and jobs.ensure_evidence(place).is_active
travel.poll(frame.bordered(distance_panel), 1.0 if is_measuring else None, place, is_measuring)
