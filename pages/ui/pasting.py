"""A picture from the clipboard: pasted anywhere on the page, or by a button.

The browser makes it smaller and sends it here as a JPEG; what arrives is untrusted.
"""

from __future__ import annotations

import streamlit as st

from pages.ui import camera
from tl_core.i18n import N_, _

EDGE_PX = 640
"""Of the longer edge, at most; bases look at 224 to 320 pixels."""

_WORDS = {
    "paste": N_("Paste a picture"),
    "idle": N_("Copy a picture anywhere, then press Ctrl+V (⌘V on a Mac) on this page, or the "
               "button."),
    "none": N_("There is no picture in the clipboard. Copy one, then paste again."),
    "refused": N_("The browser did not let the page read the clipboard. Press Ctrl+V (⌘V on a "
                  "Mac) instead."),
    "sent": N_("Pasted."),
}  # fmt: skip
"""What the component says."""


def draw(key: str) -> list[bytes]:
    """Draw the button; return the picture that has just been pasted, else nothing.

    Raises:
        InputError: if what the browser sent is no picture file.
    """
    words = {name: _(text) for name, text in _WORDS.items()}
    result = _paste(key=key, data={"words": words, "edge": EDGE_PX}, on_paste_change=lambda: None)
    return camera.frames_of(result.paste) if result.paste is not None else []


_HTML = """
<div class="paste">
  <button type="button"></button>
  <p role="status"></p>
</div>
"""

_CSS = """
.paste { font-family: var(--st-font); color: var(--st-text-color); }
button { font: inherit; font-size: .875rem; min-height: 2.5rem; padding: .25rem .75rem;
  cursor: pointer; border-radius: var(--st-button-radius); border: 1px solid var(--st-border-color);
  color: inherit; background: var(--st-background-color); }
button:hover { border-color: var(--st-primary-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
p { margin: .5rem 0 0; font-size: .875rem; line-height: 1.4; opacity: .8; }
"""

_JS = r"""
const states = new WeakMap()

function make(root) {
  const button = root.querySelector("button"), said = root.querySelector("p")
  const state = {}
  const say = (message) => { said.textContent = message }
  state.show = () => {
    button.textContent = state.words.paste
    if (!said.textContent) say(state.words.idle)
  }

  const send = async (blob) => {
    const picture = await createImageBitmap(blob)
    const share = Math.min(1, state.edge / Math.max(picture.width, picture.height))
    const canvas = document.createElement("canvas")
    canvas.width = Math.max(1, Math.round(share * picture.width))
    canvas.height = Math.max(1, Math.round(share * picture.height))
    const pen = canvas.getContext("2d")
    pen.fillStyle = "white"
    pen.fillRect(0, 0, canvas.width, canvas.height)
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height)
    const jpeg = canvas.toDataURL("image/jpeg", 0.9).split(",")[1]
    say(state.words.sent)
    state.send("paste", { frames: [jpeg] })
  }

  state.onpaste = (event) => {
    // Who writes into a field pastes there.
    if (/^(INPUT|TEXTAREA)$/.test(event.target?.tagName ?? "")) return
    const found = [...(event.clipboardData?.items ?? [])]
      .find((one) => one.kind === "file" && one.type.startsWith("image/"))
    if (!found) return say(state.words.none)
    event.preventDefault()
    send(found.getAsFile()).catch(() => say(state.words.none))
  }

  button.onclick = async () => {
    let items
    try {
      items = await navigator.clipboard.read()
    } catch (error) {
      return say(state.words.refused)
    }
    try {
      for (const item of items) {
        const type = item.types.find((one) => one.startsWith("image/"))
        if (type) return await send(await item.getType(type))
      }
      say(state.words.none)
    } catch (error) {
      say(state.words.none)
    }
  }

  document.addEventListener("paste", state.onpaste)
  return state
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".paste")
  let state = states.get(root)
  if (!state) {
    state = make(root)
    states.set(root, state)
  }
  Object.assign(state, { words: data.words, edge: data.edge, send: setTriggerValue })
  state.show()
  return () => {
    document.removeEventListener("paste", state.onpaste)
    states.delete(root)
  }
}
"""

_paste = st.components.v2.component("thaw_paste", html=_HTML, css=_CSS, js=_JS)
