"""Data: is this enough, and is it sound?"""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.ui import (
    commands,
    curves,
    frame,
    jobs,
    known,
    mending,
    pictures,
    report_card,
    text,
    texts,
    travel,
    volume,
)
from pages.ui.place import here
from tl_core import data, wording
from tl_core.data.audit import Finding
from tl_core.i18n import _, ngettext
from tl_core.report import charts, tables
from tl_core.report.language import languages_sentence
from tl_core.spec import DatasetFacts

frame.require_frame("data")


def answer(facts: DatasetFacts, findings: tuple[Finding, ...]) -> str:
    """Return the answer of the page in one sentence."""
    usable = _("{examples} in {classes}").format(
        examples=wording.examples(facts.n, facts.modality), classes=text.classes(facts.classes)
    )
    problems = [f for f in findings if f.severity != "info"]
    serious = [f for f in problems if f.severity == "serious"]
    if not problems:
        return _("{usable}; nothing found that speaks against them.").format(usable=usable)
    found = ngettext("{n} problem worth fixing", "{n} problems worth fixing", len(problems)).format(
        n=len(problems)
    )
    if not serious:
        return _("{usable}; {found}, none of them serious.").format(usable=usable, found=found)
    return ngettext(
        "{usable}; {found}, {n} of them serious.",
        "{usable}; {found}, {n} of them serious.",
        len(serious),
    ).format(usable=usable, found=found, n=len(serious))


def audit_panel(dataset_id: str, was_active: bool) -> None:
    """Draw how far the closer look is that takes a network."""
    job = jobs.ensure_audit(data.load(dataset_id))
    if job is None or (was_active and not job.is_active):
        if was_active:
            travel.again()
        return
    jobs.show(job, doing=_("Looking closer: near-duplicates, and labels that may be wrong"))


place = here()
question = _("Is this enough, and is it sound?")
dataset = known.need_data(
    place,
    question,
    _("Here you will see your data by class, how much there is, and what is wrong with it."),
)
facts = known.facts(dataset)
findings = known.findings(dataset)
frame.head(question, answer(facts, findings))
in_words = (volume.parts(facts), languages_sentence(facts.languages))
st.write(text.escape(" ".join(filter(None, in_words))))
(texts if dataset.modality == "text" else pictures).by_class(dataset)
curves.draw(
    partial(charts.class_counts_figure, facts.counts),
    key="data.counts",
    alt=charts.class_counts_alt(facts.counts),
)
mending.refusal()
if findings:
    st.subheader(_("What was found"), anchor=False)
    report_card.draw(dataset, findings, known.doubts(dataset))
job = jobs.ensure_audit(dataset)
is_active = job is not None and job.is_active
if job is not None:
    travel.poll(frame.bordered(audit_panel), 1.0 if is_active else None, dataset.id, is_active)
mending.history(dataset)
serious = any(f.severity == "serious" for f in findings)
if st.button(_("Go on anyhow") if serious else _("Go on"), type="primary", key="data.on"):
    travel.go("distance", place.params(run=""))
with st.expander(_("Why?")):
    st.write(text.escape(volume.precision(facts)))
    st.write(
        _("What the rule of thumb says about this many examples, before anything is measured:")
    )
    st.markdown("\n".join(f"- {text.escape(rule)}" for rule in volume.rules_of_thumb(facts)))
with st.expander(_("Details and numbers")):
    st.write(text.escape(volume.sizes(facts)))
    st.dataframe(tables.class_counts(facts.counts), hide_index=True, alt=_("Examples per class"))
commands.fold(commands.check(dataset.id))
