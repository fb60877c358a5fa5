"""A camera: while its button is held, the browser takes pictures and sends them here.

The browser asks for the camera only when a person starts it, and nothing is sent but the frames
of a hold. What arrives is untrusted.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

import streamlit as st

from tl_core.errors import InputError, Issue
from tl_core.i18n import N_, _

FRAMES_PER_SECOND = 6
MOST_FRAMES = 60
"""Of one hold: ten seconds."""
EDGE_PX = 320
"""Of the square that is taken out of the middle; bases look at 224 to 320 pixels."""
_MAX_FRAME_BYTES = 400_000
"""Far above a JPEG of that size."""

_WORDS = {
    "start": N_("Start camera"),
    "stop": N_("Stop camera"),
    "hold": N_("Hold to capture"),
    "holding": N_("Let go to keep {n}"),
    "idle": N_("Press the button, or hold the space bar on it, and move the thing about."),
    "waiting": N_("The browser asks whether it may use the camera."),
    "sent": N_("Taken in that hold: {n}"),
    "preview": N_("What the camera sees"),
    "insecure": N_("The browser gives a camera only to pages of this computer or over https."),
    "refused": N_("The browser was not allowed to use the camera. Allow it in the settings of "
                  "this page in the browser, then start the camera again."),
    "missing": N_("No camera was found. Connect one, then start the camera again."),
    "busy": N_("The camera cannot be opened; another program may be using it."),
}  # fmt: skip
"""What the component says; `{n}` is filled in by the browser."""
_OF_ONE = {
    "hold": N_("Take a picture"),
    "idle": N_("Press the button when the camera sees the thing."),
    "sent": N_("Taken."),
}
"""What it says instead where a press takes a single picture."""


def draw(key: str, *, single: bool = False) -> list[bytes]:
    """Draw the camera; return the frames of a hold that has just ended, else nothing.

    Args:
        key: of the component.
        single: take one picture at a press, rather than many while the button is held.

    Raises:
        InputError: if what the browser sent is no frames.
    """
    words = {name: _(text) for name, text in (_WORDS | (_OF_ONE if single else {})).items()}
    most = 1 if single else MOST_FRAMES
    settings = {"rate": FRAMES_PER_SECOND, "most": most, "edge": EDGE_PX}
    result = _camera(key=key, data={"words": words, **settings}, on_hold_change=lambda: None)
    return frames_of(result.hold) if result.hold is not None else []


def frames_of(sent: Any) -> list[bytes]:
    """Return the JPEG files that the browser sent: at most `MOST_FRAMES`, as base64 texts.

    Raises:
        InputError: if it is anything else. Whether they are pictures is not looked at.
    """
    frames = sent.get("frames") if isinstance(sent, dict) else None
    if not isinstance(frames, list) or not 0 < len(frames) <= MOST_FRAMES:
        raise _garbled()
    return [_decoded(frame) for frame in frames]


def _decoded(frame: Any) -> bytes:
    if not isinstance(frame, str) or len(frame) > _MAX_FRAME_BYTES:
        raise _garbled()
    try:
        return base64.b64decode(frame, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _garbled() from error


def _garbled() -> InputError:
    return InputError(
        [
            Issue(
                "",
                _("The pictures of the camera did not arrive whole; none was kept."),
                _("Hold the button again."),
            )
        ]
    )


_HTML = """
<div class="camera">
  <div class="view" hidden><video muted playsinline></video></div>
  <div class="row">
    <button type="button" class="hold" hidden></button>
    <button type="button" class="switch"></button>
  </div>
  <p role="status"></p>
</div>
"""

_CSS = """
.camera { font-family: var(--st-font); color: var(--st-text-color); }
.view { width: 240px; max-width: 100%; aspect-ratio: 1; overflow: hidden; margin-bottom: .5rem;
  border-radius: var(--st-base-radius); background: var(--st-secondary-background-color); }
.view.taking { outline: 3px solid var(--st-primary-color); }
video { width: 100%; height: 100%; object-fit: cover; display: block; }
.view.mirrored video { transform: scaleX(-1); }
[hidden] { display: none; }
.row { display: flex; flex-wrap: wrap; gap: .5rem; }
button { font: inherit; font-size: .875rem; min-height: 2.5rem; padding: .25rem .75rem;
  cursor: pointer; border-radius: var(--st-button-radius); border: 1px solid var(--st-border-color);
  color: inherit; background: var(--st-background-color); }
