"""Runs on the shelf: found by words and tags, one card each, several at once, the trash."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import streamlit as st

from pages.ui import frame, known, picks, text, travel
from tl_core import wording
from tl_core.errors import InputError
from tl_core.i18n import N_, _, ngettext
from tl_core.report.overlay_scale import MOST
from tl_core.runs import labels, launch, listing, model, store, trash
from tl_core.runs.state import RunState
from tl_core.spec import Accuracy

PER_PAGE = 10
_CHOSEN = "runs.chosen"

ORDERS: dict[str, tuple[str, Callable[[RunState], tuple[float, str]]]] = {
    "newest": (N_("Newest first"), lambda run: (-run.created, run.id)),
    "best": (N_("Most right answers first"), lambda run: (-_share(run), run.id)),
    "longest": (N_("Longest first"), lambda run: (-run.seconds, run.id)),
}
"""Orders of the list: id, name, and what sorts by it."""


def _share(run: RunState) -> float:
    return float(run.best["val_accuracy"]["value"]) if run.best else -1.0


def controls(runs: Sequence[RunState], names: Mapping[str, str]) -> list[RunState]:
    """Draw what finds and orders runs, and return those to show; few runs need nothing of it."""
    if len(runs) < 2:
        return list(runs)
    tags = listing.tags_of(runs)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input(
            _("Search"),
            key="runs.search",
            placeholder=_("name, data, strategy, note"),
            icon=":material/search:",
        )
        wanted = st.multiselect(_("Tags"), tags, key="runs.tags") if tags else []
        order = st.selectbox(
            _("Order"), list(ORDERS), format_func=lambda one: _(ORDERS[one][0]), key="runs.order"
        )
    found = listing.matching(
        runs, search=words or "", tags=wanted, about=lambda run: known.run_title(run, names)
    )
    if words or wanted:
        told = ngettext("{n} of {all} run", "{n} of {all} runs", len(runs))
        st.caption(told.format(n=wording.count(len(found)), all=wording.count(len(runs))))
    return sorted(found, key=ORDERS[order or "newest"][1])


def page_of(runs: Sequence[RunState]) -> Sequence[RunState]:
    """Draw the numbers of the pages where there are several, and return the runs of one."""
    pages = -(-len(runs) // PER_PAGE)
    if pages < 2:
        return runs
    # Another search begins at its first page: the key of the numbers belongs to what was found.
    asked = [st.session_state.get(f"runs.{name}") for name in ("search", "tags", "order")]
    shown = st.pagination(pages, key=f"runs.page.{hash(str(asked))}")
    return runs[(shown - 1) * PER_PAGE : shown * PER_PAGE]


def card(run: RunState, names: Mapping[str, str]) -> None:
    """Draw one run: what it is, how it did, what was said of it, and its buttons."""
    chosen = st.session_state.setdefault(_CHOSEN, set())
    title = text.escape(known.run_title(run, names))
    key = f"runs.choose.{run.id}"
    if st.checkbox(f"**{title}**", value=run.id in chosen, key=key):
        chosen.add(run.id)
    else:
        chosen.discard(run.id)
    st.caption(_line(run, names))
    if run.note:
        with st.container(gap=None):
            for line in run.note.splitlines():
                st.write(text.escape(line))
    _buttons(run)


def _line(run: RunState, names: Mapping[str, str]) -> str:
    """Return a run in one line, as Markdown."""
    parts = [text.status(run.status), text.when(run.created)]
    if run.name:
        parts.insert(0, known.run_title(replace(run, name=""), names))
    if verdict := (run.finished or {}).get("verdict"):
        parts.append(verdict.partition(". ")[0].rstrip("."))
    elif run.best:
        best = wording.percent_interval(Accuracy(**run.best["val_accuracy"]))
        parts.append(_("best {accuracy} at epoch {n}").format(accuracy=best, n=run.best["epoch"]))
    if run.seconds:
        parts.append(wording.duration(run.seconds))
    if run.error:
        parts.append(run.error["message"])
    tags = "".join(f" :blue-badge[{text.escape(tag)}]" for tag in run.tags)
    return text.escape(" · ".join(parts)) + tags


def _buttons(run: RunState) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(_("Open"), key=f"runs.open.{run.id}"):
            travel.go("watch", {"run": run.id})
        if run.is_active:
            if run.status != "stopping" and st.button(_("Stop"), key=f"runs.stop.{run.id}"):
                launch.stop(run.id)
                st.rerun()
        elif (
            run.status != "finished"
            and run.spec.kind
            and st.button(_("Resume"), key=f"runs.resume.{run.id}")
        ):
            launch.resume(run.id)
            travel.go("watch", {"run": run.id})
        is_trained = bool(run.finished) and run.spec.kind == "train"
        if is_trained and st.button(_("Results"), key=f"runs.results.{run.id}"):
            travel.go("results", {"run": run.id})
        if model.kept(run) and st.button(_("Try it"), key=f"runs.tryit.{run.id}"):
            travel.go("tryit", {"run": run.id})
        if model.is_final(run) and st.button(_("Take it away"), key=f"runs.export.{run.id}"):
            travel.go("export", {"run": run.id})
        if run.status == "finished" and run.spec.kind == "train":
            travel.link("benefit", _("Head start"), {"run": run.id})
        _say(run)
        stays = _("This deletes the race. Its runs stay, each on its own.")
        told = stays if run.spec.kind == "race" else None
        if not run.is_active and st.button(_("Delete"), key=f"runs.delete.{run.id}", help=told):
            _delete([run.id])


def _say(run: RunState) -> None:
    """Draw the form in which a person says something of a run."""
    with st.popover(_("Name, note, tags")), st.form(f"runs.say.{run.id}", border=False):
        most = labels.MOST_LETTERS
        name = st.text_input(_("Name"), run.name, max_chars=most["name"], key=f"runs.name.{run.id}")
        note = st.text_area(_("Note"), run.note, max_chars=most["note"], key=f"runs.note.{run.id}")
        tags = st.text_input(
            _("Tags, separated by commas"), ", ".join(run.tags), key=f"runs.tags.{run.id}"
        )
        if st.form_submit_button(_("Keep"), key=f"runs.keep.{run.id}"):
            try:
                _keep(run, name, note, tags)
            except InputError as error:
                frame.show_issues(error.issues)
            else:
                st.rerun()


def _keep(run: RunState, name: str, note: str, tags: str) -> None:
    folder = store.run_dir(run.id)
    wanted = [one.strip() for one in tags.split(",") if one.strip()]
    gone = {tag.casefold() for tag in run.tags} - {tag.casefold() for tag in wanted}
    labels.tag(folder, wanted, remove=gone)
    labels.rename(folder, name)
    labels.note(folder, note)


def _delete(run_ids: Sequence[str]) -> None:
    """Move runs into the trash, say how to get them back, and draw the page anew."""
    for run_id in run_ids:
        trash.delete(run_id)
        st.session_state.setdefault(_CHOSEN, set()).discard(run_id)
    told = ngettext(
        "{n} run is in the trash. For {days} days you can restore it.",
        "{n} runs are in the trash. For {days} days you can restore them.",
        len(run_ids),
    )
    st.toast(told.format(n=wording.count(len(run_ids)), days=trash.KEPT_DAYS))
    st.rerun()


def together(runs: Sequence[RunState]) -> None:
    """Draw what one can do with the chosen runs.

    It is there before any is chosen, so that the first one does not move the others from under
    the pointer.
    """
    known_ids = {run.id: run for run in runs}
    picked = st.session_state.setdefault(_CHOSEN, set())
    chosen = [run for run_id, run in known_ids.items() if run_id in picked]
    if not runs:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        told = ngettext("{n} run chosen", "{n} runs chosen", len(chosen))
        told = told.format(n=wording.count(len(chosen))) if chosen else _("No run chosen")
        st.markdown(f"**{told}**", width="content")
        fits = 2 <= len(chosen) <= MOST or any(run.spec.kind == "race" for run in chosen)
        help_ = None if fits else _("Choose 2 to {n} runs.").format(n=MOST)
        if st.button(_("Compare"), key="runs.compare", disabled=not fits, help=help_):
            travel.go("compare", picks.query([run.id for run in chosen]))
        _tag_all(chosen)
        ended = [run.id for run in chosen if not run.is_active]
        n = wording.count(len(ended))
        label = _("Delete {n}").format(n=n) if ended else _("Delete chosen")
        if st.button(label, key="runs.delete_all", disabled=not ended):
            _delete(ended)
        if st.button(_("Choose none"), key="runs.none", type="tertiary", disabled=not chosen):
            picked.clear()
            for run in chosen:
                st.session_state.pop(f"runs.choose.{run.id}", None)
            st.rerun()


def _tag_all(chosen: Sequence[RunState]) -> None:
    with st.popover(_("Tag"), disabled=not chosen), st.form("runs.tag_all", border=False):
        tag = st.text_input(_("Tag"), max_chars=labels.MOST_LETTERS["tag"], key="runs.tag_all.tag")
        if st.form_submit_button(_("Put it on all chosen")):
            try:
                for run in chosen:
                    labels.tag(store.run_dir(run.id), [tag])
            except InputError as error:
                frame.show_issues(error.issues)
            else:
                st.rerun()


def bin_(names: Mapping[str, str]) -> None:
    """Draw the deleted runs, each with the way back; nothing where there are none."""
    found = trash.deleted()
    if not found:
        return
    with st.expander(_("Trash ({n})").format(n=wording.count(len(found))), key="runs.trash"):
        st.caption(
            _("Deleted runs stay here for {n} days, whole, and are then removed.").format(
                n=trash.KEPT_DAYS
            )
        )
        for one in found[:PER_PAGE]:
            title = text.escape(known.run_title(one.state(), names))
            left = ngettext("{n} day left", "{n} days left", one.days_left).format(n=one.days_left)
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"{title} :small[:gray[{text.escape(left)}]]")
                if st.button(_("Restore"), key=f"runs.restore.{one.run}.{int(one.deleted)}"):
                    trash.restore(one.run)
                    st.rerun()
        if len(found) > PER_PAGE:
            st.caption(_("Restored first are those deleted last; the rest follow."))
        travel.link("storage", _("Empty the trash"), icon=":material/delete_forever:")
