"""The report card: what was found in the data, worst first, each with a look at it and a fix."""

from __future__ import annotations

import streamlit as st

from pages.ui import mending, pictures, text
from tl_core import wording
from tl_core.data.audit import Finding
from tl_core.data.dataset import Dataset
from tl_core.data.edits import Edit
from tl_core.data.fixes import fixes_for
from tl_core.data.suspicions import Suspicions, doubt_sentence, leak_sentence
from tl_core.i18n import N_, _

SEVERITIES = {
    "serious": (N_("serious"), "red"),
    "warning": (N_("worth fixing"), "orange"),
    "info": (N_("for your information"), "gray"),
}
MOST_SHOWN = 12  # pictures of a finding, or pairs; more would not be looked at
MOST_REVIEWED = 6  # doubted labels at a time


def draw(dataset: Dataset, findings: tuple[Finding, ...], known: Suspicions | None) -> None:
    """Draw a row for each finding, the most pressing first."""
    for finding in findings:
        with st.container(border=True):
            _row(dataset, finding, known)


def _row(dataset: Dataset, finding: Finding, known: Suspicions | None) -> None:
    word, colour = SEVERITIES[finding.severity]
    st.badge(_(word), color=colour)
    st.markdown(f"**{text.escape(finding.effect)}**")
    if finding.check in ("leak", "shared") and known and known.leak:
        st.write(text.escape(leak_sentence(known.leak)))
    if finding.check == "wrong_labels" and known:
        st.write(text.escape(doubt_sentence(known, dataset.modality)))
    if finding.fix:
        st.write(text.escape(finding.fix))
    _fix_buttons(dataset, finding)
    if finding.check == "wrong_labels":
        with st.expander(_("Look at them one by one"), key="data.review"):
            _review(dataset, finding)
    elif finding.examples:
        with st.expander(_("Which ones?"), key=f"data.which.{finding.check}"):
            _look(dataset, finding)


def _fix_buttons(dataset: Dataset, finding: Finding) -> None:
    fixes = fixes_for(finding, dataset)
    keeps = finding.check in ("flat", "few_pixels", "extreme_shape", "near_conflict")
    if not fixes and not keeps:
        return
    with st.container(horizontal=True):
        for fix in fixes:
            if st.button(fix.words, key=f"data.fix.{finding.check}.{fix.id}"):
                mending.apply(dataset.id, *fix.edits)
        if keeps and st.button(_("Keep them as they are"), key=f"data.keep.{finding.check}"):
            mending.apply(dataset.id, Edit("keep", rows=finding.rows, check=finding.check))


def _look(dataset: Dataset, finding: Finding) -> None:
    """Show the examples that a finding concerns: as pictures where they are any, and by name."""
    if dataset.modality == "picture" and finding.pairs:
        _pairs(dataset, finding)
    elif dataset.modality == "picture" and finding.rows:
        rows = finding.rows[:MOST_SHOWN]
        pictures.of_rows(dataset, rows)
    st.code("\n".join(finding.examples), language=None, wrap_lines=True)
    if finding.count > len(finding.examples):
        st.caption(
            _("The first {n} of {all}.").format(
                n=wording.count(len(finding.examples)), all=wording.count(finding.count)
            )
        )


def _pairs(dataset: Dataset, finding: Finding) -> None:
    """Show what is alike side by side; of a leak, what trains on the left."""
    if finding.check in ("leak", "shared"):
        st.caption(_("On the left what training holds, on the right its twin that is held out."))
    for start in range(0, min(len(finding.pairs), MOST_SHOWN // 2), 3):
        for column, pair in zip(st.columns(3), finding.pairs[start : start + 3], strict=False):
            with column:
                pictures.of_rows(dataset, pair)


def _review(dataset: Dataset, finding: Finding) -> None:
    """Show doubted labels one by one, each with its three ways out."""
    of_row = {example.row: example for example in dataset.examples}
    shown = list(zip(finding.rows, finding.asides, strict=True))[:MOST_REVIEWED]
    for start in range(0, len(shown), 3):
        columns = st.columns(3)
        for column, (row, suggested) in zip(columns, shown[start : start + 3], strict=False):
            example = of_row[row]
            with column.container(border=True, height="stretch"):
                given = dataset.classes[example.label]
                if dataset.modality == "picture":
                    pictures.of_rows(dataset, (row,))
                else:
                    st.write(text.escape(example.text[:200]))
                st.caption(text.escape(_("labelled {given}").format(given=given)))
                _ways_out(dataset, row, suggested)
    if finding.count > len(shown):
        left = wording.count(finding.count - len(shown))
        st.caption(_("{n} more follow when these are done.").format(n=left))


def _ways_out(dataset: Dataset, row: int, suggested: str) -> None:
    check = "wrong_labels"
    label = _("It is {label}").format(label=text.escape(suggested))
    if st.button(label, key=f"data.relabel.{row}", width="stretch"):
        mending.apply(dataset.id, Edit("relabel", rows=(row,), label=suggested, check=check))
    if st.button(_("Leave it out"), key=f"data.drop.{row}", width="stretch"):
        mending.apply(dataset.id, Edit("drop", rows=(row,), check=check))
    if st.button(_("The label is right"), key=f"data.right.{row}", width="stretch"):
        mending.apply(dataset.id, Edit("keep", rows=(row,), check=check))
