"""The catalog agrees with what was measured and with what is on the disk."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from tl_core import catalog, files
from tl_core.errors import InputError
from tl_core.spec import DEFAULT_BASE

RESULTS = Path(__file__).parents[2] / "benchmarks" / "catalog.json"


def test_the_default_base_comes_first_and_is_here() -> None:
    first = catalog.rank("picture")[0]
    assert first.id == DEFAULT_BASE
    assert catalog.is_available(first)
    assert catalog.offline_ids() == tuple(b.id for b in catalog.all_bases())


@pytest.mark.parametrize("base", catalog.all_bases(), ids=lambda b: b.id)
def test_facts_are_complete_and_agree_with_the_benchmark(base: catalog.Base) -> None:
    measured = json.loads(RESULTS.read_text())["results"][base.id]
    assert base.parameters == measured["parameters"]
    assert base.macs == measured["macs"]
    assert [asdict(stage) for stage in base.stages] == measured["stages"]
    told = measured["source_accuracy"]
    assert base.source_accuracy == (told and told["value"])
    for text in (base.title, base.trained_on, base.good_for, base.licence, base.source):
        assert text
    assert sum(stage.cost for stage in base.stages) == pytest.approx(1, abs=0.001)


@pytest.mark.parametrize("base", catalog.all_bases(), ids=lambda b: b.id)
def test_the_weights_on_disk_are_those_described(base: catalog.Base) -> None:
    path = catalog.weights_path(base)
    assert path is not None
    assert files.sha256_of(path) == base.sha256


def test_any_timm_model_can_be_named() -> None:
    base = catalog.find("timm:convnext_atto.d2_in1k")
    assert base.architecture == "convnext_atto.d2_in1k"
    assert not catalog.is_available(base)


@pytest.mark.parametrize("name", ["", "resnet18", "timm:", "timm:../../etc/passwd", "timm:a b"])
def test_other_names_are_refused_and_the_known_ones_named(name: str) -> None:
    with pytest.raises(InputError) as caught:
        catalog.find(name)
    assert DEFAULT_BASE in caught.value.issues[0].fix


def test_each_kind_of_data_has_a_base_to_begin_with() -> None:
    assert catalog.default_base("picture") == DEFAULT_BASE
    text = catalog.find(catalog.default_base("text"))
    assert text.modality == "text"
    assert catalog.is_available(text)
    assert set(catalog.offline_ids("text")) | set(catalog.offline_ids("picture")) == set(
        catalog.offline_ids()
    )


def test_a_base_is_refused_where_it_has_nothing_to_say() -> None:
    seen, read = catalog.find(DEFAULT_BASE), catalog.find(catalog.default_base("text"))
    catalog.require_reads(seen, "picture")
    catalog.require_reads(read, "text")
    for base, modality, why in ((seen, "text", "seen pictures"), (read, "picture", "read texts")):
        with pytest.raises(InputError) as caught:
            catalog.require_reads(base, modality)
        (issue,) = caught.value.issues
        assert why in issue.message
        assert issue.message.startswith(base.title)
        assert catalog.default_base(modality) in issue.fix


def test_text_models_are_named_by_hub_or_by_folder(tmp_path: Path) -> None:
    base = catalog.find("hf:google-bert/bert-base-uncased")
    assert (base.modality, base.architecture) == ("text", "google-bert/bert-base-uncased")
    assert not catalog.is_available(base)
    (tmp_path / "config.json").write_text("{}")
    base = catalog.find(str(tmp_path))
    assert (base.modality, base.architecture) == ("text", str(tmp_path.resolve()))
    for bad in ("hf:", "hf:../x", "hf:a/b/c", "hf:a b", str(tmp_path / "none")):
        with pytest.raises(InputError):
            catalog.find(bad)
