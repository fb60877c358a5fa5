"""The edit log in words: what each entry did, for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tl_core import wording
from tl_core.data.edits import Edit
from tl_core.i18n import _, ngettext


def told(edit: Edit, modality: str) -> str:
    """Return what an entry did, as a sentence; class names in it are untrusted text.

    Args:
        edit: any entry of the log.
        modality: of the dataset, `picture` or `text`.
    """
    return _TOLD[edit.do](edit, modality)


def _dropped(edit: Edit, modality: str) -> str:
    return _("Left out: {examples}.").format(examples=wording.examples(len(edit.rows), modality))


def _relabelled(edit: Edit, modality: str) -> str:
    return _("Moved to the class {label}: {examples}.").format(
        label=edit.label, examples=wording.examples(len(edit.rows), modality)
    )


def _merged(edit: Edit, modality: str) -> str:
    return _("The class {label} became part of {into}.").format(label=edit.label, into=edit.into)


def _regrouped(edit: Edit, modality: str) -> str:
    n = len(edit.groups)
    words = ngettext(
        "Kept on one side of every split: {n} group of examples that show nearly the same.",
        "Kept on one side of every split: {n} groups of examples that show nearly the same.",
        n,
    )
    return words.format(n=wording.count(n))


def _resplit(edit: Edit, modality: str) -> str:
    return _("The training and validation parts that the data brought were forgotten.")


def _parted(edit: Edit, modality: str) -> str:
    text = {
        "train": _("Put into the training part: {examples}."),
        "val": _("Kept as the validation part: {examples}."),
        "test": _("Kept for the test part only: {examples}."),
    }[edit.into]
    return text.format(examples=wording.examples(len(edit.rows), modality))


def _kept(edit: Edit, modality: str) -> str:
    return _("Looked at and kept as they are: {examples}.").format(
        examples=wording.examples(len(edit.rows), modality)
    )


def _undone(edit: Edit, modality: str) -> str:
    return _("Change {n} was taken back.").format(n=edit.entry)


_TOLD: Mapping[str, Callable[[Edit, str], str]] = {
    "drop": _dropped,
    "relabel": _relabelled,
    "merge": _merged,
    "regroup": _regrouped,
    "resplit": _resplit,
    "part": _parted,
    "keep": _kept,
    "undo": _undone,
}
