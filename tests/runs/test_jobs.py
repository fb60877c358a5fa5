"""Jobs: who is called with what, for each kind; the parts themselves are stood in for."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.runs.telling import tell
from tl_core import files
from tl_core import spec as specs
from tl_core.data import import_data
from tl_core.errors import Cancelled, InputError
from tl_core.runs import events, failures, jobs, store
from tl_core.runs.model import WEIGHTS_FILE
from tl_core.spec import RunSpec


@dataclass(frozen=True)
class Recommendation:
    strategy: str


@dataclass(frozen=True)
class Candidate:
    minutes: float = 20.0


@dataclass(frozen=True)
class Advice:
    recommendation: Recommendation
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True)
class Measured:
    distance: str = "near"
    pilot: str | None = None


class Stage:
    """Stands in for data, evidence, advisor and engine, and remembers what they were asked."""

    def __init__(self) -> None:
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.asked: list[tuple[str, Any]] = []
        self.trial: str | None = "it paid"

    def emit(self, kind: str, /, **fields: Any) -> None:
        self.told.append((kind, fields))

    def go(self) -> bool:
        return True

    def load(self, dataset_id: str, revision: int) -> Any:
        return SimpleNamespace(id=dataset_id)

    def import_data(self, source: Path, **more: Any) -> Any:
        self.asked.append(("import", source))
        assert more["name"] == "Mine"
        assert not more["should_stop"]()
        for done in range(1, 101):
            more["progress"](done, 100)
        return SimpleNamespace(id="mine-1")

    def ensure_twins(self, dataset: Any, *rest: Any) -> Any:
        self.asked.append(("twins", dataset.id))
        return SimpleNamespace(id=dataset.id, revision=1)

    def doubt(self, dataset: Any, *rest: Any) -> None:
        self.asked.append(("doubt", (dataset.id, dataset.revision)))

    def load_sample(self, sample_id: str, progress: Any) -> Any:
        self.asked.append(("sample", sample_id))
        progress(1, 1)
        return SimpleNamespace(id=f"{sample_id}-1")

    def measure(self, dataset: Any, base_id: str, **more: Any) -> Measured:
        self.asked.append(("measure", (dataset.id, base_id, more["size"], more["val_fraction"])))
        return Measured()

    def advise(self, facts: Any, evidence: Measured, *, others: Any) -> Advice:
        self.asked.append(("advise", (facts, evidence, others)))
        return Advice(Recommendation("linear_probe"), (Candidate(),))

    def try_thaw(self, dataset: Any, evidence: Measured, **more: Any) -> str | None:
        self.asked.append(("try", (dataset.id, evidence, more["seconds"], more["folder"])))
        return self.trial

    def write(self, dataset: Any, evidence: Measured, *, val_fraction: float) -> None:
        self.asked.append(("write", (dataset.id, evidence.pilot, val_fraction)))

    def foretell(self, spec: RunSpec, dataset: Any, strategy: str, *rest: Any) -> None:
        self.asked.append(("foretell", (dataset.id, strategy)))

    def explain(self, spec: RunSpec, dataset: Any, folder: Path, **more: Any) -> None:
        self.asked.append(("explain", (spec.strategy, folder.name, more["aspects"], more["rows"])))

    def train_run(self, spec: RunSpec, dataset: Any, strategy: str, *rest: Any) -> dict[str, Any]:
        self.asked.append(("train", (dataset.id, strategy)))
        return {"stop_reason": "epochs"}


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    stage = Stage()
    stand_ins = {
        "tl_core.data": {
            "import_data": stage.import_data,
            "load_sample": stage.load_sample,
            "discard_upload": lambda source: stage.asked.append(("discard", source)),
            "twins": SimpleNamespace(settled=lambda dataset: dataset.id != "like-1"),
        },
        "tl_core.evidence.twins": {"ensure": stage.ensure_twins},
        "tl_core.data.store": {"load": stage.load},
        "tl_core.data.audit": {"facts": lambda dataset, **more: ("facts", more)},
        "tl_core.evidence": {
            "measure": stage.measure,
            "twins": SimpleNamespace(ensure=stage.ensure_twins),
            "suspects": SimpleNamespace(ensure=stage.doubt),
        },
        "tl_core.evidence.pilot": {"measure": stage.try_thaw},
        "tl_core.data.measured": {
            "write_evidence": stage.write,
            "under_other_bases": lambda dataset, evidence: ("others of", dataset.id),
        },
        "tl_core.advisor.plan": {"advise": stage.advise},
        "tl_core.engine.train": {"train_run": stage.train_run},
        "tl_core.engine.explain": {"explain": stage.explain},
    }
    for name, functions in stand_ins.items():
        monkeypatch.setitem(sys.modules, name, SimpleNamespace(**functions))  # type: ignore[arg-type]
    monkeypatch.setattr(jobs, "foretell", stage.foretell)
    return stage


def do(stage: Stage, spec: RunSpec, folder: Path) -> dict[str, Any]:
    return dict(jobs.JOBS[spec.kind](spec, folder, stage.emit, stage.go))


def test_every_kind_of_job_is_there() -> None:
    assert set(jobs.JOBS) == set(specs.KINDS)
    assert set(jobs.JOBS) >= jobs.HEAVY


def test_import_tells_how_far_it_is_but_not_too_often(stage: Stage, tmp_path: Path) -> None:
    spec = RunSpec(kind="import", source="/x", name="Mine")
    assert do(stage, spec, tmp_path) == {"stop_reason": "done", "dataset": "mine-1"}
    assert stage.asked == [("import", Path("/x")), ("discard", Path("/x"))]
    assert [kind for kind, _fields in stage.told] == ["phase", "step", "step"]
    assert stage.told[-1][1]["done"] == 100


def test_a_sample_is_named_instead_of_a_path(stage: Stage, tmp_path: Path) -> None:
    spec = RunSpec(kind="import", source="sample:digits")
    assert do(stage, spec, tmp_path)["dataset"] == "digits-1"
    assert stage.asked == [("sample", "digits")]
    with pytest.raises(Cancelled):
        jobs.JOBS["import"](spec, tmp_path, stage.emit, lambda: False)


def test_an_import_looks_for_twins_where_pictures_look_alike(stage: Stage, tmp_path: Path) -> None:
    assert do(stage, RunSpec(kind="import", source="sample:like"), tmp_path)["dataset"] == "like-1"
    assert stage.asked == [("sample", "like"), ("twins", "like-1")]


def test_who_stops_while_twins_are_looked_for_gets_the_data(stage: Stage, tmp_path: Path) -> None:
    def stopped(*rest: Any) -> None:
        raise Cancelled("stopped")

    sys.modules["tl_core.evidence.twins"].ensure = stopped  # type: ignore[attr-defined]
    assert do(stage, RunSpec(kind="import", source="sample:like"), tmp_path)["dataset"] == "like-1"


def test_an_audit_looks_for_twins_first_and_doubts_what_is_left(
    stage: Stage, tmp_path: Path
) -> None:
    found = do(stage, RunSpec(kind="audit", dataset="d"), tmp_path)
    assert found == {"stop_reason": "done", "revision": 1}
    assert stage.asked == [("twins", "d"), ("doubt", ("d", 1))]


def test_evidence_is_kept_with_the_run(stage: Stage, tmp_path: Path) -> None:
    spec = RunSpec(kind="evidence", dataset="d", base="b", size=64)
    assert do(stage, spec, tmp_path) == {"stop_reason": "done"}
    assert stage.asked == [("measure", ("d", "b", 64, 0.2))]
    assert "near" in (tmp_path / "artifacts" / "evidence.json").read_text()


@pytest.mark.parametrize(("minutes", "seconds"), [(None, 240.0), (2.0, 24.0)])
def test_a_trial_takes_a_fifth_of_the_time_and_is_kept_with_the_evidence(
    stage: Stage, tmp_path: Path, minutes: float | None, seconds: float
) -> None:
    spec = RunSpec(kind="pilot", dataset="d", base="b", minutes=minutes)
    assert do(stage, spec, tmp_path) == {"stop_reason": "done"}
    assert [who for who, _what in stage.asked] == ["measure", "advise", "try", "write"]
    assert stage.asked[2][1] == ("d", Measured(), pytest.approx(seconds), tmp_path)
    assert stage.asked[3][1] == ("d", "it paid", 0.2)
    assert "it paid" in (tmp_path / "artifacts" / "evidence.json").read_text()


def test_a_trial_without_a_result_leaves_the_evidence_as_it_is(
    stage: Stage, tmp_path: Path
) -> None:
    stage.trial = None
    assert do(stage, RunSpec(kind="pilot", dataset="d"), tmp_path) == {"stop_reason": "time"}
    assert [who for who, _what in stage.asked] == ["measure", "advise", "try"]
    assert (tmp_path / "artifacts" / "evidence.json").exists()


def test_a_given_strategy_is_foretold_and_trained_at_once(stage: Stage, tmp_path: Path) -> None:
    spec = RunSpec(kind="train", dataset="d", strategy="full_fine_tune")
    assert do(stage, spec, tmp_path) == {"stop_reason": "epochs"}
    assert stage.asked == [
        ("foretell", ("d", "full_fine_tune")),
        ("train", ("d", "full_fine_tune")),
    ]
    assert stage.told == []


def test_auto_measures_and_asks_the_advisor(stage: Stage, tmp_path: Path) -> None:
    do(stage, RunSpec(kind="train", dataset="d", seed=7), tmp_path)
    assert [who for who, _what in stage.asked] == ["measure", "advise", "train"]
    facts, evidence, others = stage.asked[1][1]
    assert others == ("others of", "d")
    assert facts == ("facts", {"val_fraction": 0.2, "seed": 7})
    assert evidence == Measured()
    assert stage.asked[2][1] == ("d", "linear_probe")
    advice = {"recommendation": {"strategy": "linear_probe"}, "candidates": [{"minutes": 20.0}]}
    assert stage.told == [("plan", {"strategy": "linear_probe", "advice": advice})]


def test_a_resumed_run_keeps_its_plan(stage: Stage, tmp_path: Path) -> None:
    with events.EventWriter(tmp_path / events.FILE) as writer:
        writer.emit("plan", strategy="gradual_unfreezing", advice={})
    do(stage, RunSpec(kind="train", dataset="d"), tmp_path)
    assert stage.asked == [("train", ("d", "gradual_unfreezing"))]


def test_a_closer_look_is_taken_at_the_run_it_names(
    stage: Stage, tmp_path: Path, thaw_home: Path
) -> None:
    run = store.new_run(RunSpec(kind="train", dataset="d", strategy="lora"))
    tell(run, "started", ("finished", {"stop_reason": "epochs"}))
    files.write_atomically(store.run_dir(run) / WEIGHTS_FILE, b"x")
    spec = RunSpec(kind="explain", dataset="d", run=run, aspects=("looks",), rows=(3,))
    assert do(stage, spec, tmp_path) == {"stop_reason": "done"}
    assert stage.asked == [("explain", ("lora", run, ("looks",), (3,)))]


GONE = "20260101-120000-gone-0a1b"
NAMING_A_RUN = (
    RunSpec("explain", run=GONE, aspects=("answers", "looks", "map")),
    RunSpec("export", run=GONE, formats=("onnx", "script")),
    RunSpec("interpolate", mix_of=GONE, strategy="lora"),
    RunSpec("train", mix_of=GONE, strategy="lora", share=0.5),
    RunSpec("train", base=f"run:{GONE}", strategy="lora"),
    RunSpec("evidence", base=f"run:{GONE}"),
    RunSpec("pilot", base=f"run:{GONE}"),
    RunSpec("benefit", base=f"run:{GONE}"),
)


@pytest.mark.parametrize("spec", NAMING_A_RUN, ids=lambda spec: spec.kind)
def test_a_job_on_a_run_that_is_gone_ends_with_a_plain_message(
    thaw_home: Path, tiny_pictures: Path, tmp_path: Path, spec: RunSpec
) -> None:
    asked = replace(spec, dataset=import_data(tiny_pictures, name="tiny").id, size=64)
    with pytest.raises(InputError) as caught:
        jobs.JOBS[spec.kind](asked, tmp_path, lambda kind, **fields: None, lambda: True)
    told = failures.describe(caught.value)
    assert told["code"] == "bad_request"
    assert told["message"] == f"There is no run '{GONE}'."
    assert "thaw runs list" in told["fix"]
    assert not (files.runs_dir() / GONE).exists()
