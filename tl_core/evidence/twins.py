"""Near-duplicates: pairs that hashes propose, confirmed by what a frozen network sees in them.

Two pictures are twins where their perceptual hashes hardly differ and the features do not speak
against it (the same picture saved anew), or where the hashes are near and the features as good as
equal (another shot of the same). The borders lie between what was measured: on 2 million pairs of
hand signs and of small photographs nearly none passes, of pictures saved anew, resized or
brightened nearly all do (`benchmarks/twins.json`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tl_core import catalog
from tl_core.data import alike, store, traits
from tl_core.data import twins as record
from tl_core.data.dataset import Dataset
from tl_core.data.edits import Edit
from tl_core.data.twins import Twins
from tl_core.engine import features, precision
from tl_core.engine.modality import modality_of
from tl_core.engine.setup import reporter
from tl_core.i18n import _

EDGE_PX = 128
"""Twins look alike at any size; at this one a picture costs a third of one at 224."""
SAME_BITS, SAME_COSINE = 40, 0.5
"""Of 256 bits; of pictures saved anew all differ by less, and unrelated ones by more."""
SHOT_COSINE = 0.93
"""For pairs up to `alike.FINE_BITS`: features of hand signs of different people reach 0.92."""

Emit = Callable[..., Any]
Ask = Callable[[], bool]


def ensure(dataset: Dataset, emit: Emit, should_continue: Ask) -> Dataset:
    """Look for twins where nobody has yet, and keep them together from then on.

    What is found is stored with the dataset; groups become an entry of its edit log, which a
    person can take back.

    Args:
        dataset: an imported dataset; texts come with their near twins from the import.
        emit: called with an event kind and its fields.
        should_continue: asked now and then; False ends it.

    Returns:
        The dataset as it is then.

    Raises:
        Cancelled: if `should_continue` said no; nothing is stored then.
    """
    folder = store.dataset_dir(dataset.id)
    if dataset.modality != "picture" or record.read(folder) is not None:
        return dataset
    imported = store.load(dataset.id, 0)
    found = find(imported, emit, should_continue)
    record.write(folder, found)
    groups = record.groups(dataset, found)
    if not groups:
        return dataset
    return store.mend(dataset.id, Edit("regroup", groups=groups, check="near_twins", by="thaw"))


def find(dataset: Dataset, emit: Emit, should_continue: Ask) -> Twins:
    """Return the confirmed near-duplicates among the pictures of a dataset; exact copies are out.

    A network is loaded only where hashes propose anything.
    """
    report = reporter(emit, should_continue, _("pictures compared"))
    known = traits.ensure(
        store.dataset_dir(dataset.id), dataset, lambda: report(0, len(dataset.examples))
    )
    pairs, bits = record.proposed(dataset, known)
    if not len(pairs):
        return Twins((), ())
    emit("phase", phase="twins", what=_("Comparing pictures that look alike"))
    cosine = _cosines(dataset, pairs, report)
    keep = ((bits <= SAME_BITS) & (cosine >= SAME_COSINE)) | (cosine >= SHOT_COSINE)
    row = [example.row for example in dataset.examples]
    kept = [(min(row[a], row[b]), max(row[a], row[b])) for a, b in pairs[keep].tolist()]
    return Twins(tuple(kept), tuple(round(float(c), 4) for c in cosine[keep]), len(pairs))


def _cosines(dataset: Dataset, pairs: alike.Ints, report: Callable[[int, int], None]) -> Any:
    """Return the cosine between the features of each pair, [m]."""
    precision.keep_freed_memory()
    modality = modality_of(dataset.modality)
    base = catalog.find(catalog.default_base(dataset.modality))
    backbone = modality.load_backbone(base, size=EDGE_PX, pretrained=True)
    backbone.body.to(precision.device())
    concerned = np.unique(pairs)
    examples = modality.open_examples(dataset, tuple(concerned.tolist()), backbone)
    vectors = features.compute(backbone.chain, examples, report).numpy()
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    places = np.searchsorted(concerned, pairs)
    return (vectors[places[:, 0]] * vectors[places[:, 1]]).sum(1)
