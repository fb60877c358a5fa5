"""The datasets that are there: found, loaded, mended, listed, deleted."""

from __future__ import annotations

import logging
import re
import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tl_core import files, spec
from tl_core.data import edits
from tl_core.data.dataset import HEADER_FILE, UNFINISHED_SUFFIX, Dataset, read, read_header
from tl_core.data.edits import Edit
from tl_core.data.split import split
from tl_core.errors import InputError, Issue
from tl_core.i18n import _

log = logging.getLogger(__name__)

_DELETED_SUFFIX = f".deleted{UNFINISHED_SUFFIX}"  # swept up with unfinished imports
_CACHED_DATASETS = 4  # a dataset of 100,000 examples takes some 100 MB
_ID = re.compile(r"(?=.{1,100}$)[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class DatasetSummary:
    """What a list of datasets shows."""

    id: str
    name: str
    n: int
    """Usable examples over all splits."""
    classes: int
    created: float
    source: str = ""
    modality: str = "picture"


def dataset_dir(dataset_id: str) -> Path:
    """Return the folder of a dataset, whether it exists or not.

    Raises:
        InputError: if `dataset_id` cannot be an id.
    """
    if not _ID.fullmatch(dataset_id):
        raise _unknown(dataset_id)
    return files.datasets_dir() / dataset_id


def exists(dataset_id: str) -> bool:
    """Tell whether a complete dataset with this id is there."""
    if not _ID.fullmatch(dataset_id):
        return False
    return (files.datasets_dir() / dataset_id / HEADER_FILE).is_file()


_cache: dict[tuple[Path, int], tuple[int, Dataset]] = {}
_cache_lock = threading.Lock()


def load(dataset_id: str, revision: int | None = None) -> Dataset:
    """Return a dataset with its edits; reading it again costs nothing while it does not change.

    Args:
        dataset_id: which.
        revision: how many entries of the edit log to follow; None for all, 0 for the import.

    Raises:
        InputError: if there is no such dataset or revision, or another version of Thaw wrote it.
    """
    folder = dataset_dir(dataset_id)
    try:
        changed = (folder / HEADER_FILE).stat().st_mtime_ns
    except OSError:
        raise _unknown(dataset_id) from None
    wanted = edits.count(folder) if revision is None else revision
    key = (folder, wanted)
    with _cache_lock:
        cached = _cache.get(key)
        if cached and cached[0] == changed:
            return cached[1]
    imported = read(folder) if wanted == 0 else load(dataset_id, 0)
    dataset = edits.replay(imported, _log(folder, wanted)) if wanted else imported
    with _cache_lock:
        _cache.pop(key, None)
        while len(_cache) >= _CACHED_DATASETS:
            _cache.pop(next(iter(_cache)))
        _cache[key] = (changed, dataset)
    return dataset


def _log(folder: Path, wanted: int) -> Sequence[Edit]:
    known = edits.read_log(folder)
    if wanted > len(known):
        message = _("The data were mended {known} times; revision {found} is not there.")
        raise InputError(
            [
                Issue(
                    "revision",
                    message.format(known=len(known), found=wanted),
                    _("Start again with the data as they are."),
                )
            ]
        )
    return known[:wanted]


def mend(dataset_id: str, edit: Edit) -> Dataset:
    """Add an entry to the edit log of a dataset and return what it is then.

    Nothing is written if the data could not be used any more afterwards.

    Raises:
        InputError: if there is no such dataset, the entry fits nothing, or fewer than two usable
            classes would be left.
    """
    folder = dataset_dir(dataset_id)
    imported = load(dataset_id, 0)
    with edits.writing(folder):
        known = edits.read_log(folder)
        dataset = edits.replay(imported, [*known, edit])
        split(dataset, val_fraction=spec.DEFAULT_VAL_FRACTION, seed=0)  # refuses the indivisible
        edits.append(folder, edit, dataset)
    return load(dataset_id)


def list_datasets() -> tuple[DatasetSummary, ...]:
    """Return every complete dataset, newest first; what cannot be read is passed over."""
    found: list[DatasetSummary] = []
    for path in files.datasets_dir().glob(f"*/{HEADER_FILE}"):
        if not _ID.fullmatch(path.parent.name):
            continue
        try:
            h = read_header(path.parent)
            n, classes = edits.sizes(path.parent) or (h["n"], len(h["classes"]))
            summary = DatasetSummary(
                *(h["id"], h["name"], n, classes, h["created"], h["source"], h["modality"])
            )
        except (OSError, ValueError, KeyError, TypeError):
            log.warning("dataset %s cannot be read", path.parent.name)
            continue
        found.append(summary)
    return tuple(sorted(found, key=lambda s: (-s.created, s.id)))


def delete(dataset_id: str) -> None:
    """Delete a dataset with its pictures and evidence; the originals are not touched.

    Raises:
        InputError: if there is no such dataset.
    """
    folder = dataset_dir(dataset_id)
    # Renaming first means that a half deleted dataset never looks like a whole one.
    doomed = folder.with_name(f"{dataset_id}{_DELETED_SUFFIX}")
    shutil.rmtree(doomed, ignore_errors=True)
    try:
        folder.rename(doomed)
    except FileNotFoundError:
        raise _unknown(dataset_id) from None
    with _cache_lock:
        for key in [key for key in _cache if key[0] == folder]:
            _cache.pop(key)
    shutil.rmtree(doomed, ignore_errors=True)


def _unknown(dataset_id: str) -> InputError:
    known = ", ".join(s.id for s in list_datasets()) or _("none yet")
    return InputError(
        [
            Issue(
                "data",
                _("There is no dataset '{id}'.").format(id=dataset_id),
                _("Imported datasets: {known}.").format(known=known),
            )
        ]
    )
