"""A lesson on screen: guess, choose, look, take home, check."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.ui import curves, frame, text, travel
from tl_core.i18n import _
from tl_core.lessons import Lesson, Option, Scene, course, mark_done, scene, told
from tl_core.lessons.sheet import of_lesson
from tl_core.report import charts, lessons


def draw(lesson: Lesson, *, is_projected: bool) -> None:
    """Draw a lesson; projected it has all its results and none of its controls."""
    frame.head(_(lesson.title), told=_("The field calls it: {term}.").format(term=_(lesson.term)))
    with st.container(width=frame.READING_PX):
        st.write(_(lesson.idea))
        guess = _("Guess first.")
        st.markdown(f"**{guess}** {_(lesson.guess)}")
    if is_projected:
        for option in lesson.options:
            st.subheader(_(option.label), anchor=False)
            _show(lesson, option)
    else:
        _choose(lesson)
    with st.container(width=frame.READING_PX):
        take = _("To take home:")
        st.markdown(f"**{take}** {_(lesson.takeaway)}")
        if not is_projected:
            _check(lesson)
            _ways_on(lesson)


def _choose(lesson: Lesson) -> None:
    """Let somebody choose what to look at; nothing is shown before, so that there is a guess."""
    options = {option.id: option for option in lesson.options}
    chosen = st.segmented_control(
        _(lesson.choose),
        list(options),
        format_func=lambda one: _(options[one].label),
        key=f"lesson.{lesson.id}.option",
    )
    if chosen:
        _show(lesson, options[chosen])
    else:
        st.caption(_("Choose, and see what really came of it."))


def _show(lesson: Lesson, option: Option) -> None:
    """Draw what came of an option: a sentence, the picture, the numbers and where they are from."""
    shown = scene(lesson.id, option.id)
    if shown is None:
        st.caption(_("This installation has no recording of it."))
        return
    with frame.reading():
        st.write(text.escape(told(option, shown)))
    key = f"lesson.{lesson.id}.{option.id}"
    if shown.kind == "curves":
        parts = shown.picture["epochs"], shown.picture["thaws"], shown.picture["best"]
        curves.draw(partial(charts.loss_figure, *parts), key=key, alt=charts.loss_alt(*parts))
    else:
        make = partial(lessons.bars_figure, shown.kind, shown.picture, _(lesson.shows))
        curves.draw(make, key=key, alt=lessons.bars_alt(shown.kind, shown.picture))
    _numbers(shown)


def _numbers(shown: Scene) -> None:
    """Draw the table behind the picture, and say which runs it is from."""
    with st.expander(_("Details and numbers")):
        is_curve = shown.kind == "curves"
        table = (
            lessons.curves_table(shown.picture)
            if is_curve
            else lessons.bars_table(shown.kind, shown.picture)
        )
        st.dataframe(table, hide_index=True, alt=_("The numbers behind the picture"))
        words = _("Real results of one small base (EfficientNet-Lite0, for texts MiniLM), pictures "
                  "of 128 pixels, one draw of the examples.")  # fmt: skip
        if shown.runs:
            words += " " + _("Recorded runs: {names}.").format(names=", ".join(shown.runs))
        st.caption(text.escape(words))


def _check(lesson: Lesson) -> None:
    """Ask the check question; every answer is explained."""
    answers = {answer.label: answer for answer in lesson.answers}
    given = st.radio(
        _(lesson.question),
        list(answers),
        format_func=_,
        index=None,
        key=f"lesson.{lesson.id}.check",
    )
    if given is None:
        return
    answer = answers[given]
    if answer.is_right:
        mark_done(lesson.id)
        st.success(_(answer.feedback), icon=":material/check:")
    else:
        st.info(_(answer.feedback), icon=":material/refresh:")


def _ways_on(lesson: Lesson) -> None:
    """Offer the next lesson, the list, the projected view and the teacher's sheet."""
    order = course()
    place = order.index(lesson)
    if place + 1 < len(order):
        following = order[place + 1]
        label = _("Next: {term}").format(term=_(following.term))
        travel.link("learn", label, {"lesson": following.id}, icon=":material/arrow_forward:")
    with st.container(horizontal=True):
        travel.link("learn", _("All lessons"), icon=":material/list:")
        plain = {"lesson": lesson.id, "view": "plain"}
        travel.link("learn", _("To project"), plain, icon=":material/present_to_all:")
        st.download_button(
            _("Sheet for teachers"),
            partial(of_lesson, lesson),
            f"thaw-lesson-{place + 1}.html",
            "text/html",
            icon=":material/print:",
            type="tertiary",
            on_click="ignore",
        )
