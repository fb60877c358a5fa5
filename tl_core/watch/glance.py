"""What the title of a browser's tab tells of a run, for whoever looks at another tab."""

from __future__ import annotations

from collections.abc import Callable

from tl_core import wording
from tl_core.i18n import _
from tl_core.watch.readings import State, best_share


def glance(state: State) -> str:
    """Return where a run stands in a few words, the epoch and the best accuracy first."""
    tell = _BY_STATUS.get(state.status, _running)
    return tell(state)


def _running(state: State) -> str:
    best = best_share(state)
    if not state.epochs or best is None:
        return _("Getting ready")
    return _("Epoch {epoch}, {share}").format(
        epoch=state.epochs[-1]["epoch"], share=wording.percent(best.value)
    )


def _paused(state: State) -> str:
    if not state.epochs:
        return _("Paused")
    return _("Paused after epoch {epoch}").format(epoch=state.epochs[-1]["epoch"])


def _finished(state: State) -> str:
    best = best_share(state)
    return _("Done, {share}").format(share=wording.percent(best.value)) if best else _("Done")


def _stopped(state: State) -> str:
    best = best_share(state)
    return _("Stopped, {share}").format(share=wording.percent(best.value)) if best else _("Stopped")


_BY_STATUS: dict[str, Callable[[State], str]] = {
    "queued": lambda _state: _("Waiting"),
    "paused": _paused,
    "stopping": lambda _state: _("Stopping"),
    "finished": _finished,
    "stopped": _stopped,
    "failed": lambda _state: _("It could not go on"),
    "interrupted": lambda _state: _("Interrupted"),
}
