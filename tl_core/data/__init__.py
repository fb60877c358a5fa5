"""Data: brought in safely, looked at, divided; samples; the store of what was measured."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path

from tl_core.data.audit import Finding, facts, findings
from tl_core.data.dataset import Dataset, Example
from tl_core.data.ingest import import_data
from tl_core.data.labels import tidy_text
from tl_core.data.measured import list_evidence, read_evidence, write_evidence
from tl_core.data.pictures import read_picture
from tl_core.data.samples import Sample, all_samples, load_sample
from tl_core.data.split import Split, split
from tl_core.data.store import DatasetSummary, delete, exists, list_datasets, load
from tl_core.data.uploads import discard_upload, save_upload
from tl_core.errors import InputError, Issue
from tl_core.i18n import _

__all__ = [
    "Dataset",
    "DatasetSummary",
    "Example",
    "Finding",
    "Sample",
    "Split",
    "all_samples",
    "delete",
    "discard_upload",
    "exists",
    "facts",
    "findings",
    "import_data",
    "list_datasets",
    "list_evidence",
    "load",
    "load_sample",
    "read_evidence",
    "read_picture",
    "resolve",
    "save_upload",
    "split",
    "write_evidence",
]


def resolve(data: str, *, progress: Callable[[int, int], None] | None = None) -> Dataset:
    """Return the dataset that `data` means.

    Args:
        data: in this order, the path of a folder, zip or CSV (imported if it is new), the id of
            a sample, the id of a dataset, or the name of one (the newest, if several have it).
        progress: told how far an import has come.

    Raises:
        InputError: if it means nothing, or the import finds nothing usable.
    """
    text = data.strip()
    if text and _is_path(text):
        return import_data(Path(text), progress=progress)
    if text in {sample.id for sample in all_samples()}:
        return load_sample(text, progress)
    if exists(text):
        return load(text)
    for summary in list_datasets():
        if summary.name == text:
            return load(summary.id)
    raise InputError([_not_found(text)])


def _is_path(text: str) -> bool:
    try:
        return Path(text).expanduser().exists()
    except (OSError, ValueError, RuntimeError):  # too long, a null character, an unknown home
        return False


def _not_found(text: str) -> Issue:
    samples = [sample.id for sample in all_samples()]
    datasets = list_datasets()
    known = list(dict.fromkeys([*samples, *(n for s in datasets for n in (s.name, s.id))]))
    near = difflib.get_close_matches(text, known, n=3)
    hint = _("Did you mean {names}?").format(names=", ".join(near)) + " " if near else ""
    listed = _("Samples: {samples}. Imported datasets: {datasets}.").format(
        samples=", ".join(samples),
        datasets=", ".join(s.id for s in datasets) or _("none yet"),
    )
    return Issue(
        "data",
        _("'{data}' is neither a file or folder, nor a sample, nor a dataset.").format(
            data=tidy_text(text, max_chars=80)
        ),
        hint + listed,
    )
