"""What a frozen network makes doubtful in a dataset: the record, kept beside it and found again.

Finding it takes features and is done in `tl_core.evidence.suspects`.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from tl_core import files, wording
from tl_core.data import store, twins
from tl_core.data.dataset import Dataset
from tl_core.errors import InputError
from tl_core.i18n import _
from tl_core.records import from_dict, to_dict
from tl_core.spec import Accuracy

log = logging.getLogger(__name__)

FOLDER = "doubts"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Suspect:
    """One example whose label is probably wrong."""

    row: int
    """`Example.row`."""
    given: str
    """The class that it has."""
    suggested: str
    """The class that the classifier, which did not see it, finds most likely."""
    given_probability: float
    """What that classifier gives to the class that it has, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class LeakScores:
    """What a linear probe scores on the held-out part, with and without what training holds too."""

    with_twins: Accuracy
    without: Accuracy | None
    """None if nothing else is held out."""


@dataclass(frozen=True, slots=True)
class Suspicions:
    """What was found under one fingerprint of a dataset."""

    looked_at: int
    """Examples of the training and validation parts, at most `suspects.LIMIT`."""
    accuracy: Accuracy
    """Of the probe against the given labels, cross-validated: how far its doubts can be trusted."""
    wrong: tuple[Suspect, ...]
    """Least likely labels first."""
    leak: LeakScores | None = None
    version: int = VERSION


def path_of(folder: Path, fingerprint: str) -> Path:
    """Return where the record of this state of the dataset in `folder` lies."""
    return folder / FOLDER / f"{fingerprint}.json"


def write(folder: Path, fingerprint: str, found: Suspicions) -> None:
    """Store what was found."""
    files.write_json(path_of(folder, fingerprint), to_dict(found))


def read(folder: Path, fingerprint: str) -> Suspicions | None:
    """Return what was found; None if nobody looked yet, or the record is of another version."""
    try:
        found = from_dict(Suspicions, files.read_json(path_of(folder, fingerprint)))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, AttributeError, InputError):
        log.warning("the doubts about %s cannot be read and will be looked for again", folder.name)
        return None
    return found if found.version == VERSION else None


def is_audited(dataset: Dataset) -> bool:
    """Tell whether everything that takes a network was looked for in these very data."""
    folder = store.dataset_dir(dataset.id)
    return twins.settled(dataset) and read(folder, dataset.fingerprint) is not None


def leak_sentence(scores: LeakScores) -> str:
    """Return what a leak is worth: the score with and without what both parts hold."""
    if scores.without is None:
        return _("Everything that is held out is in the training part too.")
    return _(
        "A quick classifier gets {with_twins} of the held-out ones right; without those that "
        "training holds too, {without}."
    ).format(
        with_twins=wording.percent_interval(scores.with_twins),
        without=wording.percent_interval(scores.without),
    )


def doubt_sentence(known: Suspicions, modality: str) -> str:
    """Return who doubts the labels, and how far it can be trusted."""
    return _(
        "A quick classifier that never saw the example itself disagrees with these labels. It "
        "looked at {examples} and agrees with {share} of the labels, so it is not always right."
    ).format(
        examples=wording.examples(known.looked_at, modality),
        share=wording.percent(known.accuracy.value),
    )
