"""Head start: measured, recorded, on its way, and not yet known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.made_benefit import made_benefit
from tests.pages.conftest import Make, Open
from tests.pages.handmade import epoch, said
from tl_core import benefits, files
from tl_core.data.dataset import Dataset
from tl_core.records import to_dict
from tl_core.runs import benefit, control, listing, store
from tl_core.spec import DEFAULT_BASE, RunSpec

END = ("finished", {"stop_reason": "done"})


@pytest.fixture
def unrecorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """As for data of one's own, which nobody has recorded."""
    monkeypatch.setattr(benefit, "recorded", lambda fingerprint, base: None)


def asked(dataset: Dataset) -> RunSpec:
    return RunSpec(kind="benefit", dataset=dataset.id, minutes=5.0, strategy="linear_probe")


def keep(run: str, dataset: Dataset, **changes: object) -> None:
    found = replace(made_benefit(), dataset=dataset.id, **changes)  # type: ignore[arg-type]
    files.write_json(store.run_dir(run) / benefits.FILE, to_dict(found))


def test_without_data_the_way_is_offered(open_page: Open) -> None:
    assert "Bring your data first." in said(open_page("benefit"))


def test_data_of_ones_own_can_be_measured(
    open_page: Open, shapes: Dataset, unrecorded: None
) -> None:
    app = open_page("benefit", data=shapes.id)
    assert "about five minutes" in said(app)
    app.selectbox(key="benefit.minutes").set_value(2.0)
    app.button(key="benefit.start").click().run()
    (job,) = listing.list_runs()
    assert job.spec == replace(asked(shapes), base=DEFAULT_BASE, minutes=2.0)
    assert "Being measured now." in said(app)


def test_a_run_leads_to_its_own_split_and_strategy(
    open_page: Open, shapes: Dataset, make_run: Make, unrecorded: None
) -> None:
    spec = RunSpec(
        kind="train", dataset=shapes.id, strategy="lora", size=64, seed=3, val_fraction=0.3
    )
    run = make_run(spec, ("epoch", epoch(0)), ("finished", {"stop_reason": "epochs"}))
    app = open_page("benefit", run=run)
    app.selectbox(key="benefit.strategy").set_value("lora")
    app.button(key="benefit.start").click().run()
    job = next(one for one in listing.list_runs() if one.spec.kind == "benefit")
    assert (job.spec.size, job.spec.seed, job.spec.val_fraction) == (64, 3, 0.3)
    assert job.spec.strategy == "lora"


def test_what_was_measured_is_told_with_its_numbers(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    job = make_run(asked(shapes), END)
    keep(job, shapes)
    words = said(open_page("benefit", run=job))
    assert "90 % (80 to 98) right with the head start, 70 % (60 to 78) without." in words
    assert "With 20 labels it was right on 70 %" in words
    assert "after 2 epochs (3 s) with the head start" in words
    assert "EfficientNet-Lite1: 92 % (82 to 100), too close to call" in words
    assert "92 % of all computing in this model was done before you began" in words
    assert "Unverified for this very network." in words
    assert "Measure again" in words


def test_points_appear_while_it_goes_on_and_it_can_be_stopped(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    step = ("step", {"what": "trainings", "done": 3, "total": 7})
    job = make_run(asked(shapes), step, alive=True)
    found = made_benefit()
    keep(job, shapes, parts=found.parts[:3], levels=found.levels[:3], versus=())
    app = open_page("benefit", data=shapes.id)
    words = said(app)
    assert "3 of 7 trainings" in words
    assert "without it is still to be measured" in words
    assert "How fast each learns is not measured yet." in words
    app.button(key="benefit.stop").click().run()
    assert control.read_want(store.run_dir(job)) == "stop"


def test_a_job_cut_short_goes_on(open_page: Open, shapes: Dataset, make_run: Make) -> None:
    job = make_run(asked(shapes))
    keep(job, shapes)
    app = open_page("benefit", data=shapes.id)
    app.button(key="benefit.resume").click().run()
    assert store.read_run(job).status == "queued"


def test_a_failed_job_says_why(
    open_page: Open, shapes: Dataset, make_run: Make, unrecorded: None
) -> None:
    make_run(asked(shapes), ("failed", {"code": "x", "message": "No time.", "fix": "Wait."}))
    words = said(open_page("benefit", data=shapes.id))
    assert "No time. Wait." in words
    assert "Measure it" in words


def test_a_sample_is_ready_at_once(open_page: Open, shapes: Dataset) -> None:
    app = open_page("benefit", data=shapes.id)
    words = said(app)
    assert "Recorded beforehand for this sample:" in words
    assert "Measure it here" in words
    assert len(app.dataframe) == 2


def test_watch_leads_there(
    open_page: Open, shapes: Dataset, make_run: Make, tmp_path: Path
) -> None:
    spec = RunSpec(kind="train", dataset=shapes.id, strategy="lora")
    best = {"epoch": 0, "val_loss": 1.4, "val_accuracy": to_dict(made_benefit().parts[0].accuracy)}
    run = make_run(spec, ("epoch", epoch(0)), ("finished", {"stop_reason": "epochs", "best": best}))
    assert "What did the head start bring?" in said(open_page("watch", run=run))
    assert "Head start" in said(open_page("runs"))
