"""Something in steps, early to late: to be stepped through, played, and pointed at.

All steps are sent at once, so that going from one to the next needs no answer from here. Their
markup comes from `tl_core.report.inside_markup`, which escapes what is not ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from tl_core.i18n import N_, _

_WORDS = {
    "play": N_("Play"),
    "pause": N_("Pause"),
    "before": N_("Earlier"),
    "after": N_("Later"),
    "slider": N_("Stage"),
}
PLAY_SECONDS = 1.8
"""On each step while it plays: long enough to look along a row."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step."""

    name: str
    """As the strip calls it; told to whoever cannot see the slider."""
    said: tuple[str, ...]
    """Sentences above the picture; may be untrusted text."""
    markup: str
    """Of `tl_core.report.inside_markup`."""


def draw(steps: Sequence[Step], *, key: str, strip: str = "") -> None:
    """Draw the first step and, where there are several, what leads to the others.

    Args:
        steps: early to late, at least one.
        key: stays the same for as long as it is the same thing to the reader, who stays where he
            is when more becomes known.
        strip: an SVG of `tl_core.report.strip` whose cells are called like the steps.
    """
    words = {name: _(text) for name, text in _WORDS.items()}
    data = {"words": words, "strip": strip, "seconds": PLAY_SECONDS}
    _stepping(key=key, data=data | {"steps": [asdict(step) for step in steps]})


_HTML = """
<div class="stepping">
  <div class="strip"></div>
  <div class="bar">
    <button type="button" class="before"></button>
    <input type="range" min="0" step="1">
    <button type="button" class="after"></button>
    <button type="button" class="play"></button>
  </div>
  <div class="said" aria-live="polite"></div>
  <div class="body"></div>
</div>
"""

_CSS = """
.stepping { font-family: var(--st-font); color: var(--st-text-color); }
[hidden] { display: none !important; }
.strip g[data-stage] { cursor: pointer; }
.strip g.on rect { stroke: var(--st-text-color); stroke-width: 3px; }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; margin: .25rem 0 .5rem; }
.bar input { flex: 1 1 8rem; min-width: 6rem; height: 1.5rem;
  accent-color: var(--st-primary-color); }
.bar button { font: inherit; font-size: .875rem; min-height: 2.25rem; padding: .2rem .7rem;
  cursor: pointer; border: 1px solid var(--st-border-color); color: inherit;
  border-radius: var(--st-button-radius); background: var(--st-background-color); }
.bar button:hover:enabled { border-color: var(--st-primary-color); }
.bar button:disabled { opacity: .4; cursor: default; }
button:focus-visible, input:focus-visible, .row:focus-visible {
  outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
.said { max-width: 760px; min-height: 4.5em; }
.said p { margin: 0 0 .4rem; line-height: 1.5; }
.said p:first-child { font-weight: 600; }
.sides { display: grid; gap: 1rem 1.25rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 235px), 1fr)); }
.side { max-width: 520px; min-width: 0; }
h4 { margin: .25rem 0; font-size: 1rem; font-weight: 600; }
.note { margin: 0 0 .4rem; min-height: 1.4em; line-height: 1.4; font-size: .875rem; opacity: .8; }
.row { display: grid; grid-template-columns: 1fr 4fr; gap: 3px; margin-bottom: 3px;
  border-radius: 3px; }
.row.same { outline: 3px solid #E69F00; }
@media (hover: hover) and (min-width: 700px) {
  .row:hover, .row:focus-visible { transform: scale(1.5); position: relative; z-index: 1;
    background: var(--st-background-color); }
  .side:first-child .row { transform-origin: left; }
  .side:last-child .row { transform-origin: right; }
}
.rows.only { display: grid; grid-template-columns: repeat(3, 1fr); gap: 3px; }
.rows.only .row { grid-template-columns: 1fr; margin: 0; }
.lit, .patches { background-repeat: no-repeat; }
.lit { aspect-ratio: 1; }
.patches { aspect-ratio: 4; }
.group { margin-bottom: .5rem; font-size: .875rem; }
.group .n { opacity: .8; }
.filters { display: flex; flex-wrap: wrap; gap: 5px; margin-top: .2rem; }
.filters img { width: 34px; height: 34px; image-rendering: pixelated; border-radius: 3px; }
.filters img:hover { outline: 3px solid #E69F00; }
.tokens { display: flex; flex-wrap: wrap; gap: 4px; }
.token { --w: 0; font: inherit; color: inherit; text-align: center; cursor: pointer;
  min-height: 2.75rem; padding: .15rem .35rem; border: 1px solid var(--st-border-color);
  border-radius: 4px;
  background: color-mix(in srgb, #0072B2 calc(var(--w) * 45%), var(--st-background-color));
  box-shadow: inset 0 calc(var(--w) * -5px) 0 #0072B2; }
.token small { display: block; font-size: .7rem; opacity: .75; }
.token.chosen { outline: 3px solid #E69F00; }
"""

