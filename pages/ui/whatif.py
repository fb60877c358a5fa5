"""What if there were more examples, or the task lay nearer? Two sliders that move the advice."""

from __future__ import annotations

import math
from functools import partial

import streamlit as st

from pages.ui import spectrum, terms, text
from pages.ui.place import Place
from tl_core import wording
from tl_core.advisor import is_distance_read, training_examples, what_if
from tl_core.advisor.declared import show
from tl_core.advisor.facts import distance_of
from tl_core.i18n import _
from tl_core.report.distance import landmarks
from tl_core.spec import DatasetFacts, Evidence

FEWEST, MOST = 20, 100_000
"""Ends of the slider: well beyond the borders at which any rule asks for the number."""
_TENTHS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)
"""Steps of a decade, about alike on a logarithmic scale."""
_LATES = 24
"""Steps from the near end of the distance axis to its far end."""


def draw(place: Place, facts: DatasetFacts, found: Evidence) -> None:
    """Draw the sliders, and what the advisor says of what they suppose."""
    known = training_examples(facts, found)
    st.write(_("The same rules, asked about other data: nothing is trained or measured for this."))
    n_key, late_key = (f"whatif.{name}.{_stamp(place)}" for name in ("n", "late"))
    real: dict[str, float] = {n_key: known}
    n = st.select_slider(
        _("Training examples"),
        numbers(known, found.classes),
        value=known,
        format_func=wording.count,
        key=n_key,
        help=terms.told("examples", "volume"),
    )
    late = None
    if found.shift is not None and is_distance_read(facts, found):
        real[late_key] = found.shift.late
        late = st.select_slider(
            _("Distance of the task (late shift)"),
            lates(found.shift.late, facts.modality),
            value=found.shift.late,
            format_func=partial(_late, found=found, modality=facts.modality),
            key=late_key,
            help=terms.told("shift", "distance"),
        )
    moved = what_if(facts, found, n=n, late=late)
    st.markdown(text.escape(moved.text))
    spectrum.draw_marked(
        moved.supposed, {moved.now.recommendation.strategy: "now"}, key="whatif.spectrum"
    )
    for line in moved.assumed:
        st.caption(text.escape(line))
    st.button(
        _("Back to your data"),
        on_click=st.session_state.update,
        args=(real,),
        disabled=not moved.assumed,
        key="whatif.back",
    )


def numbers(known: int, classes: int) -> list[int]:
    """Return how many examples can be supposed: round numbers, and as many as there are."""
    decades = range(int(math.log10(FEWEST)), int(math.log10(MOST)) + 1)
    rounds = {round(tenth * 10**decade) for decade in decades for tenth in _TENTHS}
    return sorted({n for n in rounds if max(FEWEST, classes) <= n <= MOST} | {known})


def lates(measured: float, modality: str) -> list[float]:
    """Return which late shifts can be supposed, the measured one among them; none looks twice."""
    near, far = landmarks(modality).ends
    steps = (near * (far / near) ** (i / _LATES) for i in range(_LATES + 1))
    rounded = {float(f"{late:.2g}") for late in steps}
    seen = wording.number(measured)
    return sorted({late for late in rounded if wording.number(late) != seen} | {measured})


def _late(late: float, found: Evidence, modality: str) -> str:
    """Name a late shift with its distance; LEEP may have made the measured one far."""
    is_measured = found.shift is not None and late == found.shift.late
    distance = found.distance if is_measured else distance_of(late, None, modality)
    return _("{late} ({distance})").format(
        late=wording.number(late), distance=show("distance", distance)
    )


def _stamp(place: Place) -> str:
    """Return what the sliders belong to: on other data they begin anew."""
    return f"{place.data}.{place.revision}.{place.base_id}.{place.edge()}"
