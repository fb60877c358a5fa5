"""Training again after the data were mended: what changed, from what to begin, and the button."""

from __future__ import annotations

import streamlit as st

from pages.ui import mending, text, travel
from pages.ui.judged import Judged
from tl_core.analysis import again
from tl_core.data import parts, store
from tl_core.data.dataset import Dataset
from tl_core.i18n import _, ngettext
from tl_core.runs import launch

_BEST, _BASE = "best", "base"


def draw(found: Judged) -> None:
    """Draw the changes since the run, and how to train on them."""
    st.subheader(_("Train again"), anchor=False)
    if found.now is None or found.before is None:
        st.caption(_("Its data are no longer on this computer."))
        return
    if found.now.fingerprint == found.before.fingerprint:
        st.write(_("Mend the data first: every example above has a button for it. Then it can "
                   "learn from the mended data."))  # fmt: skip
        st.button(_("Train again"), disabled=True, key="results.again")
    else:
        _offer(found, found.now)
    mending.history(found.now)


def _offer(found: Judged, now: Dataset) -> None:
    """Ask from what to begin, and begin."""
    n = now.revision - found.run.spec.revision
    words = ngettext(
        "The data were changed {n} time since this run. It can learn from them as they are now; "
        "the same examples are held out, as far as they are still there.",
        "The data were changed {n} times since this run. It can learn from them as they are now; "
        "the same examples are held out, as far as they are still there.",
        n,
    )
    st.write(words.format(n=n))
    judged_by = found.parts["val"].rows.tolist()
    learned = again.learned_from(_before(found), judged_by)
    why = again.why_not_best(found.run.id, found.run.strategy, now, learned)
    ways = {
        _BEST: _("From the best of this run: quicker, and what it has learned stays, wrong labels "
                 "included."),
        _BASE: _("From the base that this run began with: what wrong labels taught it is "
                 "forgotten."),
    }  # fmt: skip
    chosen = _BASE
    if why:
        st.caption(text.escape(f"{ways[_BASE]} {why}"))
    else:
        chosen = st.radio(
            _("Where to begin"), list(ways), format_func=ways.__getitem__, key="results.from"
        )
    if st.button(_("Train again"), type="primary", key="results.again"):
        start(found, now, best=chosen == _BEST)


def start(found: Judged, now: Dataset, *, best: bool) -> None:
    """Hold the same examples out, begin the run, and go and watch it."""
    pin = parts.held_out_again(now, set(found.parts["val"].rows.tolist()))
    if pin is not None:
        now = store.mend(now.id, pin)
    run = found.run
    asked = again.request(run.spec, run.id, run.strategy, now.revision, best=best)
    travel.go("watch", {"run": launch.start(asked)})


def _before(found: Judged) -> Dataset:
    assert found.before is not None
    return found.before
