"""What `speed.py` times of texts: features of sentences, and a run of LoRA."""

from __future__ import annotations

import statistics
import time
from dataclasses import replace

from timed_runs import Figures, Told, import_engine, pictures, run


def text_features(texts: int) -> Figures:
    """Features of film reviews, a sentence each, after every layer; the base is there already."""
    imports = import_engine()
    from tl_core import catalog
    from tl_core.engine import features
    from tl_core.engine.modality import modality_of

    dataset = pictures("sst2", 0, 0)
    modality = modality_of("text")
    base = catalog.find(catalog.default_base("text"))
    began = time.monotonic()
    backbone = modality.load_backbone(base, size=None, pretrained=True)
    loaded = time.monotonic()
    examples = modality.open_examples(dataset, range(texts), backbone)
    found = features.pooled(backbone, examples, lambda done, total: None)
    return {
        "import_seconds": imports,
        "load_seconds": loaded - began,
        "seconds": time.monotonic() - loaded,
        "texts": len(found.values),
        "median_tokens": statistics.median(examples.lengths),
    }


def text_lora(per_class: int, adapter_epochs: int) -> Figures:
    """A whole run of LoRA on film reviews, after the head; the test part is left out."""
    imports = import_engine()
    from tl_core import catalog
    from tl_core.engine import strategies

    dataset = pictures("sst2", per_class, 0)
    kept = tuple(example for example in dataset.examples if example.split != "test")
    dataset = replace(dataset, examples=kept)
    head = strategies.head_first(3)
    rate = strategies.TRANSFORMERS.adapter
    adapter = strategies.Phase("adapter", adapter_epochs, body_lr=rate, adapters=True)
    told, base = Told(), catalog.default_base("text")
    result = run(dataset, "lora", told, (head, adapter), base=base, patience=0)
    moments = [(at, fields["phase"]) for at, fields in told.epochs()]
    return {
        "import_seconds": imports,
        "training_sentences": 2 * per_class,
        "adapter_epochs": sum(phase == "adapter" for _at, phase in moments),
        "seconds": moments[-1][0],
        "adapter_seconds": moments[-1][0] - max(at for at, phase in moments if phase == "head"),
        "whole_seconds": result["ended_at"],
    }
