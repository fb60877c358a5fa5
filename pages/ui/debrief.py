"""The end of a flight: what it was, what the call was worth, what doing something brought."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.ui import frame, legs, text, travel
from tl_core.i18n import N_, _
from tl_core.lessons import Flight, choices, flights, trouble, verdict
from tl_core.lessons.flown import read_flown
from tl_core.lessons.legs import Leg, Recorded
from tl_core.lessons.scoring import FULL, Call, Score, Truth, deadline, score, truth_of
from tl_core.report.overlay_scale import LETTERS
from tl_core.watch import forgetting

HEADLINES = {
    "early": N_("Right and early: {points} of {full} points."),
    "late": N_("Right, but late: {points} of {full} points."),
    "guess": N_("Right, but before there was anything to be seen: {points} of {full} points."),
    "wrong": N_("It was something else: {points} of {full} points."),
    "false_alarm": N_("A false alarm, nothing was wrong: {points} of {full} points."),
    "missed": N_("You let it run, and something was wrong: {points} of {full} points."),
    "sound": N_("Rightly left alone, nothing was wrong: {points} of {full} points."),
}


def draw(flight: Flight, told: Recorded, call: Call | None, choice: str) -> None:
    """Draw the end of a flight.

    Args:
        flight: which one.
        told: its recordings.
        call: what was said; None for letting it go on.
        choice: what was done about it; empty for nothing.
    """
    truth = truth_of(flight, told)
    result = score(truth, call)
    with st.container(width=frame.READING_PX):
        words = _(HEADLINES[result.ending]).format(points=result.points, full=FULL)
        st.header(words, anchor=False)
        _first_one_counts(flight, result)
        for said in (_called(truth, call), _what_it_was(flight, truth), _(flight.said)):
            st.write(text.escape(said))
    _continuations(flight, told, choice)
    with st.container(width=frame.READING_PX):
        take = _("To take home:")
        st.markdown(f"**{take}** {_(flight.takeaway)}")
    _narrator(told.untouched, truth, call)
    _recording(told)
    _ways_on(flight)


def names(twin: Leg) -> tuple[str, str]:
    """Return what the untouched run and the other one are called beside each other."""
    done = _(choices()[twin.name].title)
    if twin.is_anew:
        return _("as it went on"), _("{choice}: a new run").format(choice=done)
    return (
        _("as it went on"),
        _("{choice}, after epoch {epoch}").format(choice=done, epoch=twin.at),
    )


def _first_one_counts(flight: Flight, result: Score) -> None:
    kept = read_flown().get(flight.id, result.points)
    if kept != result.points:
        words = _("You have flown this one before: the first time counts, with {points} points.")
        st.caption(words.format(points=kept))


def _called(truth: Truth, call: Call | None) -> str:
    """Say what was called, and how that lies to when it was there to be seen."""
    if call is None:
        return _("You let it run to its end.")
    words = _("You called at epoch {epoch}: {trouble}.").format(
        epoch=call.epoch, trouble=_(trouble(call.trouble).title)
    )
    if call.trouble != truth.trouble or truth.begins is None:
        return words
    if call.epoch < truth.begins:
        more = _("It was only there from epoch {begins} on.").format(begins=truth.begins)
    else:
        more = _("Up to epoch {due} that counts as early.").format(due=deadline(truth))
    return f"{words} {more}"


def _what_it_was(flight: Flight, truth: Truth) -> str:
    """Say what was wrong, since when, and when the detectors say so."""
    if truth.begins is None:
        return _("Nothing was wrong with this run.")
    found = trouble(flight.trouble)
    words = _("It was this: {trouble} ({term}). It was there from epoch {begins} on.").format(
        trouble=_(found.title), term=_(found.term), begins=truth.begins
    )
    if truth.told is None:
        more = _("The detectors of Watch never say so: they would rather miss it than cry wolf.")
    else:
        more = _("The detectors of Watch first warn at epoch {told}.").format(told=truth.told)
    return f"{words} {more}"


def _continuations(flight: Flight, told: Recorded, choice: str) -> None:
    """Draw the run as it went on beside the one in which something was done."""
    st.subheader(_("With something done, and without"), anchor=False)
    key = f"flight.{flight.id}.twin"
    offered = [leg.name for leg in told.twins]
    chosen = st.segmented_control(
        _("What is done about it"),
        offered,
        format_func=lambda one: _(choices()[one].title),
        default=choice or offered[0],
        required=True,
        key=key,
    )
    twin = told.twin(str(chosen))
    last = max(told.untouched.last, twin.last)
    legs.draw_beside((told.untouched, twin), names(twin), last, key=f"{key}.end")
    with st.container(width=frame.READING_PX):
        headline, numbers = verdict.sentences(told.untouched, twin)
        st.markdown(f"**{text.escape(headline)}**")
        st.write(text.escape(f"{_(flight.outcomes[twin.name])} {numbers}"))
        for letter, leg in zip(LETTERS, (told.untouched, twin), strict=False):
            if remarks := " ".join(_remarks(flight, leg)):
                st.markdown(f"**{letter}**\u2002{text.escape(remarks)}")


def _remarks(flight: Flight, leg: Leg) -> list[str]:
    """Say what else there is to be said of a run: a broken promise, and what is left of the base
    where that matters."""
    remarks = [verdict.promise(leg)]
    left = forgetting.left(leg.events[-1]["retention"])
    if flight.trouble == "forgetting" and left is not None:
        words = _("Of the base's old answers {share} are left.")
        remarks.append(words.format(share=forgetting.share(left)))
    return [remark for remark in remarks if remark]


def _narrator(leg: Leg, truth: Truth, call: Call | None) -> None:
    """Draw what the narrator of Watch said: when it was called, when it warned, and all of it."""
    st.subheader(_("What the narrator of Watch said"), anchor=False)
    moments = {leg.last, *([call.epoch] if call else ()), *([truth.told] if truth.told else ())}
    with st.container(width=frame.READING_PX):
        for epoch in sorted(moments):
            words = _("Epoch {n}: {text}").format(n=epoch, text=legs.narrated(leg, epoch))
            st.markdown(f"- {text.escape(words)}")
    with st.expander(_("Every epoch")):
        rows = [
            {_("epoch"): epoch, _("the narrator"): legs.narrated(leg, epoch)}
            for epoch in range(leg.last + 1)
        ]
        alt = _("What the narrator said after each epoch")
        st.dataframe(pd.DataFrame(rows), hide_index=True, alt=alt)


def _recording(told: Recorded) -> None:
    """Say what the recording was made from."""
    settings, cell = told.untouched.settings, told.untouched.settings["cell"]
    with st.expander(_("How it was recorded")):
        words = _("Real runs of {base} on the set {data}, pictures of {size} pixels, seed {seed}, "
                  "number format {precision}: {train} examples train, {val} validate, and {test} "
                  "that no run has learned or chosen from are tested on once.")  # fmt: skip
        st.write(
            text.escape(
                words.format(
                    base=cell["base"],
                    data=cell["data"]["name"],
                    size=cell["size"],
                    seed=cell["seed"],
                    precision=settings["precision"],
                    train=settings["train"],
                    val=settings["val"],
                    test=settings["test"],
                )
            )
        )
        if fault := cell["fault"]:
            words = _("Planted on purpose, as benchmarks/flights.toml names it: {kind} {amount}.")
            st.write(text.escape(words.format(kind=fault["kind"], amount=f"{fault['amount']:g}")))
        st.code(f"python benchmarks/record_flights.py --only {settings['flight']}", language="bash")


def _ways_on(flight: Flight) -> None:
    """Offer the next flight, this one again, and the list."""
    order = flights()
    place = order.index(flight)
    if place + 1 < len(order):
        query = {"flight": order[place + 1].id}
        travel.link("learn", _("The next flight"), query, icon=":material/arrow_forward:")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            _("Fly it again"),
            key=f"flight.{flight.id}.again",
            type="tertiary",
            icon=":material/replay:",
            on_click=_forget,
            args=(flight.id,),
        )
        travel.link("learn", _("All lessons"), icon=":material/list:")


def _forget(flight_id: str) -> None:
    """Let a flight begin anew."""
    for key in [key for key in st.session_state if str(key).startswith(f"flight.{flight_id}.")]:
        del st.session_state[key]
