"""Samples: listed without loading anything, imported once, and as declared."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tl_core.data import audit, samples, store
from tl_core.data.samples import all_samples, load_sample
from tl_core.errors import InputError

pytestmark = pytest.mark.usefixtures("thaw_home")


def test_the_samples_are_listed_in_words() -> None:
    listed = {s.id: s for s in all_samples()}
    assert listed.keys() == {"shapes", "digits", "solar", "messages"}
    for sample in listed.values():
        assert sample.title
        assert sample.text.endswith(".")
        assert sample.licence
        assert sample.licence_note
        assert bool(sample.how_to_get) != sample.available
    assert listed["shapes"].available
    assert "non-commercial" in listed["solar"].licence_note


def test_listing_loads_no_heavy_library() -> None:
    code = "import sys, tl_core.data as d; d.all_samples(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"sklearn", "scipy", "torch", "elpv_dataset"} & set(done.stdout.split())


def test_every_sample_has_its_loader() -> None:
    assert samples._LOADERS.keys() == {s.id for s in all_samples()}


@pytest.mark.parametrize(("sample_id", "edge_px"), [("shapes", 96), ("digits", 32), ("solar", 300)])
def test_a_sample_is_imported_as_declared(sample_id: str, edge_px: int) -> None:
    sample = next(s for s in all_samples() if s.id == sample_id)
    if not sample.available:
        pytest.skip(sample.how_to_get)
    seen: list[tuple[int, int]] = []
    loaded = load_sample(sample_id, lambda *p: seen.append(p))
    assert (len(loaded.examples), len(loaded.classes)) == (sample.n, sample.classes)
    assert seen[-1] == (sample.n, sample.n)
    assert loaded.name == sample_id
    assert [f for f in audit.findings(loaded) if f.severity != "info"] == []
    assert all(e.path.is_file() for e in loaded.examples)
    assert {(e.width, e.height) for e in loaded.examples} == {(edge_px, edge_px)}


def test_the_sample_of_texts_is_imported_as_declared() -> None:
    sample = next(s for s in all_samples() if s.id == "messages")
    loaded = load_sample("messages")
    assert loaded.modality == sample.modality == "text"
    assert (len(loaded.examples), len(loaded.classes)) == (sample.n, sample.classes)
    assert [f.check for f in audit.findings(loaded)] == ["near_twins"]  # some only add a greeting
    assert all(3 < len(e.text.split()) < 40 for e in loaded.examples)


def test_a_sample_is_imported_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = load_sample("shapes")
    monkeypatch.setattr(samples, "_LOADERS", {})
    assert load_sample("shapes") is first
    assert len(store.list_datasets()) == 1


def test_a_missing_package_is_told_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda n: None if n == "elpv_dataset" else find_spec(n)
    )
    solar = next(s for s in all_samples() if s.id == "solar")
    assert not solar.available
    assert "thaw[solar]" in solar.how_to_get
    with pytest.raises(InputError, match=r"thaw\[solar\]"):
        load_sample("solar")


def test_an_unknown_sample_names_the_known(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="shapes, digits, solar"):
        load_sample("nothing")
