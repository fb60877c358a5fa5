"""The card of a model in a hub's repository: what the hub reads first, then the decision record."""

from __future__ import annotations

import json
from typing import Any

from tl_core.catalog import Base
from tl_core.data.dataset import Dataset
from tl_core.dossier import card_of
from tl_core.dossier.about_plan import find_base, share_of
from tl_core.i18n import _
from tl_core.report.card import Card, Code, Section, Text
from tl_core.report.card_markdown import markdown
from tl_core.runs.state import RunState
from tl_core.spec import STRATEGIES

KNOWN = ("apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "cc-by-4.0", "cc-by-sa-4.0",
         "cc-by-nc-4.0", "cc0-1.0", "gpl-3.0", "openrail")  # fmt: skip
"""Licences by the names that the hub accepts; anything else is `other`."""

_TASK = {"picture": "image-classification", "text": "text-classification"}
_LIBRARY = {"picture": "timm", "text": "transformers"}


def readme(run: RunState, dataset: Dataset) -> str:
    """Return README.md for the folder of a model."""
    record = card_of(run.id)
    use = Section(_("How to use it"), tuple(_use(run, dataset)))
    whole = Card(record.title, record.answer, (use, *record.sections))
    return f"---\n{_front_matter(run, dataset)}---\n\n{markdown(whole)}"


def _use(run: RunState, dataset: Dataset) -> list[Text | Code]:
    is_text = dataset.modality == "text"
    told: list[Text | Code] = [
        Text(_("Its own script prepares the input exactly as in training:")),
        Code(f"python predict_safetensors.py {'FILE.txt' if is_text else 'PICTURE'}"),
    ]
    if is_text:
        code = 'AutoModel.from_pretrained("FOLDER")  # the classifier is head.safetensors'
    elif run.strategy == "multi_stage_probe":
        code = 'timm.create_model("local-dir:FOLDER", pretrained=True)  # head.safetensors besides'
    else:
        code = 'timm.create_model("local-dir:FOLDER", pretrained=True)'
    return [*told, Text(_("The weights by themselves:")), Code(code)]


def _front_matter(run: RunState, dataset: Dataset) -> str:
    """Return the metadata as YAML; JSON values are YAML, and escape whatever data hold."""
    base = find_base(run)
    licence = (base.licence if base else "").lower()
    fields: dict[str, Any] = {"license": licence if licence in KNOWN else "other"}
    if fields["license"] == "other":
        fields["license_name"] = licence or "unknown"
    fields |= {
        "library_name": _LIBRARY[dataset.modality],
        "pipeline_tag": _TASK[dataset.modality],
        "tags": ["thaw", "transfer-learning", _TASK[dataset.modality], run.strategy],
    }
    if base and (hub := _hub_name(base)) and run.strategy != "from_scratch":
        fields |= {"base_model": hub, "base_model_relation": "finetune"}
    fields["metrics"] = ["accuracy"]
    fields["model-index"] = [_index(run, dataset)]
    return "".join(
        f"{name}: {json.dumps(value, ensure_ascii=True)}\n" for name, value in fields.items()
    )


def _hub_name(base: Base) -> str:
    """Return what the base is called on the hub; empty if that is not known."""
    if base.hub:
        return base.hub
    return base.architecture if base.source == "hub" and "/" in base.architecture else ""


def _index(run: RunState, dataset: Dataset) -> dict[str, Any]:
    """Return the measured accuracy as the hub lists it."""
    end = run.finished or {}
    test = share_of(end.get("test_accuracy"))
    best = test or share_of((run.best or {}).get("val_accuracy"))
    part = "test" if test else "validation"
    metric = {"type": "accuracy", "value": best.value if best else None, "name": "accuracy"}
    if best:
        metric["name"] = f"accuracy (95 % interval {best.low} to {best.high}, n = {best.n})"
    name = _(STRATEGIES.get(run.strategy, run.strategy))
    return {
        "name": f"{dataset.name}, {name}",
        "results": [
            {
                "task": {"type": _TASK[dataset.modality]},
                "dataset": {"name": dataset.name, "type": "private", "split": part},
                "metrics": [metric],
            }
        ],
    }
