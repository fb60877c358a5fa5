"""Options that several commands share, and how they become a checked request."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tl_core import catalog
from tl_core.analysis import unseen
from tl_core.cli import follow
from tl_core.errors import InputError, Issue
from tl_core.i18n import N_, _
from tl_core.spec import DEFAULT_BASE, RunSpec, validate

if TYPE_CHECKING:
    from tl_core.data.dataset import Dataset

Json = Annotated[
    bool, typer.Option("--json", help=N_("Write one JSON object; progress goes to stderr."))
]
Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        show_default=False,
        help=N_("A folder of class folders, a zip of it, a table, a sample or a dataset."),
    ),
]
Base = Annotated[
    str,
    typer.Option(
        "--base",
        show_default=False,
        help=N_(
            "The base model: an id from 'thaw bases', timm:NAME, hf:NAME, a folder, or run:ID."
        ),
    ),
]
Size = Annotated[
    int | None,
    typer.Option(
        "--size",
        show_default=False,
        help=N_("Picture edge in pixels, or most tokens read of a text (base's own)."),
    ),
]
Val = Annotated[
    float, typer.Option("--val", help=N_("Share held out where the data bring no validation."))
]
Seed = Annotated[int, typer.Option("--seed", help=N_("Same seed, same data, same result."))]
Minutes = Annotated[
    float | None,
    typer.Option("--minutes", show_default=False, help=N_("Time limit; the best is kept.")),
]
Run = Annotated[
    str, typer.Argument(metavar="RUN", show_default=False, help=N_("Id of a run: thaw runs list"))
]


def prepare(data: str, *drafts: RunSpec, issues: Iterable[Issue] = ()) -> Dataset:
    """Check requests that name no dataset yet, then import `data` if that is needed.

    Args:
        data: DATA as typed.
        drafts: the requests, with `data` standing in for the dataset.
        issues: problems of the command line that are known already.

    Raises:
        InputError: with every problem of the requests, their bases and the data at once.
    """
    from tl_core.data import resolve

    found = list(issues)
    bases = []
    for draft in drafts:
        found += validate(draft if draft.base else dataclasses.replace(draft, base=DEFAULT_BASE))
        try:
            if draft.base:
                bases.append((catalog.find(draft.base), draft))
        except InputError as error:
            found += error.issues
    # Importing can take minutes: it waits until the rest of the request is sound.
    if not found or not is_path(data):
        try:
            with follow.counting(_("Reading your data")) as progress:
                dataset = resolve(data, progress=progress)
            dataset = with_twins(dataset)
            for base, draft in bases:
                catalog.require_reads(base, dataset.modality)
                catalog.require_unseen(base, _judged(dataset, draft))
        except InputError as error:
            found += error.issues
    if found:
        raise InputError(dict.fromkeys(found))
    return dataset


def _judged(dataset: Dataset, draft: RunSpec) -> catalog.Judged:
    """Return what would judge the base of a request."""
    if draft.kind == "evidence":
        return unseen.in_tests(dataset)
    return unseen.in_training(dataset, val_fraction=draft.val_fraction, seed=draft.seed)


def with_twins(dataset: Dataset) -> Dataset:
    """Look for near-duplicates where nobody has yet, so that no split ever divides them."""
    from tl_core.data import twins

    if twins.settled(dataset):
        return dataset
    from tl_core.evidence.twins import ensure  # takes seconds to load

    with follow.counting(_("Comparing pictures that look alike")) as progress:

        def tell(kind: str, /, **fields: Any) -> None:
            if kind == "step":
                progress(fields["done"], fields["total"])

        return ensure(dataset, tell, lambda: True)


def settled(draft: RunSpec, dataset: Dataset) -> RunSpec:
    """Return the request for `dataset`; a base that was not named is the usual one for it."""
    base = draft.base or catalog.default_base(dataset.modality)
    return dataclasses.replace(draft, dataset=dataset.id, revision=dataset.revision, base=base)


def is_path(text: str) -> bool:
    """Tell whether `text` names a file or folder that is there."""
    try:
        return Path(text).expanduser().exists()
    except (OSError, ValueError, RuntimeError):  # too long, a null character, an unknown home
        return False
