"""Watch: is it going well? And, once it has ended, how did it go?"""

from __future__ import annotations

import streamlit as st

from pages.ui import frame, known, live, race, recordings, text, travel
from pages.ui.place import here
from tl_core.i18n import _
from tl_core.runs import mixes, store

POLL_SECONDS = 1.0
ELSEWHERE = {
    "import": "start",
    "evidence": "distance",
    "pilot": "plan",
    "benefit": "benefit",
    "explain": "results",
}

frame.require_frame("watch")


def choose() -> None:
    """Without a run in the address: offer the runs there are, or the way to the first one."""
    runs = known.shown_runs()
    answer = _("Which run?") if runs else _("Nothing has been trained yet.")
    frame.head(question, answer)
    st.write(_("Here you will see a run learn: its curves, its stages thawing, how long it takes."))
    for run in runs[:10]:
        label = f"{text.escape(known.run_title(run))}: {text.status(run.status)}"
        travel.link("watch", label, {"run": run.id}, icon=":material/show_chart:")
    if not runs:
        travel.link("start", _("Bring data or take a sample"), icon=":material/arrow_back:")
    recordings.offer(key="watch.recorded")


question = _("Is it going well?")
place = here()
if not place.run:
    choose()
elif (job := store.read_run(place.run)).spec.kind == "export":
    travel.go("export", {"run": job.spec.run})
else:
    run = store.read_run(place.run)
    if run.spec.kind == mixes.KIND:
        travel.go("watch", {"run": run.spec.mix_of})
    if run.spec.kind in ELSEWHERE:
        name = ELSEWHERE[run.spec.kind]
        query = (
            {"run": run.spec.run or run.id}
            if name in ("start", "benefit", "results")
            else {"data": run.spec.dataset, "base": run.spec.base}
        )
        travel.go(name, query)
    if run.race:
        race.link_to(run)
    poll = POLL_SECONDS if run.is_active else None
    shown = race if run.spec.kind == "race" else live
    travel.poll(frame.bordered(shown.panel), poll, run.id, run.is_active, news=shown.news)
