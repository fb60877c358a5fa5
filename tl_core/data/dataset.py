"""Imported datasets: the record, and how it is written and read.

    THAW_HOME/datasets/<id>/
      dataset.json     what a list shows: name, kind, classes, how many; written last
      examples.json    one row per example, texts included
      findings.json    what the import passed over
      images/ab/…      the pictures, named by the SHA-256 of their bytes
      edits.jsonl      what was mended since (see `edits`)
      traits.npz       each picture in a few numbers (see `traits`)
      twins.json       which pictures show the same (see `twins`)
      evidence/        what was measured (see `measured`)

It does not import anything: that is `ingest`. Finding, changing and deleting them is `store`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tl_core import files
from tl_core.errors import InputError, Issue
from tl_core.i18n import _

FORMAT_VERSION = 1
HEADER_FILE = "dataset.json"
EXAMPLES_FILE = "examples.json"
IMAGES_FOLDER = "images"
UNFINISHED_SUFFIX = ".partial"
SPLIT_ORDER = {"": 0, "train": 0, "val": 1, "test": 2}
"""In which order the examples of the parts stand; what has no part may train."""


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
    row: int = -1
    """Which example of the import it is, from 0; edits name examples by it."""


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
    revision: int = 0
    """How many entries of the edit log stand behind it; 0 is the import itself."""


def fingerprint_of(classes: Iterable[str], examples: Iterable[Example]) -> str:
    """Return the SHA-256 that names exactly what can be learned from these examples."""
    rows = sorted((e.key, e.label, e.split, e.group) for e in examples)
    return hashlib.sha256(json.dumps([list(classes), rows]).encode()).hexdigest()


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


def read(folder: Path) -> Dataset:
    """Return the dataset in `folder` as it was imported.

    Raises:
        InputError: if its files are damaged, or another version of Thaw wrote them.
    """
    try:
        header = read_header(folder)
        rows = json.loads((folder / EXAMPLES_FILE).read_text(encoding="utf-8"))
        examples = tuple(_example(folder, row, *stored) for row, stored in enumerate(rows))
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


def _example(folder: Path, row: int, key: str, suffix: str, *rest: Any) -> Example:
    return replace(Example(key, image_path(folder, key, suffix), *rest), row=row)


def read_header(folder: Path) -> dict[str, Any]:
    """Return what `dataset.json` says; raises OSError, ValueError or KeyError if it is damaged."""
    header: dict[str, Any] = files.read_json(folder / HEADER_FILE)
    if header["version"] != FORMAT_VERSION:
        raise ValueError(f"format version {header['version']}")
    return header
