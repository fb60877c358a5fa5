"""Learn: twelve lessons with real results, one idea each, and runs to be watched and called."""

from __future__ import annotations

import streamlit as st

from pages.ui import benefit as panel
from pages.ui import flight, flights, frame, lessons, terms, text, travel
from tl_core import catalog, data
from tl_core.i18n import _, ngettext
from tl_core.lessons import answer, course, lesson, questions, read_done, takeaways
from tl_core.lessons import flight as flight_of
from tl_core.report import benefit_words as words
from tl_core.runs import benefit, looking

OWN = 3
"""So many of one's own data sets are offered."""

frame.require_frame("learn")


def overview() -> None:
    """Offer the lessons in their order, and say which are done."""
    done, all_lessons = read_done(), course()
    left = len(all_lessons) - len(done)
    told = _("You have been through all lessons.")
    if left:
        told = ngettext(
            "{n} lesson of a few minutes, with real results.",
            "{n} lessons of a few minutes each, with real results.",
            left,
        ).format(n=left)
    frame.head(_("Why does transfer work?"), told)
    with st.container(width=frame.READING_PX, gap="xsmall"):
        st.write(
            _("Each lesson has one idea: a question to guess at, something to choose, what really "
              "came of it, and a question to check yourself. They follow the steps of the path "
              "and need no training and no network.")
        )  # fmt: skip
        for number, one in enumerate(all_lessons, 1):
            icon = ":material/check_circle:" if one.id in done else ":material/circle:"
            label = f"{number}\u2002{_(one.title)}"
            travel.link("learn", label, {"lesson": one.id}, icon=icon)
        st.caption(_("What you have done is kept on this computer only."))
        flights.offer()
        st.subheader(_("Three benefits, measured"), anchor=False)
        head_starts()
        st.subheader(_("What to take home"), anchor=False)
        with st.expander(_("Each in one sentence, with what was measured")):
            take_home()
        look_inside()
        st.subheader(_("What many people ask"), anchor=False)
        for one in questions():
            with st.expander(_(one.question)):
                st.write(text.escape(answer(one)))
                more = {"lesson": one.lesson}
                travel.link("learn", _("The lesson on it"), more, icon=":material/arrow_forward:")
        st.subheader(_("All terms"), anchor=False)
        with st.expander(_("What the numbers in Thaw mean, and where each comes from")):
            terms.everything()


def look_inside() -> None:
    """Lead to what the base makes of pictures and texts."""
    looking.ensure()  # imports take seconds; by the time somebody follows a link it is there
    st.subheader(_("Look inside the base"), anchor=False)
    st.write(
        _("What each stage of a network makes of a picture or a text of yours, and what the "
          "filters of its first layer answer to, beside the same network with random weights.")
    )  # fmt: skip
    with st.container(horizontal=True):
        labels = {"picture": _("In a picture"), "text": _("In a text")}
        for modality, label in labels.items():
            query = {"base": catalog.default_base(modality)}
            travel.link("inside", label, query, icon=":material/visibility:")


def head_starts() -> None:
    """Offer to see what transfer brings: on the samples at once, on other data when measured."""
    st.write(_("Fewer labels, faster learning, a higher ceiling: see what a head start brings."))
    for one in benefit.recordings():
        label = _("On the sample {name}, recorded").format(name=text.escape(one.dataset_name))
        travel.link("learn", label, {"benefit": one.dataset_name}, icon=":material/rocket_launch:")
    for dataset in sorted(data.list_datasets(), key=lambda one: -one.created)[:OWN]:
        label = _("On {name}: it takes about five minutes").format(name=text.escape(dataset.name))
        travel.link("benefit", label, {"data": dataset.id}, icon=":material/rocket_launch:")


def head_start(name: str) -> None:
    """Draw what transfer has brought on a sample."""
    found = next((one for one in benefit.recordings() if one.dataset_name == name), None)
    question = _("What did the head start bring?")
    if found is None:
        frame.head(question, _("This installation has no recording of it."))
    else:
        frame.head(question, text.escape(words.answer(found)))
        st.caption(text.escape(words.settings_sentence(found)))
        panel.draw(found, key="learn.benefit")
    travel.link("learn", _("All lessons"), icon=":material/list:")


def take_home() -> None:
    """Draw what each lesson comes to, what shows it, and where folklore says otherwise."""
    for one in takeaways():
        st.markdown(f"**{text.escape(one.sentence)}** {text.escape(one.shown)}")
        if one.folklore:
            label = _("Against the folklore:")
            st.markdown(f":material/balance: *{label}* {text.escape(one.folklore)}")


if sample := st.query_params.get("benefit", ""):
    head_start(sample)
elif chosen := st.query_params.get("flight", ""):
    flight.draw(flight_of(chosen))
elif chosen := st.query_params.get("lesson", ""):
    lessons.draw(lesson(chosen), is_projected=st.query_params.get("view") == "plain")
else:
    overview()
