"""The base models as a person compares them: measured or in the known order, and in words."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import streamlit as st

from pages.ui import jobs, known, text
from pages.ui.place import Place
from tl_core import catalog, wording
from tl_core.advisor.bases import Ranked, chance, rank, recommended, sentence, standing
from tl_core.analysis import unseen
from tl_core.catalog import UNRANKED, Base
from tl_core.data.dataset import Dataset
from tl_core.data.measured import list_evidence
from tl_core.errors import InputError, Issue
from tl_core.i18n import _, ngettext
from tl_core.runs import listing
from tl_core.runs.state import RunState
from tl_core.spec import Evidence

NOTHING = "–"


def choices(place: Place, dataset: Dataset | None) -> tuple[Base, ...]:
    """Return the bases for the place's data that can be used here, in the known order.

    Those that come with Thaw, what runs have made of them on other data, and what the person has
    added: a base that was measured on these data before, or that the address names.
    """
    judged = unseen.in_tests(dataset) if dataset else None
    able = list(catalog.choices(place.modality, judged))
    measured_before = [e.base for e in list_evidence(dataset.id)] if dataset else []
    for name in dict.fromkeys((*measured_before, place.base)):
        if name and name not in {base.id for base in able}:
            with contextlib.suppress(InputError):
                able.append(fitting(name, place, dataset))
    return tuple(able)


def fitting(name: str, place: Place, dataset: Dataset | None) -> Base:
    """Return the base called `name`.

    Raises:
        InputError: if there is none, or it cannot be used with the place's data, and why.
    """
    base = catalog.find(name)
    catalog.require_reads(base, place.modality)
    if dataset:
        catalog.require_unseen(base, unseen.in_tests(dataset))
    return base


def left_out(dataset: Dataset) -> str:
    """Return that models of the person are not offered since they know these data by heart."""
    judged = unseen.in_tests(dataset)
    n = sum(catalog.has_learned_from(base, judged) for base in catalog.kept(dataset.modality))
    text = ngettext(
        "{n} model that a run has tuned on these very data is not offered: a test on what it has "
        "learned from would flatter it.",
        "{n} models that runs have tuned on these very data are not offered: a test on what they "
        "have learned from would flatter them.",
        n,
    )
    return text.format(n=n) if n else ""


def measured(dataset: Dataset, place: Place, able: Sequence[Base]) -> dict[str, Evidence]:
    """Return what was measured on the dataset, per base."""
    found = {base.id: known.evidence(dataset, place, base.id) for base in able}
    return {base: evidence for base, evidence in found.items() if evidence is not None}


def active_jobs(place: Place) -> list[RunState]:
    """Return the jobs that measure bases on the place's data now, the oldest first."""
    mine = [
        run
        for run in listing.list_runs()
        if run.is_active and run.spec.kind == "evidence" and run.spec.dataset == place.data
    ]
    return mine[::-1]


def ranking(found: dict[str, Evidence], able: Sequence[Base]) -> tuple[Ranked, ...]:
    """Return the measured bases by their accuracy, each tested against the best."""
    return rank(found.values(), {base.id: base.static_rank for base in able})


def in_order(places: Sequence[Ranked], able: Sequence[Base]) -> tuple[Base, ...]:
    """Return the bases: the one to begin with, the others by accuracy, then those not measured."""
    by_id = {base.id: base for base in able}
    best_first = sorted(places, key=lambda place: not place.is_recommended)
    measured_ones = [by_id[place.evidence.base] for place in best_first]
    return (*measured_ones, *(base for base in able if base not in measured_ones))


def chosen(
    place: Place, ordered: Sequence[Base], dataset: Dataset | None
) -> tuple[Base, tuple[Issue, ...]]:
    """Return the base that the place names or else the first, and why one named cannot be used.

    Raises:
        InputError: if there is no base of that name.
    """
    if not place.base:
        return ordered[0], ()
    catalog.find(place.base)
    try:
        return fitting(place.base, place, dataset), ()
    except InputError as error:
        fix = _("Choose one of those below: they were trained on data like yours.")
        return ordered[0], tuple(Issue("", issue.message, fix) for issue in error.issues)


def answer(best: Base, places: Sequence[Ranked], able: Sequence[Base], *, has_data: bool) -> str:
    """Return the answer of the page in one sentence, or two where the person chose otherwise."""
    if len(places) > 1:
        first = recommended(places).evidence.base
        told = sentence(places, next(base.title for base in able if base.id == first))
        if best.id == first:
            return told
        return _("You chose {base}. {told}").format(base=best.title, told=told)
    if places and places[0].evidence.base == best.id:
        accuracy = wording.percent_interval(places[0].evidence.linear_probe)
        return _("{base}: a quick test on your data, without changing it, gets {accuracy}.").format(
            base=best.title, accuracy=accuracy
        )
    if best.static_rank == UNRANKED:
        return _("{base}: with your data Thaw can measure how close it is.").format(base=best.title)
    if has_data:
        return _(
            "{base} comes first in the known order; it is now being tried on your data."
        ).format(base=best.title)
    return _("{base} comes first in the known order; with your data Thaw can measure.").format(
        base=best.title
    )


def card(base: Base, place: Ranked | None, *, has_rivals: bool) -> None:
    """Draw what a base was trained on, what it is good for, and how it does on the data."""
    st.subheader(text.escape(base.title), anchor=False)
    if place is not None:
        evidence = place.evidence
        st.markdown(
            _("**{accuracy}** on your data, unchanged").format(
                accuracy=text.escape(wording.percent_interval(evidence.linear_probe))
            )
        )
        told = [text.begun(standing(place))] if has_rivals else []
        told.append(
            _("{n} examples a second on this computer").format(
                n=wording.number(evidence.forward_per_second)
            )
        )
        st.caption("  \n".join(told))
    else:
        st.caption(_("Not measured on your data yet"))
    if base.good_for:
        st.write(text.escape(_(base.good_for)))
    if base.trained_on:
        st.caption(_("Trained on {what}").format(what=text.escape(_(base.trained_on))))
    if base.tuned:
        st.caption(_("Made by your run {id}").format(id=text.escape(base.tuned[0].run)))


def facts_table(places: Sequence[Ranked], able: Sequence[Base]) -> list[dict[str, str]]:
    """Return the numbers of every base, for the fold below the cards."""
    by_id = {place.evidence.base: place for place in places}
    return [_facts(base, by_id.get(base.id)) for base in able]


def _facts(base: Base, place: Ranked | None) -> dict[str, str]:
    reads = {"text": _("{n} tokens of a text"), "picture": _("{n} px of a picture's edge")}
    p = None if place is None else place.p_holm
    return {
        _("Base"): text.escape(base.title),
        _("Parameters"): _millions(base.parameters),
        _("Multiply-adds"): _millions(base.macs),
        _("Reads at most"): reads[base.modality].format(n=base.size) if base.size else NOTHING,
        _("Accuracy on its own task"): NOTHING
        if base.source_accuracy is None
        else wording.percent(base.source_accuracy),
        _("On your data"): NOTHING
        if place is None
        else wording.percent_interval(place.evidence.linear_probe),
        _("p against the best"): NOTHING if p is None else chance(p).removeprefix("= "),
        _("Licence"): text.escape(base.licence or NOTHING),
    }


def _millions(n: int | None) -> str:
    return NOTHING if n is None else _("{n} million").format(n=wording.number(n / 1e6))


def measure_others(place: Place, found: dict[str, Evidence], able: Sequence[Base]) -> None:
    """Begin to measure every base that was not."""
    for base in able:
        if base.id not in found:
            jobs.ensure_evidence(place, base.id)
