"""Inside: what do the stages of a network make of one picture or text?"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from pages.ui import frame, inside_steps, inside_things, insides, text, travel
from pages.ui.insides import TUNED, Asked, Found
from pages.ui.place import Place, here, with_run
from tl_core import catalog, data
from tl_core.catalog import Base
from tl_core.errors import InputError
from tl_core.i18n import _
from tl_core.runs import looking

frame.require_frame("inside")
QUESTION = _("What does it see inside?")


def show(place: Place, base: Base) -> None:
    """Draw what is known of the networks of a place, and go on looking."""
    networks, lacking = insides.networks(place)
    dataset = data.load(place.data) if place.data else None
    own = dataset if dataset and dataset.modality == base.modality else None
    is_text = base.modality == "text"
    top = st.container()
    left, right = (None, st.container()) if is_text else st.columns([1, 2], gap="medium")
    with right:
        thing = inside_things.choose(f"inside.{base.modality}", base.modality, own)
    asked = Asked(thing, networks, None if is_text else own, is_text)
    with top:
        try:
            look_first(asked)
        except InputError as error:  # another picture can be brought below
            frame.head(QUESTION)
            frame.show_issues(error.issues)
            return
        known = insides.found(asked)
        frame.head(QUESTION, text.escape(inside_steps.answer(known)))
        st.caption(text.escape(f"{base.title} · {thing.told}"))
    if left:
        with left:
            inside_steps.picture(known)
    inside_steps.stages(asked, known, base)
    for issue in lacking:
        st.info(text.escape(issue.message))
    for problems in known.issues.values():
        frame.show_issues(problems)
    is_done = insides.is_done(asked)
    travel.poll(frame.bordered(go_on), None if is_done else 1.0, asked, is_done)
    patches_from(asked, place)
    inside_steps.filters(asked, known)
    folds(asked, known)
    ways_on(place, base, known)


def look_first(asked: Asked) -> None:
    """Have the base look; while its network is being loaded, say so."""
    if looking.is_ready():
        insides.begin(asked)
        return
    with st.spinner(_("Loading the network; the first look takes some seconds")):
        insides.begin(asked)


def go_on(asked: Asked, was_done: bool) -> None:
    """Take the next step, and say how far it is."""
    if not was_done and (insides.go_on(asked) or insides.is_done(asked)):
        travel.again()
    if told := insides.progress(asked):
        st.progress(*told)


def patches_from(asked: Asked, place: Place) -> None:
    """Say whose pictures the patches are from, or what would be there with pictures."""
    if asked.is_text:
        return
    if asked.dataset is None:
        st.write(_("With pictures of your own you also see which of their patches make each "
                   "channel fire most, stage by stage."))  # fmt: skip
        travel.link("start", _("Bring data or take a sample"), icon=":material/arrow_back:")
        return
    told = _("The patches are from up to 200 of your pictures in {name}, none of the test part.")
    if TUNED in asked.networks:
        told = _("The patches are from up to 200 of your pictures in {name}, none of the test "
                 "part; your tuned model has learned from some of them.")  # fmt: skip
    st.caption(text.escape(told.format(name=asked.dataset.name)))


def folds(asked: Asked, known: Found) -> None:
    """Draw what is folded away."""
    with st.expander(_("Why?")):
        st.write(
            _("A network that was trained on many examples has early stages that are of use for "
              "almost any others, and late ones that are made for its own. Transfer keeps what is "
              "general and changes what is specific. A network of the same shape with random "
              "weights shows what comes of the shape alone.")
        )  # fmt: skip
        st.write(
            _("The light in a picture says where a channel fires, not what it means: channels "
              "often answer to several things, and a handful of patches shows the strongest only.")
        )  # fmt: skip
    with st.expander(_("Details and numbers")):
        inside_steps.numbers(asked, known)


def ways_on(place: Place, base: Base, known: Found) -> None:
    """Offer the other kind of data, the lessons, and where the person came from."""
    with st.container(horizontal=True):
        other = {"picture": "text", "text": "picture"}[base.modality]
        label = {"text": _("The same for texts"), "picture": _("The same for pictures")}[other]
        query = {"base": catalog.default_base(other)}
        travel.link("inside", label, query, icon=":material/visibility:")
        travel.link("learn", _("All lessons"), icon=":material/list:")
        if place.run:
            back = {"run": place.run}
            travel.link("results", _("Back to the results"), back, icon=":material/arrow_back:")
        elif place.base:
            way = replace(place, run="").params()
            travel.link("base", _("Back to the bases"), way, icon=":material/arrow_back:")


looking.ensure()
place = with_run(here())
show(place, catalog.find(place.base_id))
