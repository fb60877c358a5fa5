"""What is already known about a place: its dataset, facts, evidence and advice. Only reads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from pages.ui import frame, text, travel
from pages.ui.place import Place
from tl_core import catalog, data, i18n, wording
from tl_core.advisor import Advice, advise
from tl_core.data import audit, measured, store, suspicions, twins
from tl_core.data.dataset import Dataset
from tl_core.data.suspicions import Suspicions
from tl_core.i18n import N_, _
from tl_core.runs import listing
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
    stamps = (i18n.language(), dataset.created, *map(_changed, records))
    return _findings(dataset.id, dataset.revision, *stamps)


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


def dataset_names() -> dict[str, str]:
    """Return what the person calls each dataset, by its id. Untrusted text."""
    return {summary.id: summary.name for summary in data.list_datasets()}


def dataset_name(dataset_id: str) -> str:
    """Return what the person calls a dataset; its id if it is gone. Untrusted text."""
    return dataset_names().get(dataset_id, dataset_id)


def shown_runs() -> list[RunState]:
    """Return training runs and races, newest first; runs of a race stand on its own page."""
    runs = [run for run in listing.list_runs() if run.spec.kind in ("train", "race", "")]
    races = {run.id for run in runs if run.spec.kind == "race"}
    return [run for run in runs if run.race not in races]


def training_runs() -> list[RunState]:
    """Return training runs in brief, newest first; those of races too."""
    return [run for run in listing.list_runs() if run.spec.kind == "train"]


_TITLES = {
    "evidence": N_("Measuring of {name}"),
    "pilot": N_("Trial thaw of {name}"),
    "audit": N_("Checking of {name}"),
    "interpolate": N_("Mixtures of {name}"),
    "explain": N_("Closer look at a run on {name}"),
    "benefit": N_("What the head start brought on {name}"),
}


def run_title(run: RunState, names: Mapping[str, str] | None = None) -> str:
    """Return a run in a few words; holds untrusted text.

    Args:
        run: the run.
        names: of the datasets, where several runs are told of; looked up if not given.
    """
    if run.name:
        return run.name
    if run.spec.kind == "import":
        return _("Import of {name}").format(name=run.spec.name or Path(run.spec.source).name)
    known = dataset_names() if names is None else names
    name = known.get(run.spec.dataset, run.spec.dataset)
    if run.spec.kind == "race":
        return _("{name}, race of {n} strategies").format(name=name, n=len(run.spec.strategies))
    if run.spec.kind in _TITLES:
        return _(_TITLES[run.spec.kind]).format(name=name)
    strategy = text.strategy(run.strategy)
    if run.spec.mix_of and run.spec.share is not None:
        share = wording.percent(run.spec.share)
        return _("{name}, {strategy}, {share} mixed with its base").format(
            name=name, strategy=strategy, share=share
        )
    return _("{name}, {strategy}").format(name=name, strategy=strategy)
