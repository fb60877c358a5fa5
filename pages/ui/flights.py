"""The flights of the simulator as a list, with what those that are over have brought."""

from __future__ import annotations

import streamlit as st

from pages.ui import travel
from tl_core.i18n import _, ngettext
from tl_core.lessons import flights
from tl_core.lessons.flown import read_flown
from tl_core.lessons.scoring import FULL


def offer() -> None:
    """Offer every flight, and say what those that are over have brought."""
    st.subheader(_("Curve flight simulator"), anchor=False)
    st.write(
        _("Recorded real runs, to be watched as if they were yours. Some are sound; most have "
          "something wrong with them. Call it as early as you can and choose what to do, then see "
          "the run that did it beside the one that did not.")
    )  # fmt: skip
    flown = read_flown()
    if flown:
        told = _("{points} of {full} points from {n} of {all} flights.").format(
            points=sum(flown.values()),
            full=FULL * len(flown),
            n=len(flown),
            all=len(flights()),
        )
        st.write(told)
    for number, one in enumerate(flights(), 1):
        icon = ":material/check_circle:" if one.id in flown else ":material/circle:"
        label = f"{number}\u2002{_(one.title)}"
        if one.id in flown:
            points = ngettext("{n} point", "{n} points", flown[one.id]).format(n=flown[one.id])
            label = f"{label}: :small[{points}]"
        travel.link("learn", label, {"flight": one.id}, icon=icon)
