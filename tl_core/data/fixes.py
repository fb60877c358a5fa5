"""What can be done about a finding with one press: entries for the edit log. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tl_core.data.dataset import Dataset
from tl_core.data.edits import Edit
from tl_core.data.finding import Finding
from tl_core.data.labels import spelling
from tl_core.i18n import N_, _


@dataclass(frozen=True, slots=True)
class Fix:
    """One way to mend a finding."""

    id: str
    """`drop`, `drop_twins`, `resplit` or `merge`."""
    words: str
    """What it does, as a button says it."""
    edits: tuple[Edit, ...]
    """Entries that do it, in order."""


_DROP: Mapping[str, str] = {
    "duplicates": N_("Leave the copies out"),
    "conflict": N_("Leave all of them out"),
    "near_twins": N_("Keep only one of each"),
    "flat": N_("Leave them out"),
    "few_pixels": N_("Leave them out"),
    "extreme_shape": N_("Leave them out"),
    "wrong_labels": N_("Leave all of them out"),
}
"""What leaving out all that a finding concerns is called."""


def fixes_for(finding: Finding, dataset: Dataset) -> tuple[Fix, ...]:
    """Return the ways to mend a finding, the plainest first; none where Thaw cannot mend it."""
    makers: dict[str, Callable[[Finding, Dataset], tuple[Fix, ...]]] = {
        "leak": _unleak,
        "shared": _unleak,
        "near_conflict": _both_out,
        "label_twins": _merge,
        "unchecked_class": _resplit,
        "untrained_class": _resplit,
    }
    if finding.check in _DROP and finding.rows:
        edit = Edit("drop", rows=finding.rows, check=finding.check)
        return (Fix("drop", _(_DROP[finding.check]), (edit,)),)
    make = makers.get(finding.check)
    return make(finding, dataset) if make else ()


def _unleak(finding: Finding, dataset: Dataset) -> tuple[Fix, ...]:
    """Leave out of training what is held out too; or let go the division that the data brought."""
    rows = tuple(dict.fromkeys(trained for trained, _held in finding.pairs))
    edit = Edit("drop", rows=rows, check=finding.check)
    fix = Fix("drop_twins", _("Leave them out of training"), (edit,))
    return (fix, *_resplit(finding, dataset))


def _resplit(finding: Finding, dataset: Dataset) -> tuple[Fix, ...]:
    if not any(example.split == "val" for example in dataset.examples):
        return ()
    words = _("Divide the data anew (the test part stays)")
    return (Fix("resplit", words, (Edit("resplit", check=finding.check),)),)


def _both_out(finding: Finding, dataset: Dataset) -> tuple[Fix, ...]:
    rows = tuple(dict.fromkeys(row for pair in finding.pairs for row in pair))
    return (Fix("drop", _("Leave both out"), (Edit("drop", rows=rows, check=finding.check),)),)


def _merge(finding: Finding, dataset: Dataset) -> tuple[Fix, ...]:
    """Let names that differ only by capitals or spaces go up in the most common of them."""
    counts = Counter(dataset.classes[example.label] for example in dataset.examples)
    alike: dict[str, list[str]] = {}
    for name in dataset.classes:
        alike.setdefault(spelling(name), []).append(name)
    edits = []
    for names in alike.values():
        into = max(names, key=lambda name: (counts[name], name))
        edits += [
            Edit("merge", label=name, into=into, check=finding.check)
            for name in names
            if name != into
        ]
    return (Fix("merge", _("Make them one class"), tuple(edits)),) if edits else ()
