"""What is found inside of networks: asked for step by step, and remembered in the session."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import streamlit as st

from pages.ui.place import Place
from tl_core import catalog, wording
from tl_core.data.asked import uploaded
from tl_core.data.dataset import Dataset
from tl_core.errors import InputError, Issue, RunFailed
from tl_core.i18n import N_, _
from tl_core.insides import Read, Scan, Seen
from tl_core.report.inside_markup import Side
from tl_core.runs import looking, store
from tl_core.runs.looking import Network

BASE, TUNED, RANDOM = "base", "tuned", "random"
TITLES = {BASE: N_("The base"), TUNED: N_("Your tuned model"), RANDOM: N_("Random weights")}
"""The networks that are shown beside each other, in this order."""
_KEY = "inside.found"


@dataclass(frozen=True)
class Thing:
    """What is looked at."""

    name: str
    """As a file is called; untrusted text."""
    content: bytes
    """A picture file, or a text."""
    told: str = ""
    """What it is, in words; untrusted text."""


@dataclass(frozen=True)
class Asked:
    """What is looked at, by which networks, and whose pictures are searched for patches."""

    thing: Thing
    networks: dict[str, Network]
    """Some of BASE, TUNED and RANDOM, in their order."""
    dataset: Dataset | None
    """None where there are no pictures of the person's own."""
    is_text: bool

    @property
    def key(self) -> str:
        """Equal for equal questions."""
        digest = hashlib.sha256(self.thing.content).hexdigest()
        data = self.dataset.fingerprint if self.dataset else ""
        return repr((digest, sorted(self.networks.items()), data))


@dataclass
class Found:
    """What is known so far."""

    key: str
    seen: dict[str, Seen] = field(default_factory=dict)
    read: dict[str, Read] = field(default_factory=dict)
    scans: dict[str, Scan] = field(default_factory=dict)
    issues: dict[str, tuple[Issue, ...]] = field(default_factory=dict)
    """Why one of the networks does not answer."""

    def sides(self, networks: dict[str, Network]) -> list[Side]:
        """Return the networks as they are drawn beside each other."""
        return [
            Side(
                title=_(TITLES[name]),
                seen=self.seen.get(name),
                scan=self.scans.get(name),
                read=self.read.get(name),
                is_kin=name != RANDOM,
            )
            for name in networks
        ]


def networks(place: Place) -> tuple[dict[str, Network], tuple[Issue, ...]]:
    """Return which networks are shown for a place, and why its run is not among them.

    Raises:
        InputError: if the address names a base or a run that does not exist.
    """
    base = catalog.find(place.base_id)
    size = place.size or base.size
    found, issues = {BASE: Network(base.id, size)}, ()
    if place.run and store.read_run(place.run).spec.kind == "train":
        try:
            tuned = catalog.find(f"{catalog.RUN_PREFIX}{place.run}")
            found[TUNED] = Network(tuned.id, size)
        except InputError as error:
            issues = error.issues
    return found | {RANDOM: Network(base.id, size, is_random=True)}, issues


def found(asked: Asked) -> Found:
    """Return what this session knows of a question; nothing of others is kept."""
    known = st.session_state.get(_KEY)
    if not isinstance(known, Found) or known.key != asked.key:
        known = st.session_state[_KEY] = Found(asked.key)
    return known


def begin(asked: Asked) -> None:
    """Have the base look, unless it has.

    Raises:
        InputError: if the thing or the base cannot be used.
        RunFailed: if the process does not answer.
    """
    known = found(asked)
    if BASE not in known.seen and BASE not in known.read:
        _look(asked, known, BASE)


def go_on(asked: Asked) -> bool:
    """Take the next step, if any is left; tells whether there is something new to draw."""
    known = found(asked)
    step = _next(asked, known)
    if step is None:
        return False
    name, take = step
    try:
        take(asked, known, name)
    except InputError as error:
        known.issues[name] = error.issues
    except RunFailed as error:
        known.issues[name] = (Issue("", error.message, error.fix),)
    return name not in known.scans or known.scans[name].is_whole


def is_done(asked: Asked) -> bool:
    """Tell whether no step is left."""
    return _next(asked, found(asked)) is None


def progress(asked: Asked) -> tuple[float, str] | None:
    """Return how far the pictures are, in [0, 1] and in words; None before and after."""
    scans = found(asked).scans
    open_ = [name for name in asked.networks if name in scans and not scans[name].is_whole]
    if not open_:
        return None
    scan = scans[open_[0]]
    words = _("Looking through your pictures ({network}): {done} of {total}")
    told = words.format(
        network=_(TITLES[open_[0]]),
        done=wording.count(scan.done),
        total=wording.count(scan.total),
    )
    return scan.done / max(scan.total, 1), told


_Step = Callable[[Asked, Found, str], None]


def _next(asked: Asked, known: Found) -> tuple[str, _Step] | None:
    """Return which network is to do what; all look before any searches for patches."""
    able = [name for name in asked.networks if name not in known.issues]
    for name in able:
        if name not in known.seen and name not in known.read:
            return name, _look
    for name in able if asked.dataset is not None else ():
        if name not in known.scans or not known.scans[name].is_whole:
            return name, _search
    return None


def _look(asked: Asked, known: Found, name: str) -> None:
    network = asked.networks[name]
    # What a tuned network makes of the picture is shown for the same channels as of its base.
    channels = known.seen[BASE].channels() if name == TUNED and BASE in known.seen else None
    with uploaded([(asked.thing.name, io.BytesIO(asked.thing.content))]) as entries:
        path = entries[0].path
        try:
            if asked.is_text:
                known.read[name] = looking.read(network, path)
            else:
                known.seen[name] = looking.look(network, path, channels=channels)
        except InputError as error:  # where it lay for a moment concerns nobody
            raise InputError(
                [
                    replace(issue, field=asked.thing.name) if issue.field == str(path) else issue
                    for issue in error.issues
                ]
            ) from error


def _search(asked: Asked, known: Found, name: str) -> None:
    assert asked.dataset is not None
    known.scans[name] = looking.scan(
        asked.networks[name],
        asked.dataset.id,
        asked.dataset.revision,
        channels=known.seen[name].channels(),
        against=asked.networks[BASE] if name != BASE else None,
    )
