"""`thaw runs results`: how good a finished run is, and what it gets wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from tl_core import wording
from tl_core.cli import output
from tl_core.cli.options import Json, Run
from tl_core.errors import InputError, Issue
from tl_core.i18n import _
from tl_core.runs import store

if TYPE_CHECKING:
    from tl_core.analysis.answers import Answers, Part
    from tl_core.analysis.calibration import Fit
    from tl_core.data.dataset import Dataset

PAIRS = 5


def results(run: Run, as_json: Json = False) -> None:
    """Tell what a finished run gets right and wrong."""
    from tl_core.analysis.summary import summary

    parts, found, modality = _read(run)
    if as_json:
        output.write_json({"run": run, **summary(parts, found)})
        return
    _tell(parts, found, modality)


def _read(run: str) -> tuple[dict[Part, Answers], Fit | None, str]:
    """Return what a run said, its calibration, and what its data are.

    Raises:
        InputError: if the run has said nothing that can be read.
    """
    from tl_core.analysis import answers, calibration

    state = store.read_run(run)
    folder = store.run_dir(run)
    dataset = _data(state.spec.dataset, state.spec.revision)
    parts = {} if state.is_active else answers.read(folder, dataset)
    if "val" not in parts:
        message = _("The run {id} has no results that can be read.").format(id=run)
        fix = _(
            "Only training that has come to its end has some. See all runs with: thaw runs list"
        )
        raise InputError([Issue("run", message, fix)])
    return parts, calibration.read(folder), dataset.modality if dataset else "picture"


def _data(dataset_id: str, revision: int) -> Dataset | None:
    from tl_core.data import load

    try:
        return load(dataset_id, revision)
    except InputError:  # deleted since
        return None


def _tell(parts: dict[Part, Answers], found: Fit | None, modality: str) -> None:
    from tl_core.analysis import mistakes, told

    score = parts.get("test", parts["val"])
    output.tell(told.expected(score, modality), told.judged_on(score, modality))
    output.tell(_table(score))
    for pair in mistakes.mixed_up(score)[:PAIRS]:
        output.tell(told.pair(pair, score.classes))
    for words in told.calibration(found) if found else ():
        output.tell(words)


def _table(answers: Answers) -> Table:
    """Return how each class fares."""
    from tl_core.analysis import mistakes

    table = Table(box=None, pad_edge=False)
    for heading in (_("class"), _("held out"), _("found (recall)"), _("right (precision)")):
        table.add_column(heading, overflow="fold")
    for score in mistakes.by_class(answers):
        shares = (
            "–" if share is None else wording.percent_interval(share)
            for share in (score.recall, score.precision)
        )
        table.add_row(output.cell(score.name), wording.count(score.labelled), *shares)
    return table
