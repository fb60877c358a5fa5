"""Which weights of a run answer now: those it ended with, or the best so far while it goes on."""

from __future__ import annotations

from dataclasses import dataclass

from tl_core.errors import InputError, Issue
from tl_core.i18n import _
from tl_core.runs import store
from tl_core.runs.state import RunState

WEIGHTS_FILE = "checkpoints/best.safetensors"
"""Of a run that has come to its end, in its folder."""
_OF_EPOCH = "checkpoints/best-{epoch:05d}.safetensors"


@dataclass(frozen=True, slots=True)
class Kept:
    """Weights of a run that lie on disk."""

    epoch: int | None
    """The epoch that they are of, while the run may still find better ones; None at its end."""
    stamp: tuple[int, int]
    """Time of change in ns and size in bytes: other weights have another one."""


def kept(state: RunState) -> Kept | None:
    """Return the best weights of a run as they are now; None if it has none on this computer."""
    if state.spec.kind != "train":
        return None
    has_ended = state.finished is not None and not state.is_active
    epoch = None if has_ended else (state.best or {}).get("epoch")
    if not has_ended and epoch is None:
        return None
    name = WEIGHTS_FILE if epoch is None else _OF_EPOCH.format(epoch=epoch)
    try:
        found = (store.run_dir(state.id) / name).stat()
    except (OSError, InputError):
        return None
    return Kept(epoch, (found.st_mtime_ns, found.st_size))


def require_kept(run_id: str) -> tuple[RunState, Kept]:
    """Return the state of a run and the weights that answer for it.

    Raises:
        InputError: if there are none, with the way to some.
    """
    state = store.read_run(run_id)
    if found := kept(state):
        return state, found
    if state.spec.kind == "race":
        message, fix = _of_a_race(state)
    elif state.spec.kind != "train":
        message = _("The run {id} has trained nothing.")
        fix = _("See all runs with: thaw runs list")
    elif state.is_active:
        message = _("The run {id} has no model yet.")
        fix = _("Ask again after its first epoch; see how it stands with: thaw runs show {id}")
    elif state.finished is None and state.best is None:
        message = _("The run {id} broke off before it had a model.")
        fix = _("Go on with: thaw runs resume {id}")
    else:
        message = _("The weights of the run {id} are not on this computer.")
        fix = _("Train it again: thaw train DATA --strategy {name}")
    told = {"id": run_id, "name": state.strategy}
    raise InputError([Issue("run", message.format(**told), fix.format(**told))])


def is_final(state: RunState) -> bool:
    """Tell whether a run has come to its end with a model that is still here."""
    found = kept(state)
    return found is not None and found.epoch is None


def require_final(run_id: str) -> RunState:
    """Return the state of a run that has come to its end with a model.

    Raises:
        InputError: if it has not, with the way to one that has.
    """
    state = store.read_run(run_id)
    if state.spec.kind == "train" and state.finished is None:
        raise InputError([_unended(state)])
    state, found = require_kept(run_id)
    if found.epoch is not None:  # it goes on after its end
        raise InputError([_unended(state)])
    return state


def _unended(state: RunState) -> Issue:
    if state.is_active:
        message = _("The run {id} has not come to its end, and has no model yet.")
        fix = _("Let it finish, or stop it and keep the best: thaw runs stop {id}")
    else:
        message = _("The run {id} broke off before it had a model.")
        fix = _("Go on with: thaw runs resume {id}")
    return Issue("run", message.format(id=state.id), fix.format(id=state.id))


def _of_a_race(state: RunState) -> tuple[str, str]:
    ranking = (state.finished or {}).get("ranking")
    message = _("{id} is a race; each of its runs has a model of its own.")
    if ranking:
        fix = _("Name one of its runs. The first is {run}.").format(run=ranking[0]["run"])
    else:
        fix = _("Name one of its runs: thaw runs show {id}")
    return message, fix
