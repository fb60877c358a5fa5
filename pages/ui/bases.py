"""The base models as a person compares them: measured or in the known order, and in words."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui import jobs, known, text
from pages.ui.place import Place
from tl_core import catalog, wording
from tl_core.catalog import Base
from tl_core.data.dataset import Dataset
from tl_core.errors import InputError, Issue
from tl_core.i18n import _, ngettext
from tl_core.runs import store
from tl_core.runs.state import RunState
from tl_core.spec import Evidence


def choices(modality: str) -> tuple[Base, ...]:
    """Return the bases for such data that can be used here, in the known order."""
    return tuple(base for base in catalog.rank(modality) if catalog.is_available(base))


def measured(dataset: Dataset, place: Place) -> dict[str, Evidence]:
    """Return what was measured on the dataset, per base."""
    able = choices(dataset.modality)
    found = {base.id: known.evidence(dataset, place, base.id) for base in able}
    return {base: evidence for base, evidence in found.items() if evidence is not None}


def active_jobs(place: Place) -> list[RunState]:
    """Return the jobs that measure bases on the place's data now, the oldest first."""
    mine = [
        run
        for run in store.list_runs()
        if run.is_active and run.spec.kind == "evidence" and run.spec.dataset == place.data
    ]
    return mine[::-1]


def ties(found: dict[str, Evidence]) -> list[str]:
    """Return the ids of the bases that the probe cannot tell from the best one."""
    if not found:
        return []
    best = max(found.values(), key=lambda e: e.linear_probe.value).linear_probe
    return [base for base, e in found.items() if e.linear_probe.high >= best.value]


def ranked(found: dict[str, Evidence], modality: str) -> tuple[Base, ...]:
    """Return the bases, best first: those that tie by speed, then by accuracy, then unmeasured."""
    tied = ties(found)

    def place_of(base: Base) -> tuple[int, float]:
        if base.id in tied:
            return 0, -found[base.id].forward_per_second
        if base.id in found:
            return 1, -found[base.id].linear_probe.value
        return 2, float(base.static_rank)

    return tuple(sorted(choices(modality), key=place_of))


def chosen(place: Place, ranked: Sequence[Base]) -> tuple[Base, tuple[Issue, ...]]:
    """Return the base that the place names or else the first, and why one named cannot be used."""
    if not place.base:
        return ranked[0], ()
    named = catalog.find(place.base)
    try:
        catalog.require_reads(named, place.modality)
    except InputError as error:
        fix = _("Choose one of those below: they were trained on data like yours.")
        return ranked[0], tuple(Issue("", issue.message, fix) for issue in error.issues)
    return named, ()


def answer(best: Base, found: dict[str, Evidence], *, has_data: bool) -> str:
    """Return the answer of the page in one sentence."""
    tied = ties(found)
    if len(tied) > 1:
        return ngettext(
            "{base}: it is the faster of {n} that tie on your data.",
            "{base}: it is the fastest of {n} that tie on your data.",
            len(tied) - 1,
        ).format(base=best.title, n=len(tied))
    if len(found) > 1:
        return _("{base}: a quick test on your data finds it better than the others.").format(
            base=best.title
        )
    if found:
        accuracy = wording.percent_interval(next(iter(found.values())).linear_probe)
        return _("{base}: a quick test on your data, without changing it, gets {accuracy}.").format(
            base=best.title, accuracy=accuracy
        )
    if has_data:
        return _(
            "{base} comes first in the known order; it is now being tried on your data."
        ).format(base=best.title)
    return _("{base} comes first in the known order; with your data Thaw can measure.").format(
        base=best.title
    )


def card(base: Base, evidence: Evidence | None) -> None:
    """Draw what a base was trained on, what it is good for, and how it does on the data."""
    st.subheader(text.escape(base.title), anchor=False)
    if evidence is not None:
        st.markdown(
            _("**{accuracy}** on your data, unchanged").format(
                accuracy=text.escape(wording.percent_interval(evidence.linear_probe))
            )
        )
        st.caption(
            _("{n} examples a second on this computer").format(
                n=wording.number(evidence.forward_per_second)
            )
        )
    else:
        st.caption(_("Not measured on your data yet"))
    st.write(text.escape(_(base.good_for)))
    st.caption(_("Trained on {what}").format(what=text.escape(_(base.trained_on))))


def facts_table(found: dict[str, Evidence], modality: str) -> list[dict[str, str]]:
    """Return the numbers of every base, for the fold below the cards."""
    return [
        {
            _("Base"): text.escape(base.title),
            _("Parameters"): _("{n} million").format(
                n=wording.number((base.parameters or 0) / 1e6)
            ),
            _("Multiply-adds"): _("{n} million").format(n=wording.number((base.macs or 0) / 1e6)),
            _("Reads at most"): {
                "text": _("{n} tokens of a text"),
                "picture": _("{n} px of a picture's edge"),
            }[base.modality].format(n=base.size),
            _("Accuracy on its own task"): "–"
            if base.source_accuracy is None
            else wording.percent(base.source_accuracy),
            _("On your data"): "–"
            if base.id not in found
            else wording.percent_interval(found[base.id].linear_probe),
            _("Licence"): text.escape(base.licence),
        }
        for base in choices(modality)
    ]


def measure_others(place: Place, found: dict[str, Evidence]) -> None:
    """Begin to measure every base that was not."""
    for base in choices(place.modality):
        if base.id not in found:
            jobs.ensure_evidence(place, base.id)