button:hover { border-color: var(--st-primary-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
.hold { min-width: 11rem; touch-action: none; user-select: none; -webkit-user-select: none;
  -webkit-touch-callout: none; }
.hold.taking { background: var(--st-primary-color); color: #fff; }
p { margin: .5rem 0 0; min-height: 1.4em; font-size: .875rem; line-height: 1.4; opacity: .8; }
"""

_JS = r"""
const states = new WeakMap()

function fill(text, n) {
  return text.replace("{n}", n)
}

function make(root) {
  const find = (selector) => root.querySelector(selector)
  const state = {
    view: find(".view"), video: find("video"), hold: find(".hold"), power: find(".switch"),
    said: find("p"), stream: null, timer: 0, frames: null, asked: 0, last: "",
  }
  const canvas = document.createElement("canvas")

  const show = (message) => {
    const { words } = state
    const on = Boolean(state.stream), taking = state.frames !== null
    state.view.hidden = state.hold.hidden = !on
    state.view.classList.toggle("taking", taking)
    state.hold.classList.toggle("taking", taking)
    state.hold.textContent = taking ? fill(words.holding, state.frames.length) : words.hold
    state.power.textContent = on ? words.stop : words.start
    state.video.setAttribute("aria-label", words.preview)
    if (message !== undefined) state.said.textContent = message
  }

  state.stop = () => {
    state.asked += 1
    clearInterval(state.timer)
    state.frames = null
    state.stream?.getTracks().forEach((track) => track.stop())
    state.stream = null
    state.video.srcObject = null
    show("")
  }

  const start = async () => {
    const { words } = state
    if (!navigator.mediaDevices?.getUserMedia) return show(words.insecure)
    const asked = ++state.asked
    show(words.waiting)
    try {
      // The camera at the back of a phone; a computer has but the one at the front.
      const wish = { facingMode: { ideal: "environment" }, width: { ideal: 640 } }
      const stream = await navigator.mediaDevices.getUserMedia({ video: wish, audio: false })
      if (asked !== state.asked) return stream.getTracks().forEach((track) => track.stop())
      const [track] = stream.getVideoTracks()
      track.onended = () => { state.stop(); show(words.busy) }
      const isBack = track.getSettings().facingMode === "environment"
      state.view.classList.toggle("mirrored", !isBack)
      state.stream = stream
      state.video.srcObject = stream
      await state.video.play()
      show(words.idle)
      state.hold.focus()
    } catch (error) {
      if (asked !== state.asked) return
      state.stop()
      const known = {
        NotAllowedError: words.refused, SecurityError: words.refused,
        NotFoundError: words.missing, OverconstrainedError: words.missing,
      }
      show(known[error.name] ?? words.busy)
    }
  }

  const take = () => {
    const { videoWidth: width, videoHeight: height } = state.video
    const side = Math.min(width, height)
    if (!side) return
    canvas.width = canvas.height = state.edge
    const left = (width - side) / 2, top = (height - side) / 2
    canvas.getContext("2d").drawImage(
      state.video, left, top, side, side, 0, 0, state.edge, state.edge)
    const frame = canvas.toDataURL("image/jpeg", 0.9).split(",")[1]
    // A slow camera, or one that stands still, gives the same picture twice.
    if (frame !== state.frames.at(-1)) state.frames.push(frame)
    show()
    if (state.frames.length >= state.most) release()
  }

  const press = () => {
    if (!state.stream || state.frames !== null) return
    state.frames = []
    show("")
    take()
    if (state.frames !== null) state.timer = setInterval(take, 1000 / state.rate)
  }

  const release = () => {
    if (state.frames === null) return
    clearInterval(state.timer)
    const frames = state.frames
    state.frames = null
    show(fill(state.words.sent, frames.length))
    if (frames.length) state.send("hold", { frames })
  }

  state.power.onclick = () => (state.stream ? state.stop() : start())
  state.hold.onpointerdown = (event) => {
    if (event.button !== 0) return
    state.hold.setPointerCapture(event.pointerId)
    press()
  }
  state.hold.onpointerup = state.hold.onpointercancel = state.hold.onlostpointercapture = release
  state.hold.oncontextmenu = (event) => event.preventDefault()
  const isKey = (event) => event.key === " " || event.key === "Enter"
  state.hold.onkeydown = (event) => {
    if (!isKey(event)) return
    event.preventDefault()
    if (!event.repeat) press()
  }
  state.hold.onkeyup = (event) => {
    if (!isKey(event)) return
    event.preventDefault()
    release()
  }
  state.hold.onblur = release
  state.leave = () => state.stop()
  window.addEventListener("pagehide", state.leave)
  state.show = show
  return state
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".camera")
  let state = states.get(root)
  if (!state) {
    state = make(root)
    states.set(root, state)
  }
  Object.assign(state, {
    words: data.words, rate: data.rate, most: data.most, edge: data.edge, send: setTriggerValue,
  })
  state.show()
  return () => {
    window.removeEventListener("pagehide", state.leave)
    state.stop()
    states.delete(root)
  }
}
"""

_camera = st.components.v2.component("thaw_camera", html=_HTML, css=_CSS, js=_JS)
