"""Bases that runs have made: what a run says of its network when it ends, and where that lies.

THAW_HOME/runs/<id>/artifacts/base.json              this record; gone while the run goes on
THAW_HOME/runs/<id>/checkpoints/best.safetensors     what differs from the base it began with
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tl_core import files
from tl_core.errors import InputError, Issue, RunFailed
from tl_core.i18n import _
from tl_core.records import from_dict, to_dict
from tl_core.spec import Accuracy, Stage

PREFIX = "run:"
VERSION = 1
SCRATCH = "from_scratch"
_FILE = "artifacts/base.json"
_WEIGHTS = "checkpoints/best.safetensors"
_REQUEST = "spec.json"
_ID = re.compile(r"(?=.{1,80}$)[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Tuned:
    """What a run has made of the base that it began with."""

    origin: str
    """Id of that base, which may be a run as well."""
    strategy: str
    dataset: str
    """Id of what it was tuned on."""
    dataset_name: str
    """As the person calls it: untrusted text."""
    fingerprint: str
    """Of that dataset."""
    classes: int
    accuracy: Accuracy
    """Of its best weights, on the validation examples."""
    is_changed: bool
    """Whether its features differ from those of `origin`; otherwise only the head has learned."""
    size: int
    """Picture edge in pixels, or most tokens of a text."""
    seed: int
    val_fraction: float
    """With the seed: which examples it was never tuned on."""
    stages: tuple[Stage, ...]
    sha256: str
    """Of the file of its weights."""
    origin_sha256: str = ""
    """Of the weights that it began with, where a run had made them."""
    run: str = ""
    """Its id; the name of its folder, whatever the file says."""
    version: int = VERSION

    @property
    def inherits(self) -> bool:
        """Whether any weight of `origin` is left in it."""
        return self.strategy != SCRATCH


def write(run_dir: Path, tuned: Tuned) -> None:
    """Make a run that has ended a base to begin others from."""
    files.write_json(run_dir / _FILE, to_dict(tuned))


def withdraw(run_dir: Path) -> None:
    """Take it back while the run goes on: its weights may change at any time."""
    (run_dir / _FILE).unlink(missing_ok=True)


def run_ids() -> tuple[str, ...]:
    """Return the id of every run that has ended with a network, the newest first."""
    found = (path.parents[1].name for path in files.runs_dir().glob(f"*/{_FILE}"))
    return tuple(sorted((run for run in found if _ID.fullmatch(run)), reverse=True))


def line(run_id: str) -> tuple[Tuned, ...]:
    """Return what made the network of a run: the run itself, the run it began with, and so on.

    Raises:
        InputError: if one of them is not there, not at its end, or has lost its weights; or if
            the run itself has left its base as it was.
    """
    found = [read(run_id)]
    if not found[0].is_changed:
        raise InputError([_unchanged(found[0])])
    while found[-1].origin.startswith(PREFIX):
        younger, older = found[-1], found[-1].origin.removeprefix(PREFIX)
        try:
            found.append(read(older))
        except InputError as error:
            raise InputError([_orphaned(younger)]) from error
        is_circle = older in {one.run for one in found[:-1]}
        if is_circle or (younger.inherits and found[-1].sha256 != younger.origin_sha256):
            raise InputError([_orphaned(younger)])
    return tuple(found)


def read(run_id: str) -> Tuned:
    """Return what a run says of its network.

    Args:
        run_id: untrusted text.

    Raises:
        InputError: if there is no such run, or it has no network to begin with.
    """
    folder = files.runs_dir() / run_id
    if not _ID.fullmatch(run_id) or not folder.is_dir() or folder.is_symlink():
        message = _("There is no run '{id}'.").format(id=run_id[:80])
        fix = _("It may have been deleted. See all runs with: thaw runs list")
        raise InputError([Issue("base", message, fix)])
    try:
        tuned = replace(from_dict(Tuned, files.read_json(folder / _FILE)), run=run_id)
    except FileNotFoundError as error:
        raise InputError([_unended(folder)]) from error
    except (OSError, ValueError, TypeError, AttributeError, InputError) as error:
        raise InputError([_damaged(run_id)]) from error
    if tuned.version != VERSION or not isinstance(tuned.origin, str):
        raise InputError([_damaged(run_id)])
    if not weights_path(tuned).is_file():
        message = _("The weights of the run {id} are not on this computer.").format(id=run_id)
        raise InputError([Issue("base", message, _("Train it again, or name another base."))])
    return tuned


def weights_path(tuned: Tuned) -> Path:
    """Return where the weights of a run lie."""
    return weights_of(tuned.run)


def weights_of(run_id: str) -> Path:
    """Return where the weights of a run with this id would lie; the id must be a known one."""
    return files.runs_dir() / run_id / _WEIGHTS


def trusted_weights(tuned: Tuned) -> Path:
    """Return where the weights of a run lie, their hash checked.

    Raises:
        RunFailed: if they are not those that the run ended with.
    """
    path = weights_path(tuned)
    if files.sha256_of(path) != tuned.sha256:
        raise RunFailed(
            "bad_weights",
            _(
                "The weights of the run {id} are not those it ended with: their hash differs."
            ).format(id=tuned.run),
            _("Train it again, or name another base."),
        )
    return path


def _unended(folder: Path) -> Issue:
    """Return why a run has said nothing of its network, and how it comes to one."""
    kind = _kind(folder)
    if kind == "race":
        message = _("{id} is a race; each of its runs has a model of its own.")
        fix = _("Name one of its runs: thaw runs show {id}")
    elif kind != "train":
        message = _("The run {id} has trained nothing.")
        fix = _("See all runs with: thaw runs list")
    else:
        message = _("The run {id} has not come to its end, and is no base yet.")
        fix = _("Let it finish (thaw runs resume {id} if it broke off), or stop it and keep the "
                "best: thaw runs stop {id}")  # fmt: skip
    return Issue("base", message.format(id=folder.name), fix.format(id=folder.name))


def _kind(folder: Path) -> str:
    try:
        request: Any = files.read_json(folder / _REQUEST)
        return str(request["kind"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _damaged(run_id: str) -> Issue:
    message = _(
        "What the run {id} says of its model cannot be read: damaged, or of another version."
    )
    return Issue("base", message.format(id=run_id), _("Train it again, or name another base."))


def _unchanged(tuned: Tuned) -> Issue:
    message = _("The run {id} has left its base as it was: only a new last layer has learned.")
    fix = _("Name that base itself: {origin}")
    return Issue("base", message.format(id=tuned.run), fix.format(origin=tuned.origin))


def _orphaned(tuned: Tuned) -> Issue:
    message = _("The run {id} began from {origin}, whose weights are not there any more.")
    fix = _("A base made by a run needs the runs before it. Name another base.")
    return Issue("base", message.format(id=tuned.run, origin=tuned.origin), fix)