_JS = r"""
const states = new WeakMap()

function make(root) {
  const find = (selector) => root.querySelector(selector)
  const state = { at: 0, chosen: 2, timer: 0, drawn: "", data: { steps: [], words: {} } }
  const [strip, bar, said, body] = [".strip", ".bar", ".said", ".body"].map(find)
  const [before, after, play, slider] = [".before", ".after", ".play", "input"].map(find)

  const pause = () => {
    clearInterval(state.timer)
    state.timer = 0
  }

  const choose = (place) => {
    state.chosen = place
    for (const tokens of body.querySelectorAll(".tokens")) {
      const own = tokens.children[Math.min(place, tokens.children.length - 1)]
      const weights = own.dataset.looks.split(" ").map(Number)
      const most = Math.max(...weights, 1e-9)
      ;[...tokens.children].forEach((token, n) => {
        token.classList.toggle("chosen", token === own)
        token.style.setProperty("--w", ((weights[n] || 0) / most).toFixed(3))
      })
    }
  }

  const show = () => {
    const { steps, words } = state.data
    const last = steps.length - 1
    state.at = Math.min(Math.max(state.at, 0), last)
    const step = steps[state.at]
    bar.hidden = last < 1
    slider.max = last
    slider.value = state.at
    slider.setAttribute("aria-label", words.slider)
    slider.setAttribute("aria-valuetext", step.name)
    before.textContent = words.before
    after.textContent = words.after
    before.disabled = state.at === 0
    after.disabled = state.at === last
    play.textContent = state.timer ? words.pause : words.play
    for (const cell of strip.querySelectorAll("g[data-stage]"))
      cell.classList.toggle("on", cell.dataset.stage === step.name)
    const wish = JSON.stringify(step)
    if (wish === state.drawn) return
    state.drawn = wish
    said.setAttribute("aria-live", state.timer ? "off" : "polite")
    said.replaceChildren(...step.said.map((words) => {
      const line = document.createElement("p")
      line.textContent = words
      return line
    }))
    said.hidden = !step.said.length
    body.innerHTML = step.markup
    choose(state.chosen)
  }

  const go = (at) => {
    state.at = at
    show()
  }

  before.onclick = () => { pause(); go(state.at - 1) }
  after.onclick = () => { pause(); go(state.at + 1) }
  slider.oninput = () => { pause(); go(Number(slider.value)) }
  play.onclick = () => {
    if (state.timer) {
      pause()
      return show()
    }
    if (state.at === state.data.steps.length - 1) state.at = -1
    state.timer = setInterval(() => {
      if (state.at + 1 >= state.data.steps.length - 1) pause()
      go(state.at + 1)
    }, 1000 * state.data.seconds)
    go(state.at + (state.at < 0 ? 1 : 0))
  }
  strip.onclick = (event) => {
    const cell = event.target.closest("g[data-stage]")
    const at = state.data.steps.findIndex((step) => step.name === cell?.dataset.stage)
    if (at < 0) return
    pause()
    go(at)
  }
  const point = (event) => {
    const own = event.target.closest?.("[data-same]")
    for (const one of body.querySelectorAll("[data-same]"))
      one.classList.toggle("same", Boolean(own) && one.dataset.same === own.dataset.same)
    const token = event.target.closest?.("[data-looks]")
    if (token) choose([...token.parentElement.children].indexOf(token))
  }
  body.onpointerover = point
  body.onclick = point
  body.addEventListener("focusin", point)
  body.onpointerleave = point

  state.update = (data) => {
    state.data = data
    if (strip.dataset.drawn !== data.strip) {
      strip.dataset.drawn = data.strip
      strip.innerHTML = data.strip
    }
    show()
  }
  state.pause = pause
  return state
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".stepping")
  let state = states.get(root)
  if (!state) {
    state = make(root)
    states.set(root, state)
  }
  state.update(data)
  return () => {
    state.pause()
    states.delete(root)
  }
}
"""

_stepping = st.components.v2.component("thaw_stepping", html=_HTML, css=_CSS, js=_JS)
