"""How the features lie before and after tuning: two pictures, and what was measured on them."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from pages.ui import curves, examples, explaining, terms, text
from pages.ui.judged import Judged
from tl_core.analysis import feature_map
from tl_core.analysis.feature_map import FeatureMap, Floats
from tl_core.i18n import _
from tl_core.report import feature_map as chart
from tl_core.runs import store

_CHOSEN = "results.point"


def draw(found: Judged) -> None:
    """Draw the map of the features, or offer to make it."""
    st.subheader(_("What has tuning done to what it sees?"), anchor=False)
    kept = feature_map.read(store.run_dir(found.run.id))
    if kept is None:
        st.write(_("Each example is a point; those that the network sees alike lie together."))
        explaining.offer(
            found,
            explaining.spec_of(found.run, ("map",)),
            label=_("Draw the map"),
            doing=_("Comparing features before and after"),
            key="results.map",
        )
        return
    for words in feature_map.told(kept.measured):
        st.write(text.escape(words))
    _charts(found, kept)
    st.caption(
        _("Large: held out; small and pale: learned from; ringed: named wrongly. Neighbours are "
          "alike; distances far away, and the axes, mean nothing. Choose a point to see it.")
    )  # fmt: skip
    terms.meanings("purity", "silhouette", key="results.map")
    _point(found)


def _charts(found: Judged, kept: FeatureMap) -> None:
    if kept.after is None:
        title = _("As learned") if not kept.measured.inherits else _("Before and after")
        _chart(found, kept, kept.before, title)
        return
    for column, (points, title) in zip(
        st.columns(2),
        ((kept.before, _("Before tuning")), (kept.after, _("After tuning"))),
        strict=True,
    ):
        with column:
            _chart(found, kept, points, title)


def _chart(found: Judged, kept: FeatureMap, points: Floats, title: str) -> None:
    wrong = {
        int(row)
        for one in found.parts.values()
        for row, is_right in zip(one.rows, one.is_right, strict=True)
        if not is_right
    }
    st.caption(f"**{title}**")
    rows, is_val = kept.rows.tolist(), kept.is_val.tolist()
    clicked = curves.draw(
        partial(
            chart.feature_map_figure,
            *(points, kept.labels.tolist(), is_val, rows, wrong, found.plain.classes),
        ),
        key=f"results.map.{found.run.id}.{title}",
        alt=chart.feature_map_alt(title, is_val, rows, wrong),
        clicks=True,
    )
    if _is_row(clicked, rows):
        st.session_state[f"{_CHOSEN}.{found.run.id}"] = clicked


def _is_row(clicked: Any, rows: list[int]) -> bool:
    """Check what the browser says was clicked."""
    return isinstance(clicked, int) and clicked in rows


def _point(found: Judged) -> None:
    """Draw the example of the point that was chosen last."""
    row = st.session_state.get(f"{_CHOSEN}.{found.run.id}")
    for answers in found.parts.values():
        places = [place for place, own in enumerate(answers.rows) if int(own) == row]
        if places:
            examples.draw(found, answers, places, key="point")
            return
    if (example := found.examples().get(row)) is not None and found.before is not None:
        examples.show(example, found.modality)
        label = found.before.classes[example.label]
        st.caption(text.escape(_("labelled {label}, learned from").format(label=label)))
