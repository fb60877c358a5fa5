"""The import: from a folder, zip or table on this computer to a dataset of Thaw's own.

Nothing in the source is trusted and nothing in it is changed. Files that cannot be used are
listed and left out; the import only fails when fewer than two classes remain.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import time
import unicodedata
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tl_core import files, spec
from tl_core.data import archive, dataset, languages, layout, manifest, store, texts, traits
from tl_core.data.assemble import assemble, too_few_classes
from tl_core.data.columns import Columns
from tl_core.data.dataset import Dataset
from tl_core.data.finding import Finding, Notes, read_findings, write_findings
from tl_core.data.folder import walk
from tl_core.data.intake import Progress, Tick, decode_all, hash_all
from tl_core.data.labels import plain_name, tidy_text
from tl_core.data.layout import Candidate, Entry
from tl_core.data.split import split
from tl_core.data.staging import publish, staging
from tl_core.data.table import is_table
from tl_core.data.uploads import refused_names
from tl_core.errors import Cancelled, InputError, Issue
from tl_core.i18n import _

RULES_VERSION = 1
"""Part of every dataset's id: raise it when the same files would give other examples."""

_MAX_NAME_CHARS = 80
_MAX_SOURCE_CHARS = 1000
_MAX_SLUG_CHARS = 40
_ID_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Origin:
    """What a dataset is called and where it came from."""

    name: str
    source: str


