"""Small drawings of our own as part of the page, so that they take its colours and its font.

`st.html` drops SVG, and a picture (`st.image`) would not know whether the page is light or dark.
"""

from __future__ import annotations

import streamlit as st

_drawing = st.components.v2.component(
    "thaw_drawing",
    html="""
<div class="thaw-drawing"></div>
""",
    css="""
.thaw-drawing { color: var(--st-text-color); font-family: var(--st-font); }
""",
    js="""
export default function ({ data, parentElement }) {
  const box = parentElement.querySelector(".thaw-drawing")
  if (box.dataset.drawn === data.svg) return
  box.dataset.drawn = data.svg
  box.innerHTML = data.svg
}
""",
)


def draw(svg: str, *, key: str) -> None:
    """Draw an SVG that this program has made; names inside it must be escaped already."""
    _drawing(key=key, data={"svg": svg})
