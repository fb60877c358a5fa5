"""Storage: what takes space, and getting it back."""

from __future__ import annotations

from pathlib import Path

from tests.pages.conftest import Make, Open
from tests.pages.handmade import said
from tl_core import files
from tl_core.data.dataset import Dataset
from tl_core.runs import store, trash
from tl_core.spec import RunSpec


def test_nothing_to_remove_is_said(open_page: Open, shapes: Dataset) -> None:
    app = open_page("storage")
    words = said(app)
    assert "nothing of it can be removed without a loss" in words
    assert "Datasets: " in words
    assert all(button.disabled for button in app.button if "storage." in (button.key or ""))


def test_each_way_frees_what_it_says(
    open_page: Open, shapes: Dataset, make_run: Make, thaw_home: Path
) -> None:
    spec = RunSpec(kind="train", dataset=shapes.id, strategy="linear_probe")
    end = ("finished", {"stop_reason": "epochs"})
    kept, gone = make_run(spec, end), make_run(spec, end)
    files.write_atomically(files.cache_dir() / "features" / "a.npy", b"x" * 3_000_000)
    files.write_atomically(store.run_dir(kept) / "checkpoints" / "last.pt", b"x" * 2_000_000)
    files.write_atomically(store.run_dir(kept) / "checkpoints" / "best.safetensors", b"x")
    trash.delete(gone)
    app = open_page("storage")
    assert app.button(key="storage.checkpoints").label == "Free 2.0 MB"
    app.button(key="storage.checkpoints").click().run()
    assert app.success[0].value == "2.0 MB freed."
    assert (store.run_dir(kept) / "checkpoints" / "best.safetensors").is_file()
    app.button(key="storage.trash").click().run()
    assert trash.deleted() == ()
    app.button(key="storage.cache").click().run()
    assert not (files.cache_dir() / "features").exists()
    assert kept in {state.id for state in store.list_runs()}


def test_while_a_job_goes_on_the_caches_stay(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    files.write_atomically(files.cache_dir() / "features" / "a.npy", b"x")
    make_run(RunSpec(kind="train", dataset=shapes.id, strategy="lora"), alive=True)
    app = open_page("storage")
    assert app.button(key="storage.cache").disabled
    assert "the caches stay" in said(app)
