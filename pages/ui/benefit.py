"""What transfer has brought, drawn: so that it can stand on any page that has a record of it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.ui import curves, frame, terms, text
from tl_core import catalog
from tl_core.benefits import Benefit
from tl_core.i18n import N_, _
from tl_core.report import benefit as report
from tl_core.report import benefit_words as words
from tl_core.report import ceiling

UNITS = {"epochs": N_("by epoch"), "seconds": N_("by seconds")}


def draw(found: Benefit, *, key: str) -> None:
    """Draw everything that is known of a benefit, each picture with its sentence.

    Args:
        found: the record, whole or on its way.
        key: unlike that of any other panel on the page.
    """
    names = {base.id: base.title for base in catalog.all_bases()}
    _labels(found, key)
    _pace(found, key)
    _ceiling(found, names, key)
    _inherited(found)
    _numbers(found, names, key)


def _labels(found: Benefit, key: str) -> None:
    st.subheader(_("Fewer labels"), anchor=False)
    with frame.reading():
        st.write(text.escape(words.fewer_sentence(found)))
    curves.draw(
        partial(report.labels_figure, found), key=f"{key}.labels", alt=report.labels_alt(found)
    )
    st.caption(
        _("Each small mark is one draw of so many labels, the line their mean, the band its 95 % "
          "interval on the validation examples, which are the same for all.")
    )  # fmt: skip


def _pace(found: Benefit, key: str) -> None:
    st.subheader(_("Faster learning"), anchor=False)
    with frame.reading():
        st.write(text.escape(words.faster_sentence(found)))
    unit = st.segmented_control(
        _("Measured"),
        list(UNITS),
        default="epochs",
        required=True,
        format_func=lambda one: _(UNITS[one]),
        key=f"{key}.unit",
        label_visibility="collapsed",
    )
    curves.draw(
        partial(report.pace_figure, found, by_seconds=unit == "seconds"),
        key=f"{key}.pace.{unit}",
        alt=words.faster_sentence(found),
    )


def _ceiling(found: Benefit, names: dict[str, str], key: str) -> None:
    st.subheader(_("A higher ceiling, and what a better base would add"), anchor=False)
    with frame.reading():
        st.write(text.escape(words.ceiling_sentence(found)))
        st.write(text.escape(words.bases_sentence(found, names)))
    curves.draw(
        partial(ceiling.ceiling_figure, found, names),
        key=f"{key}.ceiling.{len(ceiling.whole_parts(found))}",
        alt=ceiling.ceiling_alt(found, names),
    )


def _inherited(found: Benefit) -> None:
    st.subheader(_("What was inherited"), anchor=False)
    with frame.reading():
        st.write(text.escape(words.inherited_sentence(found)))
        if source := words.inherited_source(found):
            st.caption(text.escape(source))


def _numbers(found: Benefit, names: dict[str, str], key: str) -> None:
    with st.expander(_("Details and numbers")):
        st.dataframe(
            report.labels_table(found),
            hide_index=True,
            alt=_("Right answers by number of labels, as numbers"),
        )
        st.dataframe(
            ceiling.ceiling_table(found, names),
            hide_index=True,
            alt=_("Right answers with all labels, as numbers"),
        )
        terms.meanings("accuracy", "head_start", "inherited_computing", key=f"{key}.terms")
        st.caption(text.escape(words.settings_sentence(found)))
    with st.expander(_("How is it measured?")):
        st.write(
            _("Every point is a training of its own. Smaller numbers of labels are drawn so that "
              "each class keeps its share and a larger draw holds the smaller one. From scratch "
              "is the same network with random weights, which gets as many steps as its share of "
              "the time allows, and more epochs where there are few labels. All are judged on the "
              "same validation examples at the epoch with their lowest validation loss, which "
              "flatters all of them a little. With all labels two are called different only if a "
              "paired test on those examples tells them apart (exact McNemar, Holm's correction, "
              "p below 0.05).")
        )  # fmt: skip
