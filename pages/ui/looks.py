"""Where the model looks: offered as a job, told with how far it can be trusted."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui import explaining, text
from pages.ui.judged import Judged
from tl_core.analysis import looks
from tl_core.i18n import _


def draw(found: Judged) -> None:
    """Say how to read the maps in the cards above, or offer to make them."""
    st.subheader(_("Where does it look?"), anchor=False)
    kept = found.looks()
    if found.modality == "text":
        st.write(
            _("Each word is left out once: :blue-background[+ words] speak for the class that the "
              "model gave, :orange-background[− words] against it (erasure).")
        )  # fmt: skip
    else:
        st.write(
            _("Of each picture the places are lit that speak for the class that the model gave "
              "(Grad-CAM; for transformers gradients). If the light lies on the background, it may "
              "have learned a shortcut.")
        )  # fmt: skip
    if kept is None:
        offer(found, (), label=_("Show where it looks"), key="results.looks")
        return
    if not kept.looked:
        st.caption(_("This network gives no map of where it looks."))
    elif kept.how != "words":
        st.write(text.escape(looks.trust(kept)))
        st.caption(_("You find them on the cards above; of any others they are made on demand."))


def offer(found: Judged, rows: Sequence[int], *, label: str, key: str) -> None:
    """Offer to look at some examples; at the worst mistakes where none are named."""
    explaining.offer(
        found,
        explaining.spec_of(found.run, ("looks",), rows),
        label=label,
        doing=_("Finding out where it looks"),
        key=key,
    )
