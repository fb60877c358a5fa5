"""What is already known about a place: its dataset, facts, evidence and advice. Only reads."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui import frame, text, travel
from pages.ui.place import Place
from tl_core import catalog, data
from tl_core.advisor import Advice, advise
from tl_core.data import audit, measured, store, suspicions, twins
from tl_core.data.dataset import Dataset
from tl_core.data.suspicions import Suspicions
from tl_core.i18n import _
from tl_core.runs import store as run_store
from tl_core.runs.state import RunState
from tl_core.spec import DEFAULT_VAL_FRACTION, DatasetFacts, Evidence

SEED = 0


def need_data(place: Place, question: str, promise: str) -> Dataset:
    """Return the dataset of the place; without one, say what will be here and offer the way.

    Raises:
        InputError: if the address names a dataset that does not exist.
    """
    if place.data:
        return data.load(place.data)
    frame.head(question, _("Bring your data first."))
    st.write(promise)
    travel.link("start", _("Bring data or take a sample"), icon=":material/arrow_back:")
    st.stop()


def facts(dataset: Dataset) -> DatasetFacts:
    """Return the facts of a dataset."""
    return audit.facts(dataset, val_fraction=DEFAULT_VAL_FRACTION, seed=SEED)


@st.cache_data(max_entries=16, show_spinner=False)
def _findings(dataset_id: str, revision: int, *stamps: object) -> tuple[audit.Finding, ...]:
    return audit.findings(data.load(dataset_id, revision))


def findings(dataset: Dataset) -> tuple[audit.Finding, ...]:
    """Return what was found to be wrong with a dataset, worst first."""
    folder = store.dataset_dir(dataset.id)
    records = (folder / twins.TWINS_FILE, suspicions.path_of(folder, dataset.fingerprint))
    return _findings(dataset.id, dataset.revision, dataset.created, *map(_changed, records))


def _changed(path: Path) -> int:
    """Return when a file was written, in ns; 0 if it is not there."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def doubts(dataset: Dataset) -> Suspicions | None:
    """Return which labels a quick classifier doubts, if it was asked."""
    return suspicions.read(store.dataset_dir(dataset.id), dataset.fingerprint)


def evidence(dataset: Dataset, place: Place, base_id: str = "") -> Evidence | None:
    """Return what was measured under the base of the place (or under `base_id`), if it was."""
    base = catalog.find(base_id or place.base_id)
    return measured.read_evidence(
        dataset,
        base.id,
        size=place.size or base.size or 224,
        val_fraction=DEFAULT_VAL_FRACTION,
        seed=SEED,
        weights=base.weights,
    )


def advice(dataset: Dataset, found: Evidence) -> Advice:
    """Return the plan that the evidence speaks for."""
    return advise(facts(dataset), found, others=measured.under_other_bases(dataset, found))


def dataset_name(dataset_id: str) -> str:
    """Return what the person calls a dataset; its id if it is gone. Untrusted text."""
    names = {summary.id: summary.name for summary in data.list_datasets()}
    return names.get(dataset_id, dataset_id)


def shown_runs() -> list[RunState]:
    """Return training runs and races, newest first; runs of a race stand on its own page."""
    runs = [run for run in run_store.list_runs() if run.spec.kind in ("train", "race", "")]
    races = {run.id for run in runs if run.spec.kind == "race"}
    return [run for run in runs if run.race not in races]


def run_title(run: RunState) -> str:
    """Return a run in a few words; holds untrusted text."""
    if run.spec.kind == "import":
        return _("Import of {name}").format(name=run.spec.name or Path(run.spec.source).name)
    name = dataset_name(run.spec.dataset)
    if run.spec.kind == "race":
        return _("{name}, race of {n} strategies").format(name=name, n=len(run.spec.strategies))
    if run.spec.kind == "evidence":
        return _("Measuring of {name}").format(name=name)
    if run.spec.kind == "pilot":
        return _("Trial thaw of {name}").format(name=name)
    if run.spec.kind == "audit":
        return _("Checking of {name}").format(name=name)
    return _("{name}, {strategy}").format(name=name, strategy=text.strategy(run.strategy))
