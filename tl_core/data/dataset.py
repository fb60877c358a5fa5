"""Imported datasets: the record, and how it is stored, loaded, listed and deleted.

    THAW_HOME/datasets/<id>/
      dataset.json     what a list shows: name, kind, classes, how many; written last
      examples.json    one row per example, texts included
      findings.json    what the import passed over
      images/ab/…      the pictures, named by the SHA-256 of their bytes
      evidence/        what was measured (see `measured`)

It does not import anything: that is `ingest`.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import shutil
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tl_core import files
from tl_core.errors import InputError, Issue
from tl_core.i18n import _

log = logging.getLogger(__name__)

FORMAT_VERSION = 1
HEADER_FILE = "dataset.json"
EXAMPLES_FILE = "examples.json"
IMAGES_FOLDER = "images"
UNFINISHED_SUFFIX = ".partial"
_DELETED_SUFFIX = f".deleted{UNFINISHED_SUFFIX}"  # swept up with unfinished imports
_CACHED_DATASETS = 4  # a dataset of 100,000 examples takes some 100 MB
_ID = re.compile(r"(?=.{1,100}$)[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Example:
    """One picture or text with its label."""

    key: str
    """SHA-256 of the file's bytes, or of the text; 64 hexadecimal digits."""
    path: Path
    """The picture inside THAW_HOME, absolute; of no use for texts."""
    label: int
    """Index into the dataset's classes."""
    split: str
    """`train`, `val` or `test` as the data gave it; empty if they gave none."""
    group: str
    """Examples of one group never straddle a split of ours; empty if it stands alone."""
    name: str
    """Path in the original folder, zip or table: untrusted text."""
    pixels: str = ""
    """Hash of the decoded pixels, or of the words; 32 hexadecimal digits, equal for twins."""
    width: int = 0
    """Pixels, as shown (after turning it upright)."""
    height: int = 0
    text: str = ""
    """The text itself, untrusted; empty for a picture."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A set of pictures or of texts in classes, as imported."""

    id: str
    """Letters a to z, digits and hyphens only."""
    name: str
    """As the person calls it: untrusted text."""
    classes: tuple[str, ...]
    """Sorted."""
    examples: tuple[Example, ...]
    source: str
    """Where it came from: a path, or `sample:ID`."""
    created: float
    """Seconds since 1970."""
    fingerprint: str
    """SHA-256 over classes and sorted (key, label, split, group)."""
    modality: str = "picture"
    languages: dict[str, float] = field(default_factory=dict)
    """Of texts: the share that seems to be in each language, by its ISO 639-1 code."""


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


def fingerprint_of(classes: Iterable[str], examples: Iterable[Example]) -> str:
    """Return the SHA-256 that names exactly what can be learned from these examples."""
    rows = sorted((e.key, e.label, e.split, e.group) for e in examples)
    return hashlib.sha256(json.dumps([list(classes), rows]).encode()).hexdigest()


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


def image_path(folder: Path, key: str, suffix: str) -> Path:
    """Return where the picture with this key lies; two levels keep folders small."""
    return folder / IMAGES_FOLDER / key[:2] / f"{key}{suffix}"


def write(folder: Path, dataset: Dataset) -> None:
    """Store the record of `dataset` in `folder`; the header, which makes it whole, last."""
    rows = [
        [
            *(e.key, e.path.suffix, e.label, e.split, e.group, e.name),
            *(e.pixels, e.width, e.height, *([e.text] if e.text else [])),
        ]
        for e in dataset.examples
    ]
    files.write_atomically(folder / EXAMPLES_FILE, json.dumps(rows))
    header = {
        "version": FORMAT_VERSION,
        "id": dataset.id,
        "name": dataset.name,
        "modality": dataset.modality,
        "n": len(dataset.examples),
        "classes": list(dataset.classes),
        "source": dataset.source,
        "created": dataset.created,
        "fingerprint": dataset.fingerprint,
        "languages": dataset.languages,
    }
    files.write_json(folder / HEADER_FILE, header)


_cache: dict[Path, tuple[int, Dataset]] = {}
_cache_lock = threading.Lock()


def load(dataset_id: str) -> Dataset:
    """Return an imported dataset; reading it again costs nothing while it does not change.

    Raises:
        InputError: if there is no such dataset, or another version of Thaw wrote it.
    """
    folder = dataset_dir(dataset_id)
    try:
        changed = (folder / HEADER_FILE).stat().st_mtime_ns
    except OSError:
        raise _unknown(dataset_id) from None
    with _cache_lock:
        cached = _cache.get(folder)
        if cached and cached[0] == changed:
            return cached[1]
    dataset = _read(folder)
    with _cache_lock:
        _cache.pop(folder, None)
        while len(_cache) >= _CACHED_DATASETS:
            _cache.pop(next(iter(_cache)))
        _cache[folder] = (changed, dataset)
    return dataset


def _read(folder: Path) -> Dataset:
    try:
        header = _read_header(folder)
        rows = json.loads((folder / EXAMPLES_FILE).read_text(encoding="utf-8"))
        examples = tuple(
            Example(key, image_path(folder, key, suffix), *rest) for key, suffix, *rest in rows
        )
        return Dataset(
            id=header["id"],
            name=header["name"],
            classes=tuple(header["classes"]),
            examples=examples,
            source=header["source"],
            created=header["created"],
            fingerprint=header["fingerprint"],
            modality=header["modality"],
            languages=header.get("languages", {}),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            [
                Issue(
                    folder.name,
                    _("The stored dataset cannot be read: its files are damaged or of another "
                      "version."),
                    _("Delete it and import the data again."),
                )
            ]
        ) from error  # fmt: skip


def _read_header(folder: Path) -> dict[str, Any]:
    header: dict[str, Any] = files.read_json(folder / HEADER_FILE)
    if header["version"] != FORMAT_VERSION:
        raise ValueError(f"format version {header['version']}")
    return header


def list_datasets() -> tuple[DatasetSummary, ...]:
    """Return every complete dataset, newest first; what cannot be read is passed over."""
    found: list[DatasetSummary] = []
    for path in files.datasets_dir().glob(f"*/{HEADER_FILE}"):
        if not _ID.fullmatch(path.parent.name):
            continue
        try:
            h = _read_header(path.parent)
            summary = DatasetSummary(
                *(h["id"], h["name"], h["n"], len(h["classes"])),
                *(h["created"], h["source"], h["modality"]),
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
        _cache.pop(folder, None)
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
