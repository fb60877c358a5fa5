"""Charts that stay put while data arrive: plotly's own script behind a component of ours.

`st.plotly_chart` draws a new chart for every new figure and forgets zoom, hover and legend. This
component hands each figure to `Plotly.react`, which changes only what differs.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from tl_core import files
from tl_core.report.theme import Figure

_SCRIPT = "plotly.min.js"
_STATIC = Path(__file__).resolve().parents[2] / "static"
_log = logging.getLogger(__name__)


@cache
def ensure_static() -> bool:
    """Put plotly's script where the server can serve it; once per version and process.

    Returns False if the folder cannot be written; charts then show their text.
    """
    import plotly

    target = _STATIC / _SCRIPT
    stamp = _STATIC / f"{_SCRIPT}.version"
    try:
        if target.is_file() and stamp.is_file() and stamp.read_text() == plotly.__version__:
            return True
        source = Path(plotly.__file__).parent / "package_data" / _SCRIPT
        with files.replacing(target) as temporary:
            shutil.copyfile(source, temporary)
        target.chmod(0o644)
        files.write_atomically(stamp, plotly.__version__)
    except OSError:
        _log.exception("plotly's script cannot be copied to %s", _STATIC)
        return False
    return True


def _script_url() -> str:
    import plotly

    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{f'/{base}' if base else ''}/app/static/{_SCRIPT}?v={plotly.__version__}"


def draw(make: Callable[..., Figure], *, key: str, alt: str, clicks: bool = False) -> Any:
    """Draw a figure that may change from run to run.

    Args:
        make: returns the figure as plain JSON for `dark=True` or `dark=False`. Both are sent, and
            the browser takes the one that fits its background: a change of theme needs no answer
            from here, and the first picture is right already. Its layout tells its height.
        key: stays the same for as long as it is the same chart to the reader.
        alt: what the chart shows, in words; also what is seen if the script is missing.
        clicks: whether its points can be chosen.

    Returns:
        The `customdata` of the point that was clicked just now, as the browser sends it: to be
        checked; else None.
    """
    figures = {"light": make(dark=False), "dark": make(dark=True)}
    height = int(figures["light"]["layout"]["height"])
    data = {"figures": figures, "height": height, "alt": alt, "script": _script_url()}
    if not clicks:
        _chart(key=key, data=data, height=height)
        return None
    data["clicks"] = True
    return _chart(key=key, data=data, height=height, on_clicked_change=lambda: None).clicked


_CSS = """
.thaw-chart { position: relative; width: 100%; overflow: hidden; }
.thaw-chart .said { color: var(--st-text-color); margin: 0; padding: 1rem 0; }
.thaw-chart .plot { position: absolute; inset: 0; }
.thaw-chart.clicks .nsewdrag { cursor: pointer; }
"""

_JS = r"""
const states = new WeakMap()

function script(url) {
  // One script tag for the whole page, however many charts there are.
  window.thawPlotly ??= new Promise((resolve, reject) => {
    const tag = document.createElement("script")
    tag.src = url
    tag.onload = () => (window.Plotly ? resolve(window.Plotly) : reject(new Error("no Plotly")))
    tag.onerror = () => reject(new Error("plotly did not load"))
    document.head.append(tag)
  })
  return window.thawPlotly
}

function isDark(element) {
  const probe = document.createElement("span")
  probe.style.color = "var(--st-background-color)"
  element.append(probe)
  const [r, g, b] = (getComputedStyle(probe).color.match(/[\d.]+/g) ?? [255, 255, 255]).map(Number)
  probe.remove()
  return 0.299 * r + 0.587 * g + 0.114 * b < 128
}

const touch = matchMedia("(pointer: coarse)").matches
const config = {
  responsive: true,
  displaylogo: false,
  displayModeBar: touch ? false : "hover",
  modeBarButtons: [["zoom2d", "pan2d", "resetScale2d"]],
}

// Where an axis has grown, plotly would let go of what a reader has zoomed to.
function keepZoom({ plot, given }, layout) {
  for (const axis of ["xaxis", "yaxis"]) {
    if (!layout[axis]?.range || layout[axis].fixedrange) continue
    const [now, range] = [plot.layout?.[axis]?.range, String(layout[axis].range)]
    const revision = layout[axis].uirevision ?? layout.uirevision
    const { ranges, revision: before } = given[axis] ?? { ranges: [] }
    if (ranges.at(-1) !== range) ranges.push(range)
    if (now && revision === before && !ranges.includes(String(now))) layout[axis].range = [...now]
    given[axis] = { ranges, revision }
  }
}

// Out of a zoom plotly goes back to the axis that was given first; the last one shows all.
function leaveZoom({ plot, given }) {
  const change = {}
  for (const [axis, { ranges }] of Object.entries(given)) {
    const [now, all] = [String(plot.layout[axis].range), ranges.at(-1)]
    if (now !== all && ranges.includes(now)) change[`${axis}.range`] = all.split(",").map(Number)
  }
  if (Object.keys(change).length) window.Plotly.relayout(plot, change)
}

async function react(state) {
  const Plotly = await script(state.data.script)
  const { plot, data } = state
  if (!plot.isConnected) return
  const dark = isDark(plot)
  const figure = structuredClone(data.figures[dark ? "dark" : "light"])
  const layout = { ...figure.layout, height: data.height, autosize: true }
  const style = getComputedStyle(plot)
  layout.font = { ...layout.font, family: style.fontFamily }
  layout.modebar = { bgcolor: "rgba(0,0,0,0)", color: style.color, activecolor: style.color }
  // On a touch screen a drag is meant to scroll the page.
  if (touch) layout.dragmode = false
  keepZoom(state, layout)
  await Plotly.react(plot, figure.data, layout, config)
  if (!state.observer) {
    plot.on("plotly_relayout", () => leaveZoom(state))
    // A chart that is hidden or on its way out has no size to take, and plotly would reject.
    state.observer = new ResizeObserver(() => plot.clientWidth && Plotly.Plots.resize(plot))
    state.observer.observe(plot)
  }
  if (data.clicks && !state.listens) {
    state.listens = true
    plot.on("plotly_click", (event) => state.send("clicked", event.points[0]?.customdata ?? null))
  }
  state.said.hidden = true
}

export default function ({ data, parentElement, setTriggerValue }) {
  const box = parentElement.querySelector(".thaw-chart")
  let state = states.get(box)
  if (!state) {
    const [plot, said] = [box.querySelector(".plot"), box.querySelector(".said")]
    state = { plot, said, drawn: "", given: {} }
    states.set(box, state)
  }
  box.style.height = `${data.height}px`
  box.setAttribute("aria-label", data.alt)
  state.said.textContent = data.alt
  box.classList.toggle("clicks", Boolean(data.clicks))
  state.data = data
  state.send = setTriggerValue
  // One drawing at a time; the last figure wins.
  const wish = JSON.stringify(data.figures) + isDark(box)
  if (wish !== state.drawn) {
    state.drawn = wish
    state.queue = (state.queue ?? Promise.resolve())
      .then(() => react(state))
      .catch(() => {
        state.said.hidden = false
        state.drawn = ""
      })
  }
  return () => {
    state.observer?.disconnect()
    if (window.Plotly && state.plot) window.Plotly.purge(state.plot)
    states.delete(box)
  }
}
"""

_chart = st.components.v2.component(
    "thaw_chart",
    html="""
<div class="thaw-chart" role="figure"><p class="said" hidden></p><div class="plot"></div></div>
""",
    css=_CSS,
    js=_JS,
    # Plotly keeps its styles in the document's head, out of reach of a shadow root.
    isolate_styles=False,
)
