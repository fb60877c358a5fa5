"""What a run said of its held-out examples, for pages: read once, with the data behind it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from tl_core import data
from tl_core.analysis import answers, calibration, looks
from tl_core.analysis.answers import Answers, Part
from tl_core.analysis.calibration import Fit
from tl_core.analysis.looks import Looks
from tl_core.data.dataset import Dataset, Example
from tl_core.errors import InputError
from tl_core.runs import store
from tl_core.runs.state import RunState


@dataclass(frozen=True)
class Judged:
    """A run that has come to its end, and what it said."""

    run: RunState
    parts: dict[Part, Answers]
    """As sure as it is told, with the temperature where one is kept; never empty."""
    plain: Answers
    """Of the validation part, as the network says it."""
    fit: Fit | None
    before: Dataset | None
    """Its data at its revision; None if they are gone."""
    now: Dataset | None
    """Its data as they are."""

    @property
    def modality(self) -> str:
        """What the data are; pictures if they are gone."""
        return self.before.modality if self.before else "picture"

    @property
    def score(self) -> Answers:
        """What its score rests on: the test part if there is one."""
        return self.parts.get("test", self.parts["val"])

    def looks(self) -> Looks | None:
        """Return where the model looked, as far as that was made."""
        return looks.read(store.run_dir(self.run.id))

    def examples(self) -> dict[int, Example]:
        """Return the examples of its data by their rows."""
        return {e.row: e for e in self.before.examples} if self.before else {}


def judged(run: RunState) -> Judged | None:
    """Return what a run said, if it has said anything that can be read."""
    folder = store.run_dir(run.id)
    before = now = None
    try:
        before = data.load(run.spec.dataset, run.spec.revision)
        now = data.load(run.spec.dataset)
    except InputError:  # deleted
        pass
    files = (answers.FILE, calibration.FILE, "artifacts/predictions.csv")
    stamps = [path.stat().st_mtime_ns for name in files if (path := folder / name).is_file()]
    parts, fit = _read(run.id, run.spec.dataset if before else "", run.spec.revision, *stamps)
    if "val" not in parts:
        return None
    told = {part: calibration.applied(one, fit) for part, one in parts.items()}
    return Judged(run, told, parts["val"], fit, before, now)


@st.cache_data(max_entries=8, max_size="256MB", show_spinner=False)
def _read(
    run_id: str, dataset_id: str, revision: int, *stamps: int
) -> tuple[dict[Part, Answers], Fit | None]:
    folder = store.run_dir(run_id)
    dataset = data.load(dataset_id, revision) if dataset_id else None
    return answers.read(folder, dataset), calibration.read(folder)
