"""The samples: what they are, whether they are here, and how each becomes a dataset.

Listing them imports nothing heavy; loading one imports it once, like any other data.
"""

from __future__ import annotations

import importlib.util
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tl_core.data import store
from tl_core.data.dataset import Dataset
from tl_core.data.ingest import Origin, import_candidates
from tl_core.data.intake import Progress
from tl_core.data.layout import Candidate
from tl_core.data.messages import write_messages
from tl_core.data.shapes import draw_shapes
from tl_core.data.staging import disk_full_told
from tl_core.errors import InputError, Issue
from tl_core.i18n import _

_DECLARED = Path(__file__).with_name("samples.toml")
_DIGIT_EDGE_PX = 32  # four times the 8 px of the scans; models expect more than 8
_DIGIT_WHITE = 16  # ink counts run from 0 to 16
_DEFECTIVE_FROM = 0.5  # probability of a defect


@dataclass(frozen=True, slots=True)
class Sample:
    """A dataset that Thaw can bring by itself, as a list shows it."""

    id: str
    title: str
    text: str
    n: int
    """Pictures, or texts."""
    classes: int
    licence: str
    available: bool
    """Whether it can be loaded here and now, without a network."""
    how_to_get: str
    """What to do if it is not available; empty if it is."""
    licence_note: str = ""
    modality: str = "picture"


@cache
def _declared() -> dict[str, dict[str, Any]]:
    rows: list[dict[str, Any]] = tomllib.loads(_DECLARED.read_text(encoding="utf-8"))["sample"]
    return {row["id"]: row for row in rows}


def photograph() -> tuple[Path, str]:
    """Return an everyday photograph that comes along, and what it is and whose.

    It comes with scikit-learn, which is looked up here and not imported.
    """
    found = importlib.util.find_spec("sklearn")
    folder = Path(found.origin or "").parent if found else Path()  # Thaw depends on it
    path = folder / "datasets" / "images" / "china.jpg"
    return path, _("a photograph that comes with scikit-learn, by danielbuechele, CC BY 2.0")


def all_samples() -> tuple[Sample, ...]:
    """Return every sample, the quickest first, whether it is available or not."""
    return tuple(_sample(row) for row in _declared().values())


def _sample(row: dict[str, Any]) -> Sample:
    is_here = not row["package"] or importlib.util.find_spec(row["package"]) is not None
    package = f"thaw[{row['extra']}]" if row["extra"] else row["package"]
    return Sample(
        id=row["id"],
        title=_(row["title"]),
        text=_(row["text"]),
        n=row["n"],
        classes=row["classes"],
        licence=row["licence"],
        available=is_here,
        how_to_get="" if is_here else _("Install it with: pip install '{package}'").format(
            package=package
        ),
        licence_note=_(row["licence_note"]),
        modality=row.get("modality", "picture"),
    )  # fmt: skip


def load_sample(sample_id: str, progress: Progress | None = None) -> Dataset:
    """Return a sample as a dataset; the first time it is imported, afterwards it is just read.

    Raises:
        InputError: if there is no such sample, or it is not installed.
    """
    if sample_id not in _declared():
        raise InputError(
            [
                Issue(
                    "data",
                    _("There is no sample '{id}'.").format(id=sample_id),
                    _("Samples: {known}.").format(known=", ".join(_declared())),
                )
            ]
        )
    row = _declared()[sample_id]
    source = f"sample:{sample_id}:{row['version']}"
    for summary in store.list_datasets():
        if summary.source == source:
            return store.load(summary.id)
    sample = _sample(row)
    if not sample.available:
        message = _("The sample '{id}' is not installed.").format(id=sample_id)
        raise InputError([Issue("data", message, sample.how_to_get)])
    origin = Origin(name=sample_id, source=source)
    with disk_full_told(), tempfile.TemporaryDirectory(prefix="thaw-sample-") as folder:
        candidates = list(_LOADERS[sample_id](Path(folder)))
        return import_candidates(candidates, origin, progress=progress)


def _shapes(folder: Path) -> Iterator[Candidate]:
    for number, (label, picture) in enumerate(draw_shapes()):
        path = folder / f"{number:04d}.png"
        picture.save(path)
        yield Candidate(f"{label}/{path.name}", path, label)


def _digits(folder: Path) -> Iterator[Candidate]:
    """Enlarge the scans smoothly: the edges of enlarged pixels would be features of their own."""
    from sklearn.datasets import load_digits

    scans = load_digits()
    for number, (ink, label) in enumerate(zip(scans.images, scans.target, strict=True)):
        grey = np.rint(ink * (255 / _DIGIT_WHITE)).astype(np.uint8)
        edges = (_DIGIT_EDGE_PX, _DIGIT_EDGE_PX)
        path = folder / f"{number:04d}.png"
        Image.fromarray(grey).resize(edges, Image.Resampling.BICUBIC).save(path)
        yield Candidate(f"{label}/{path.name}", path, str(label))


def _solar(folder: Path) -> Iterator[Candidate]:
    """Read the pictures where the package keeps them; its table holds name, probability, type."""
    found = importlib.util.find_spec("elpv_dataset")
    locations = found.submodule_search_locations if found else None
    root = Path(next(iter(locations or [str(folder)]))) / "data"
    for line in (root / "labels.csv").read_text(encoding="utf-8").splitlines():
        name, probability, _kind = line.split()
        label = "defective" if float(probability) >= _DEFECTIVE_FROM else "intact"
        yield Candidate(name, root / name, label)


def _messages(folder: Path) -> Iterator[Candidate]:
    for number, (label, group, message) in enumerate(write_messages()):
        name = _("message {n}").format(n=number + 1)
        yield Candidate(name, folder, label, group=group, text=message)


_LOADERS: dict[str, Callable[[Path], Iterator[Candidate]]] = {
    "shapes": _shapes,
    "digits": _digits,
    "solar": _solar,
    "messages": _messages,
}
