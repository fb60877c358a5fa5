"""A few of the pictures, class by class, small."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from PIL import ImageOps

from pages.ui import text
from tl_core import data, wording
from tl_core.data.dataset import Dataset, Example
from tl_core.i18n import _

MOST = 48
MOST_OF_A_CLASS = 8
EDGE_PX = 72
MOST_CLASSES = 8


@st.cache_data(max_entries=8, max_size="64MB", show_spinner=False)
def _thumbnails(dataset_id: str, fingerprint: str) -> list[tuple[str, int, list[bytes]]]:
    """Return for each of the first classes its name, its size and a few pictures as JPEG."""
    dataset = data.load(dataset_id)
    shown = dataset.classes[:MOST_CLASSES]
    each = min(MOST_OF_A_CLASS, MOST // len(shown))
    rows = []
    for label, name in enumerate(shown):
        own = [e for e in dataset.examples if e.label == label]
        # Spread over the class: neighbours in a folder are often alike.
        some = own[:: max(1, len(own) // each)][:each]
        rows.append((name, len(own), [thumbnail(e.path) for e in some]))
    return rows


def thumbnail(path: Path | str) -> bytes:
    """Return the middle of a picture as a small square JPEG.

    Only pixels reach the browser, never the bytes that somebody brought: a file may be a picture
    and a page with a script at once.
    """
    seen = data.read_picture(Path(path), draft_px=2 * EDGE_PX)
    small = ImageOps.fit(seen, (2 * EDGE_PX, 2 * EDGE_PX))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


@st.cache_data(max_entries=512, max_size="16MB", show_spinner=False)
def small(path: str) -> bytes:
    """Return `thumbnail`, kept for a while."""
    return thumbnail(path)


def one(example: Example, *, alt: str) -> None:
    """Draw one picture of a dataset, unless its file is gone."""
    try:
        st.image(small(str(example.path)), width=2 * EDGE_PX, alt=alt)
    except OSError:
        st.caption(_("Its file is gone."))


def of_rows(dataset: Dataset, rows: Sequence[int]) -> None:
    """Draw the pictures of some rows side by side; those that are gone are passed over."""
    of_row = {example.row: example for example in dataset.examples}
    shown = [of_row[row] for row in rows if row in of_row]
    if shown:
        alts = [
            _("{name}, of the class {label}").format(
                name=example.name, label=dataset.classes[example.label]
            )
            for example in shown
        ]
        st.image([small(str(example.path)) for example in shown], width=EDGE_PX, alt=alts)


def by_class(dataset: Dataset) -> None:
    """Draw a row of small pictures for each class; for many classes, the first few."""
    rows = _thumbnails(dataset.id, dataset.fingerprint)
    for name, n, jpegs in rows:
        st.markdown(f"**{text.escape(name)}** :small[{wording.examples(n, dataset.modality)}]")
        alts = [_("A picture of the class {name}").format(name=name)] * len(jpegs)
        st.image(jpegs, width=EDGE_PX, alt=alts)
    left = len(dataset.classes) - len(rows)
    if left:
        st.caption(_("and {classes} more").format(classes=text.classes(left)))