def import_data(
    source: Path,
    *,
    name: str = "",
    columns: Columns | None = None,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Dataset:
    """Import pictures or texts; the same content under the same name again changes nothing.

    Args:
        source: a folder of class folders, or of `train`, `val` and `test` folders of such, or
            with `train.csv`; a zip of any of these; or a table (CSV, TSV, JSON lines) with the
            columns `path` or `text`, `label`, and if you like `split` and `group`.
        columns: which columns of a table to read, where their names do not say it.
        name: what to call the dataset; by default the name of the source.
        progress: told how far the decoding has come.
        should_stop: asked often; when it says yes, nothing is kept.

    Raises:
        InputError: if the source cannot be used; it lists everything that was wrong.
        Cancelled: if `should_stop` said so.
    """
    source = Path(os.path.expanduser(source))  # unlike Path's own it never fails
    origin = Origin(_name_of(source, name), _shown_source(source))
    tick = _ticker(should_stop)
    notes = Notes()
    notes.add("outside", *refused_names(source))
    with staging() as folder:
        candidates = _candidates(source, folder / "unpacked", notes, tick, columns)
        return _import(candidates, origin, folder, notes, progress=progress, tick=tick)


def import_candidates(
    candidates: Sequence[Candidate], origin: Origin, *, progress: Progress | None = None
) -> Dataset:
    """Import files whose labels are known already, as those of the samples are.

    Raises:
        InputError: if fewer than two classes are usable.
    """
    with staging() as folder:
        tick = _ticker(None)
        return _import(candidates, origin, folder, Notes(), progress=progress, tick=tick)


def findings(dataset_id: str) -> tuple[Finding, ...]:
    """Return what the import of a dataset noticed, most pressing first."""
    return read_findings(store.dataset_dir(dataset_id), store.load(dataset_id).modality)


def _ticker(should_stop: Callable[[], bool] | None) -> Tick:
    def tick() -> None:
        if should_stop is not None and should_stop():
            raise Cancelled(_("The import was stopped; nothing was kept."))

    return tick


def _name_of(source: Path, name: str) -> str:
    absolute = Path(os.path.abspath(source))
    default = absolute.stem if os.path.isfile(absolute) else absolute.name
    return tidy_text(name or default, max_chars=_MAX_NAME_CHARS) or _("Unnamed")


def _shown_source(source: Path) -> str:
    absolute = Path(os.path.abspath(source))
    is_upload = absolute.is_relative_to(files.uploads_dir())
    return tidy_text(absolute.name if is_upload else str(absolute), max_chars=_MAX_SOURCE_CHARS)


def _candidates(
    source: Path, unpacked: Path, notes: Notes, tick: Tick, columns: Columns | None
) -> list[Candidate]:
    """List the files that may become examples, whatever form the source has."""
    if os.path.isdir(source):  # names that no file system can hold are simply not there
        return _from_entries(walk(source, notes, tick), notes, columns)
    is_file = os.path.isfile(source)
    if is_file and is_table(source.name):
        find = manifest.find_below(source.parent)
        return manifest.read_table(source, find, notes, columns=columns)
    if is_file and (source.suffix.casefold() == ".zip" or zipfile.is_zipfile(source)):
        return _from_entries(archive.unpack(source, unpacked, notes, tick), notes, columns)
    if os.path.exists(source):
        message = _("This is neither a folder nor a zip nor a table.")
    else:
        message = _("There is no such file or folder.")
    fix = _(
        "Name a folder of class folders, a zip of one, or a table (CSV, TSV, JSON lines) with the "
        "columns path and label, or text and label."
    )
    raise InputError([Issue(plain_name(str(source)), message, fix)])


def _from_entries(
    entries: Sequence[Entry], notes: Notes, columns: Columns | None
) -> list[Candidate]:
    root = layout.unwrap(entries)
    tables = layout.tables(entries, root)
    if not tables and (lone := layout.lone_table(entries, root)):
        root, tables = lone.parts[:-1], {"train": lone}
    if not tables:
        return layout.from_folders(entries, root, notes)
    prefix = "".join(f"{part}/" for part in root)
    paths = {e.name.removeprefix(prefix): e.path for e in entries if e.name.startswith(prefix)}

    def find(path: str) -> Path | str:
        return paths.get(path, "missing_files")

    # A lone train.csv may name the parts in a column; several tables are the parts themselves.
    return [
        candidate
        for part, entry in tables.items()
        for candidate in manifest.read_table(
            entry.path,
            find,
            notes,
            name=entry.name,
            split=part if len(tables) > 1 else "",
            columns=columns,
        )
    ]


def _import(
    candidates: Sequence[Candidate],
    origin: Origin,
    folder: Path,
    notes: Notes,
    *,
    progress: Progress | None,
    tick: Tick,
) -> Dataset:
    """Turn candidates into a published dataset, using the staging folder `folder`."""
    if texts.are_texts(candidates):
        notes.modality = "text"
    is_text = notes.modality == "text"
    hashed = (texts.read_all if is_text else hash_all)(candidates, notes, tick)
    if not hashed:
        raise too_few_classes((), notes)
    dataset_id = _dataset_id(origin.name, hashed)
    if store.exists(dataset_id):
        return store.load(dataset_id)
    if is_text:
        drafts = texts.drafts(hashed)
    else:
        drafts = decode_all(hashed, folder, notes, progress=progress, tick=tick)
    classes, examples = assemble(drafts, notes, tick)
    made = Dataset(
        id=dataset_id,
        name=origin.name,
        classes=classes,
        examples=examples,
        source=origin.source,
        created=time.time(),
        fingerprint=dataset.fingerprint_of(classes, examples),
        modality=notes.modality,
        languages=languages.guess([e.text for e in examples]) if is_text else {},
    )
    split(made, val_fraction=spec.DEFAULT_VAL_FRACTION, seed=0)  # refuses what cannot be divided
    shutil.rmtree(folder / "unpacked", ignore_errors=True)
    write_findings(folder, notes.findings())
    if taken := {d.example.key: d.trait for d in drafts if d.trait is not None}:
        traits.write(folder, taken)
    dataset.write(folder, made)
    publish(folder, dataset_id)
    return store.load(dataset_id)


def _dataset_id(name: str, hashed: Sequence[tuple[Candidate, str]]) -> str:
    """Return the id that this content has under this name: readable, and always the same."""
    rows = sorted((c.label, c.split, c.group, key) for c, key in hashed)
    content = json.dumps([RULES_VERSION, name, rows])
    digest = hashlib.sha256(content.encode()).hexdigest()[:_ID_DIGITS]
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:_MAX_SLUG_CHARS].strip("-")
    return f"{slug or 'data'}-{digest}"
