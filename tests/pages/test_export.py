"""Take it away: from a finished run to a checked zip, and the record."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pages.conftest import Make, Open
from tests.pages.handmade import best_of, epoch, follow, said
from tl_core.data.dataset import Dataset
from tl_core.runs import events, store
from tl_core.runs.export import FOLDER, ZIP, pack
from tl_core.runs.model import WEIGHTS_FILE
from tl_core.spec import RunSpec

FILES = [{"path": "onnx/model.onnx", "bytes": 14_000_000, "max_difference": 3e-6},
         {"path": "onnx/model.json", "bytes": 900, "max_difference": None}]  # fmt: skip


@pytest.fixture
def finished(shapes: Dataset, make_run: Make) -> str:
    spec = RunSpec("train", shapes.id, strategy="linear_probe")
    last = epoch(3)
    end = {"stop_reason": "epochs", "best": best_of(last)}
    run = make_run(spec, *(("epoch", epoch(n)) for n in range(4)), ("finished", end))
    weights = store.run_dir(run) / WEIGHTS_FILE
    weights.parent.mkdir()
    weights.write_bytes(b"x")
    return run


def written(run: str, make_run: Make, *told: tuple[str, dict[str, Any]], **options: Any) -> str:
    """Make a job as the page would have begun it."""
    spec = RunSpec("export", run=run, formats=("onnx",))
    return make_run(spec, *told, **options)


def test_without_a_run_those_with_a_model_are_offered(open_page: Open, finished: str) -> None:
    words = said(open_page("export"))
    assert "Which run?" in words
    assert "shapes, Feature extraction" in words


def test_a_finished_run_leads_here(open_page: Open, finished: str) -> None:
    app = open_page("runs")
    app.button(key=f"runs.export.{finished}").click().run()
    assert "How do you take it with you?" in said(app)
    app = open_page("watch", run=finished)
    app.button(key="watch.export").click().run()
    assert "How do you take it with you?" in said(app)


def test_what_is_ticked_is_asked_for(open_page: Open, finished: str) -> None:
    app = open_page("export", run=finished)
    app.checkbox(key=f"export.script.{finished}").check()
    app.checkbox(key=f"export.safetensors.{finished}").uncheck().run()
    assert f"thaw export {finished} --format onnx --format script" in app.code[0].value
    app.button(key="export.begin").click().run()
    (job,) = [s for s in store.list_runs() if s.spec.kind == "export"]
    assert (job.spec.run, job.spec.formats) == (finished, ("onnx", "script"))
    assert not app.exception


def test_what_was_written_before_makes_room(open_page: Open, finished: str, make_run: Make) -> None:
    end = {"stop_reason": "done", "files": [], "checked_on": 0, "tolerance": 1e-4}
    before = written(finished, make_run, ("finished", end))
    app = open_page("export", run=finished)
    app.button(key="export.begin").click().run()
    (job,) = [s for s in store.list_runs() if s.spec.kind == "export"]
    assert job.id != before
    assert "How do you take it with you?" in said(follow(open_page("watch", run=job.id)))


def test_nothing_ticked_begins_nothing(open_page: Open, finished: str) -> None:
    app = open_page("export", run=finished)
    for kind in ("safetensors", "onnx"):
        app.checkbox(key=f"export.{kind}.{finished}").uncheck()
    app.run()
    assert app.button(key="export.begin").disabled


def test_a_job_at_work_is_shown_and_can_be_stopped(
    open_page: Open, finished: str, make_run: Make
) -> None:
    step = ("step", {"what": "formats", "done": 1, "total": 2})
    written(finished, make_run, step, alive=True)
    app = open_page("export", run=finished)
    assert "1 of 2 formats" in said(app)
    app.button(key="export.stop").click().run()
    assert not app.exception


def test_the_check_is_told_and_the_zip_is_there(
    open_page: Open, finished: str, make_run: Make
) -> None:
    job = written(finished, make_run)
    folder = store.run_dir(job)
    (folder / FOLDER / "onnx").mkdir(parents=True)
    (folder / FOLDER / "onnx" / "model.onnx").write_bytes(b"model")
    pack(folder / FOLDER, folder / ZIP)
    with events.EventWriter(folder / events.FILE) as writer:
        end = {"files": FILES, "checked_on": 20, "tolerance": 1e-4}
        writer.emit("finished", stop_reason="done", **end)
    app = open_page("export", run=finished)
    told = app.success[0].value.replace("\\", "")
    assert "same answers to within 0.000003 on 20 of your examples; 0.0001 is allowed" in told
    keys = {one.key for one in app.get("download_button")}
    assert len(keys) == 3


def test_a_failed_job_says_why(open_page: Open, finished: str, make_run: Make) -> None:
    error = {"code": "export_differs", "message": "It differs.", "fix": "Choose another format."}
    written(finished, make_run, ("failed", error))
    words = said(open_page("export", run=finished))
    assert "It differs. Choose another format." in words
    assert "Write and check" in words


def test_a_run_without_a_model_says_how_to_get_one(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    run = make_run(RunSpec("train", shapes.id, strategy="lora"), alive=True)
    assert f"thaw runs stop {run}" in said(open_page("export", run=run))
