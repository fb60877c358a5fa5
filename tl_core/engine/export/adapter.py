"""LoRA matrices by themselves, as peft loads them onto the base they were trained beside."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from tl_core import catalog
from tl_core.engine import adapters, inherit
from tl_core.engine.export.check import Expected, require_same
from tl_core.engine.export.network import Texts, fold
from tl_core.engine.export.weights import HEAD_FILE, contiguous
from tl_core.engine.modality import modality_of
from tl_core.engine.modality.encoder import Encoder
from tl_core.engine.rebuild import Rebuilt
from tl_core.spec import RunSpec

FOLDER = "adapter"
WEIGHTS = "adapter_model.safetensors"
_PREFIX = "base_model.model."

State = Mapping[str, torch.Tensor]


def is_adapted(state: State) -> bool:
    """Tell whether a run has kept adapters."""
    return any(adapters.is_adapter(name) for name in state)


def write(folder: Path, state: State, spec: RunSpec, rebuilt: Rebuilt, wanted: Expected) -> float:
    """Write adapters and head, load them onto the base anew, and return how far it differs.

    Args:
        folder: is made.
        state: what the run has kept.
        spec: what the run was asked for.
        rebuilt: the run's network, adapters merged.
        wanted: what it says of some examples.

    Raises:
        RunFailed: if base and adapters together say something else.
    """
    from peft import LoraConfig

    folder.mkdir(parents=True)
    backbone = rebuilt.backbone
    config = LoraConfig(
        r=adapters.RANK,
        lora_alpha=adapters.ALPHA,
        lora_dropout=0.0,
        target_modules=[_inner(name) for name in backbone.adapted],
        base_model_name_or_path=backbone.base.architecture,
    )
    config.save_pretrained(str(folder))
    named = {
        _PREFIX + _inner(name.removeprefix("body.")).replace(".default.", "."): value.contiguous()
        for name, value in state.items()
        if adapters.is_adapter(name)
    }
    save_file(named, folder / WEIGHTS)
    head = fold(rebuilt.learner.head.cpu())
    save_file(contiguous(head), folder / HEAD_FILE)
    return require_same(_asked(folder, spec, head, wanted), wanted)


def _inner(name: str) -> str:
    """Return the name of a layer within what transformers or timm knows."""
    return name.removeprefix("network.")


def _asked(folder: Path, spec: RunSpec, head: torch.nn.Linear, wanted: Expected) -> Any:
    """Return what the untouched base says with the adapters that were written, [n, classes]."""
    from peft import PeftModel

    fresh = inherit.load_backbone(catalog.find(spec.base), size=spec.size, pretrained=True)
    body: Any = fresh.body
    is_text = isinstance(body, Encoder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft uses older names of transformers
        inner: Any = PeftModel.from_pretrained(body.network if is_text else body, str(folder))
    inner.eval()
    opened = modality_of(wanted.examples.modality).open_examples(
        wanted.examples, range(len(wanted.examples.examples)), fresh
    )
    inputs = opened.inputs(range(len(opened)))
    with torch.inference_mode():
        if is_text:
            network = Texts(body, head)
            network.body = inner
            logits = network(inputs.clamp_min(0), (inputs >= 0).long())
        else:
            logits = head(inner(inputs))
    return logits.double().softmax(1).numpy()
