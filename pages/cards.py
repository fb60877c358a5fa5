"""Cards: a data set of pictures built in the browser, one card per class."""

from __future__ import annotations

import streamlit as st

from pages.ui import cards as parts
from pages.ui import frame, text, travel
from pages.ui.place import here
from tl_core.data import cards, collection
from tl_core.data.collection import Collection
from tl_core.i18n import _
from tl_core.runs import launch, listing
from tl_core.runs.state import RunState
from tl_core.spec import RunSpec

MAX_ID = 100
TOLD = 5  # of what is missing, at once
QUESTION = _("What should it tell apart?")

frame.require_frame("cards")


def invite() -> None:
    """Say what will be here, and offer the way."""
    frame.head(QUESTION, _("Make one card per class, and fill it with pictures."))
    st.write(parts.limits_told())
    if st.button(_("Make cards"), type="primary", key="cards.make"):
        travel.go("cards", here().params() | {"cards": parts.begin()})


def importing(collection_id: str) -> RunState | None:
    """Return the import of this collection that is under way, or has just taken it away."""
    for run in listing.list_runs():
        is_own = run.spec.kind == "import" and collection.id_of(run.spec.source) == collection_id
        has_taken_it = run.status == "finished" and not collection.exists(collection_id)
        if is_own and (run.is_active or has_taken_it):
            return run
    return None


def answer(made: Collection, lacking: list[str]) -> str:
    """Return the answer of the page in one sentence."""
    if not any(card.pictures for card in made.shown):
        return _("Fill each card with pictures of one class.")
    if lacking:
        return _("{counted} so far.").format(counted=parts.counted(made))
    return _("{counted}, ready to be brought in.").format(counted=parts.counted(made))


def edit(made: Collection) -> None:
    """Draw the cards and the one button."""
    lacking = cards.missing(made)
    frame.head(QUESTION, answer(made, lacking))
    st.caption(parts.limits_told())
    with st.grid(2, min_column_width=parts.CARD_PX):
        for card in made.shown:
            with st.container(border=True, key=f"cards.card.{card.id}"):
                parts.draw(made, card)
    parts.add(made)
    parts.deleted(made)
    bring(made, lacking)


def bring(made: Collection, lacking: list[str]) -> None:
    """Draw the name of the data set and the button that brings it in."""
    with frame.reading():
        parts.called(made)
    for words in lacking[:TOLD]:
        st.caption(text.escape(words))
    if len(lacking) > TOLD:
        st.caption(_("and {n} more").format(n=len(lacking) - TOLD))
    if st.button(
        _("Bring data"),
        type="primary",
        disabled=bool(lacking),
        help=text.escape(" ".join(lacking[:TOLD])) or None,
        key="cards.bring",
    ):
        source = str(cards.source(made.id))
        run = launch.start(RunSpec("import", source=source, name=cards.title(made)))
        travel.go("start", here().params(run=run))


asked = st.query_params.get("cards", "")[:MAX_ID]
if not asked:
    invite()
elif run := importing(asked):
    travel.go("start", here().params(run=run.id))
else:
    edit(collection.use(asked))
