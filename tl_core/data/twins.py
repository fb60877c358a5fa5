"""Which pictures of a dataset show the same: the record of what was confirmed, and its leaks.

Confirming takes a network and is done in `tl_core.evidence.twins`; the record lies in `twins.json`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tl_core import files
from tl_core.data import alike, store, traits
from tl_core.data.dataset import Dataset
from tl_core.data.groups import components, ties_of
from tl_core.data.traits import Traits

TWINS_FILE = "twins.json"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Twins:
    """Confirmed pairs of near-duplicates; exact copies are known anyway and are not among them."""

    pairs: tuple[tuple[int, int], ...]
    """By `Example.row`, lower first."""
    similarity: tuple[float, ...]
    """Cosine of the features of each pair, at most 1."""
    proposed: int = 0
    """Pairs that the hashes had proposed."""


def write(folder: Path, twins: Twins) -> None:
    """Store what was confirmed in the folder of the dataset."""
    rows = [[*pair, s] for pair, s in zip(twins.pairs, twins.similarity, strict=True)]
    record = {"version": VERSION, "proposed": twins.proposed, "pairs": rows}
    files.write_json(folder / TWINS_FILE, record)


def read(folder: Path) -> Twins | None:
    """Return what was confirmed; None if nobody looked yet, or the record is damaged."""
    try:
        record = files.read_json(folder / TWINS_FILE)
        if record["version"] != VERSION:
            return None
        rows = record["pairs"]
        pairs = tuple((int(a), int(b)) for a, b, _similarity in rows)
        return Twins(pairs, tuple(float(s) for _a, _b, s in rows), record["proposed"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def proposed(dataset: Dataset, known: Traits) -> tuple[alike.Ints, alike.Ints]:
    """Return what hashes propose, exact copies aside: pairs of indices, [m, 2], and bits of 256."""
    pairs, bits = alike.candidates(known)
    looks = [example.pixels for example in dataset.examples]
    differ = np.array([looks[a] != looks[b] for a, b in pairs], dtype=bool)
    return pairs[differ], bits[differ]


def settled(dataset: Dataset) -> bool:
    """Tell whether all near-duplicates are known, without a network: where none is needed, say so.

    Texts are settled by their import; so are pictures of which hashes propose no pair.
    """
    folder = store.dataset_dir(dataset.id)
    if dataset.modality != "picture" or read(folder) is not None:
        return True
    imported = store.load(dataset.id, 0)
    known = traits.read(folder, imported.examples)
    if known is None or len(proposed(imported, known)[0]):
        return False
    write(folder, Twins((), ()))
    return True


def groups(dataset: Dataset, twins: Twins) -> tuple[tuple[int, ...], ...]:
    """Return rows that show the same as one another, each group sorted; what stands alone is out.

    A group that would come to more than half of a class, with all that its members belong with
    already, is left out: the class could not be divided any more.
    """
    here = {example.row for example in dataset.examples}
    pairs = [pair for pair in twins.pairs if pair[0] in here and pair[1] in here]
    tied: dict[int, list[Hashable]] = {e.row: ties_of(e) for e in dataset.examples}
    for pair in pairs:
        for row in pair:
            tied[row].append(pair)
    found: dict[int, list[int]] = {}
    for row, number in zip(tied, components(list(tied.values())), strict=True):
        found.setdefault(number, []).append(row)
    label = {e.row: e.label for e in dataset.examples}
    in_class, twinned = Counter(label.values()), {row for pair in pairs for row in pair}
    return tuple(
        tuple(sorted(twinned.intersection(own)))
        for own in found.values()
        if twinned.intersection(own) and not _is_most(own, label, in_class)
    )


def _is_most(group: Sequence[int], label: dict[int, int], in_class: Counter[int]) -> bool:
    own = Counter(label[row] for row in group)
    return any(2 * n > in_class[c] for c, n in own.items())
