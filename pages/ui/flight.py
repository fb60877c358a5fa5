"""A flight on screen: a recorded run is watched, called, and goes on with what was chosen."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from pages.ui import announce, debrief, frame, legs, replay, text, travel
from tl_core import catalog, wording
from tl_core.i18n import _, ngettext
from tl_core.lessons import Flight, choices, trouble, troubles
from tl_core.lessons.flown import note
from tl_core.lessons.legs import Leg, Recorded, recorded
from tl_core.lessons.scoring import Call, score, truth_of
from tl_core.watch import narrate


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody has said of the run."""

    call: Call | None
    """None for letting it go on."""
    choice: str = ""
    """What they do about it; empty for nothing."""


def draw(flight: Flight) -> None:
    """Draw a flight: before the call, after it, or at its end."""
    told = recorded(flight.id)
    key = f"flight.{flight.id}"
    frame.head(_("What is happening to this run?"), _(flight.title))
    with st.container(width=frame.READING_PX):
        st.write(_(flight.idea))
        st.caption(text.escape(_known(told.untouched)))
    said: Said | None = st.session_state.get(f"{key}.said")
    last = _last(told, said)
    replay.wake(key, last)
    if said is not None and replay.epoch(key, last) >= last:
        debrief.draw(flight, told, said.call, said.choice)
        return
    replay.controls(key, last)
    playing = replay.LOOK_SECONDS if replay.is_playing(key) else None
    travel.poll(frame.bordered(_flying), playing, flight, news=_at)
    if said is None:
        _ask(flight, told, key)
    else:
        st.button(_("Skip to the end"), key=f"{key}.skip", on_click=replay.rest, args=(key, last))


def _known(leg: Leg) -> str:
    """Say what is known of a run before it begins."""
    settings, cell = leg.settings, leg.settings["cell"]
    parts = [
        _("{n} pictures to learn from").format(n=wording.count(settings["train"])),
        _("{n} to validate on").format(n=wording.count(settings["val"])),
        text.classes(len(settings["classes"])),
        catalog.find(cell["base"]).title,
        text.strategy(cell["strategy"]),
        ngettext("at most {n} epoch", "at most {n} epochs", settings["epochs"]).format(
            n=settings["epochs"]
        ),
    ]
    return " · ".join(parts)


def _at(flight: Flight) -> object:
    """Return what is equal until there is another epoch to draw."""
    key = f"flight.{flight.id}"
    return replay.look(key, _last(recorded(flight.id), st.session_state.get(f"{key}.said")))


def _flying(flight: Flight) -> None:
    """Draw the run as far as it has come; at its end have the whole page drawn once more."""
    told, key = recorded(flight.id), f"flight.{flight.id}"
    said: Said | None = st.session_state.get(f"{key}.said")
    last = _last(told, said)
    epoch = replay.look(key, last)
    if said is not None and said.choice:
        twin = told.twin(said.choice)
        st.write(_done(said, twin))
        legs.draw_beside((told.untouched, twin), debrief.names(twin), epoch, key=f"{key}.beside")
    else:
        legs.draw(told.untouched, epoch)
    words = narrate.status_line(legs.state_of(told.untouched, epoch))
    announce.politely(words, key=f"{key}.announced")
    if epoch >= last:
        replay.rest(key, last)
        if said is None:
            _say(flight, Said(None))
        travel.again()


def _done(said: Said, twin: Leg) -> str:
    """Say what was called and done, and where the recording did it."""
    assert said.call is not None
    words = _("At epoch {epoch} you called it: {trouble}. You chose: {choice}.").format(
        epoch=said.call.epoch,
        trouble=_(trouble(said.call.trouble).title),
        choice=_(choices()[twin.name].title),
    )
    if twin.is_anew:
        more = _("That takes a new run, which is drawn from its own beginning.")
    else:
        more = _("The recorded run was asked for it after epoch {epoch}.").format(epoch=twin.at)
    return text.escape(f"{words} {more}")


def _ask(flight: Flight, told: Recorded, key: str) -> None:
    """Draw what can be called and done."""
    st.subheader(_("What is it, and what do you do?"), anchor=False)
    named = {one.id: one for one in troubles()}
    with st.form(f"{key}.form", width=frame.READING_PX):
        call = st.radio(
            _("Something is wrong:"),
            list(named),
            format_func=lambda one: _(named[one].title),
            index=None,
            key=f"{key}.call",
        )
        choice = st.radio(
            _("What to do about it:"),
            [leg.name for leg in told.twins],
            format_func=lambda one: _(choices()[one].title),
            captions=[_(choices()[leg.name].text) for leg in told.twins],
            index=None,
            key=f"{key}.choice",
        )
        st.caption(_("Offered is what was recorded. The run goes on while you think; you can "
                     "pause it."))  # fmt: skip
        is_called = st.form_submit_button(_("Call it now"), type="primary", key=f"{key}.submit")
    if is_called and call and choice:
        epoch = replay.epoch(key, told.untouched.last)
        _say(flight, Said(Call(call, epoch), choice))
        st.rerun()
    elif is_called:
        st.warning(_("Choose both: what is wrong, and what to do about it."))
    if st.button(_("Nothing is wrong: let it run to its end"), key=f"{key}.let"):
        _say(flight, Said(None))
        replay.go_on(key, told.untouched.last)
        st.rerun()
    with st.expander(_("By what does one know each of them?")):
        for one in named.values():
            st.markdown(f"**{_(one.title)}** ({_(one.term)}): {_(one.text)}")


def _say(flight: Flight, said: Said) -> None:
    """Keep what somebody said, and what it is worth."""
    st.session_state[f"flight.{flight.id}.said"] = said
    note(flight.id, score(truth_of(flight, recorded(flight.id)), said.call))


def _last(told: Recorded, said: Said | None) -> int:
    """Return the last epoch of whatever is drawn."""
    if said is None or not said.choice:
        return told.untouched.last
    return max(told.untouched.last, told.twin(said.choice).last)
