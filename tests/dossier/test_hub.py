"""The card of a model: metadata that the hub's own library reads, then the record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from huggingface_hub import ModelCard

from tests.dossier.conftest import Ended
from tl_core.dossier.hub import readme


def test_the_hub_reads_its_metadata(ended: Callable[..., Ended]) -> None:
    made = ended()
    card = ModelCard(readme(made.run, replace(made.dataset, name="a: [b]\n---\n<i>")))
    told = card.data.to_dict()
    assert told["license"] == "apache-2.0"
    assert told["library_name"] == "timm"
    assert told["pipeline_tag"] == "image-classification"
    assert told["base_model"] == "timm/tf_efficientnet_lite0.in1k"
    assert "lora" in told["tags"]
    (result,) = card.data.eval_results
    assert result.metric_type == "accuracy"
    assert result.metric_value == made.run.best["val_accuracy"]["value"]
    assert result.dataset_split == "validation"
    assert "local-dir:FOLDER" in card.text


def test_a_base_without_a_known_licence_is_called_other(ended: Callable[..., Ended]) -> None:
    made = ended(strategy="from_scratch")
    spec = replace(made.run.spec, base="timm:resnet10t")
    told = ModelCard(readme(replace(made.run, spec=spec), made.dataset)).data.to_dict()
    assert told["license"] == "other"
    assert told["license_name"] == "unknown"
    assert "base_model" not in told
