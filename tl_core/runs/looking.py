"""Looking inside of networks, which a process of its own has in memory; see `insider`.

What comes back are the records of `tl_core.insides`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tl_core.insides import Read, Scan, Seen
from tl_core.runs import calling, insider
from tl_core.runs.spawn import WORKER
from tl_core.runs.standby import Told
from tl_core.spec import from_dict, to_dict


@dataclass(frozen=True, slots=True)
class Network:
    """What is looked into."""

    base: str
    """As the catalog names it; `run:ID` for what a run has made."""
    size: int | None = None
    """Picture edge in pixels, or most tokens of a text; None for the base's own."""
    is_random: bool = False
    """Whether it is the twin of that base with random weights."""


def ensure(*, command: Sequence[str] = WORKER) -> None:
    """See to it that the process is there, or soon will be; returns at once."""
    calling.ensure(insider.folder(), insider.OPTION, command=command)


def is_ready() -> bool:
    """Tell whether it has imported what takes long, so that an answer takes a moment only."""
    return calling.is_ready(insider.folder())


def look(
    network: Network,
    path: Path,
    *,
    channels: Mapping[str, Sequence[int]] | None = None,
    command: Sequence[str] = WORKER,
) -> Seen:
    """Return what a network makes of a picture; waits for it.

    Args:
        network: what to look into; it reads pictures.
        path: the picture; untrusted, opened by the process.
        channels: of each stage, which to draw; None for those that fire most.
        command: the worker's command.

    Raises:
        InputError: if the file or the base cannot be used.
        RunFailed: if the process ends again and again, or takes too long.
    """
    question = {"what": "look", "file": str(path), "channels": channels}
    return from_dict(Seen, _ask(question, network, command))


def read(network: Network, path: Path, *, command: Sequence[str] = WORKER) -> Read:
    """Return what a network makes of a text; waits for it.

    Args:
        network: what to look into; it reads texts.
        path: a .txt file; untrusted, opened by the process.
        command: the worker's command.

    Raises:
        InputError: if the file or the base cannot be used.
        RunFailed: if the process ends again and again, or takes too long.
    """
    return from_dict(Read, _ask({"what": "read", "file": str(path)}, network, command))


def scan(
    network: Network,
    dataset: str,
    revision: int,
    *,
    channels: Mapping[str, Sequence[int]],
    against: Network | None = None,
    command: Sequence[str] = WORKER,
) -> Scan:
    """Go on with the pictures of a dataset for a moment; return what is known.

    Args:
        network: what to look into.
        dataset: id of the pictures.
        revision: of the dataset.
        channels: of each stage, those whose patches are drawn.
        against: a network that has seen them all, to compare features with.
        command: the worker's command.

    Raises:
        InputError: if the dataset or the base cannot be used.
        RunFailed: if the process ends again and again, or takes too long.
    """
    question = {"what": "scan", "dataset": dataset, "revision": revision, "channels": channels}
    question |= {"against": against and to_dict(against)}
    return from_dict(Scan, _ask(question, network, command))


def _ask(question: Told, network: Network, command: Sequence[str]) -> Told:
    whole = question | {"network": to_dict(network)}
    return calling.ask(insider.folder, lambda: ensure(command=command), whole)
