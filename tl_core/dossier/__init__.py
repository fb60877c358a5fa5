"""The decision record of a run: what is known of its data, base, evidence, advice and result.

It brings together what the parts say, each in its own words, and measures nothing.
"""

from __future__ import annotations

from tl_core import data
from tl_core.data.dataset import Dataset
from tl_core.dossier import about_data, about_plan, about_run
from tl_core.errors import InputError
from tl_core.i18n import _
from tl_core.report.card import Card, Section, Text
from tl_core.runs.model import require_final
from tl_core.runs.state import RunState
from tl_core.spec import STRATEGIES
from tl_core.watch import narrate


def card_of(run_id: str) -> Card:
    """Return the decision record of a run that has kept a model.

    Raises:
        InputError: if it has none.
    """
    run = require_final(run_id)
    dataset = _dataset(run)
    name = dataset.name if dataset else run.spec.dataset
    strategy = _(STRATEGIES.get(run.strategy, run.strategy))
    sections = [
        Section(_("Result"), about_run.result(run)),
        *_of_data(run, dataset),
        Section(_("Base model"), about_plan.base(run)),
        Section(_("Evidence"), about_plan.evidence(run, dataset)),
        Section(_("Advice, and what was not chosen"), about_plan.advice(run)),
        Section(_("Predicted against achieved"), about_plan.promise(run)),
        Section(_("Curves"), about_run.curves(run)),
        Section(_("What was decided on the way"), about_run.decisions(run)),
        Section(_("Limits"), about_run.limits(run, dataset)),
        Section(_("Versions and hashes"), about_run.versions(run, dataset)),
        Section(_("How to reproduce it"), about_run.again(run)),
    ]
    title = _("{name}: {strategy}").format(name=name, strategy=strategy)
    return Card(title, narrate.narrate(run), tuple(s for s in sections if s.blocks))


def _dataset(run: RunState) -> Dataset | None:
    """Return what the run was trained on, as it was then; None if it is gone."""
    try:
        return data.load(run.spec.dataset, run.spec.revision)
    except InputError:
        return None


def _of_data(run: RunState, dataset: Dataset | None) -> list[Section]:
    if dataset is None:
        gone = Text(_("The data are not on this computer any more."))
        return [Section(_("Data"), (gone,))]
    return [
        Section(_("Data"), about_data.facts(run, dataset)),
        Section(_("Checks of the data"), about_data.checks(dataset)),
        Section(_("Changes of the data"), about_data.edits(dataset)),
        Section(_("Examples"), about_data.examples(run, dataset)),
    ]
