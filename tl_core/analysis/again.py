"""Training again after the data were mended: from what, on what, judged by what.

The next run is judged by the examples that judged this one, as far as they are still there: the two
can be compared, and neither has learned from them. It begins either with the base, or with what
this run has made of it; see `why_not_best` for when the latter would be unsound.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from tl_core import catalog
from tl_core.catalog import tuned
from tl_core.catalog.tuned import SCRATCH
from tl_core.data.dataset import Dataset
from tl_core.errors import InputError
from tl_core.i18n import _
from tl_core.spec import RunSpec


def request(spec: RunSpec, run_id: str, strategy: str, revision: int, *, best: bool) -> RunSpec:
    """Return what to ask for.

    Args:
        spec: what was asked for in the run before.
        run_id: its id.
        strategy: what was run, where that was left to Thaw.
        revision: of the data that are to be learned from.
        best: begin with the best weights of that run instead of with its base.
    """
    base = f"{catalog.RUN_PREFIX}{run_id}" if best else spec.base
    return replace(spec, base=base, strategy=strategy, revision=revision)


def learned_from(before: Dataset, judged: Collection[int]) -> frozenset[int]:
    """Return the rows that a run has learned from.

    Args:
        before: its data, at its revision.
        judged: the rows that it was judged by.
    """
    known = frozenset(judged)
    return frozenset(e.row for e in before.examples if e.split != "test") - known


def why_not_best(run_id: str, strategy: str, now: Dataset, learned: Collection[int]) -> str:
    """Return why the next run should not begin with the best weights of this one; empty if it may.

    Args:
        run_id: the run.
        strategy: what was run.
        now: its data as they are now.
        learned: rows that it has learned from.
    """
    if strategy == SCRATCH:
        return _("This strategy inherits nothing.")
    try:
        made = tuned.read(run_id)
    except InputError as error:
        return error.issues[0].message
    if not made.is_changed:
        return _("This run has left its base as it was; only the new last layer has learned.")
    if any(e.split in ("val", "test") and e.row in learned for e in now.examples):
        return _("This run has learned from examples that are held out now; beginning with it "
                 "would flatter what is measured on them.")  # fmt: skip
    return ""
