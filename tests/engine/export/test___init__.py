"""Every format is written, asked through its own script without Thaw, and held to the run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from tl_core import files
from tl_core.data.dataset import Dataset
from tl_core.engine import export as module
from tl_core.engine.export import check, export
from tl_core.engine.rebuild import rebuild
from tl_core.errors import RunFailed
from tl_core.report import code

from .conftest import Kept

ALONE = (sys.executable, "-I", str(Path(__file__).with_name("alone.py")))
KINDS = ("safetensors", "onnx", "pt2")


def scripts(*kinds: str, modality: str = "picture") -> dict[str, dict[str, str]]:
    return {k: {code.predict_name(k): code.predict_script(k, modality)} for k in kinds}


def differences(
    kept: Kept, dataset: Dataset, folder: Path, kinds: Sequence[str] = KINDS
) -> dict[str, float]:
    """Write these kinds and return how far what each says lies from the run."""
    texts = scripts(*kinds, modality=dataset.modality)
    written = export(kept.spec, dataset, kept.folder, folder, kinds, texts)
    return {w.path: w.max_difference for w in written if w.max_difference is not None}


def test_each_format_says_the_same_without_thaw(
    small_run: Kept, drawn: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "PYTHON", ALONE)
    told: list[tuple[int, int]] = []
    written = export(
        small_run.spec,
        drawn,
        small_run.folder,
        tmp_path,
        KINDS,
        scripts(*KINDS),
        lambda done, total: told.append((done, total)),
    )
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]
    apart = {one.path: one.max_difference for one in written if one.max_difference is not None}
    assert apart.keys() == {"safetensors/model.safetensors", "onnx/model.onnx", "pt2/model.pt2"}
    assert max(apart.values()) < check.TOLERANCE
    for one in written:
        assert (tmp_path / one.path).stat().st_size == one.bytes
    assert files.read_json(tmp_path / "onnx" / "model.json")["labels"] == list(drawn.classes)


@pytest.mark.parametrize("strategy", ["multi_stage_probe", "lora"])
def test_texts_are_read_the_same_without_thaw(
    reader_of: Callable[[str], Kept],
    said: Dataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    strategy: str,
) -> None:
    monkeypatch.setattr(check, "PYTHON", ALONE)
    apart = differences(reader_of(strategy), said, tmp_path)
    assert {"safetensors/model.safetensors", "onnx/model.onnx", "pt2/model.pt2"} <= apart.keys()
    assert max(apart.values()) < check.TOLERANCE


@pytest.mark.parametrize(("run", "data"), [("heir", "drawn"), ("reading_heir", "said")])
def test_what_runs_have_made_one_after_the_other_is_taken_away_whole(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    run: str,
    data: str,
) -> None:
    monkeypatch.setattr(check, "PYTHON", ALONE)
    kept, dataset = request.getfixturevalue(run), request.getfixturevalue(data)
    apart = differences(kept, dataset, tmp_path, ("safetensors", "pt2"))
    assert set(apart) == {"safetensors/model.safetensors", "pt2/model.pt2"}
    assert max(apart.values()) < check.TOLERANCE


FOR_THE_HUB = """
import json, sys
import torch
from safetensors.torch import load_file
folder = sys.argv[1]
with torch.inference_mode():
    if sys.argv[2] == "picture":
        import timm
        network = timm.create_model("local-dir:" + folder, pretrained=True).eval()
        logits = network(torch.linspace(-1, 1, 3 * 64 * 64).reshape(1, 3, 64, 64))
    else:
        from transformers import AutoModel, AutoTokenizer
        tokens = AutoTokenizer.from_pretrained(folder)(sys.argv[2], return_tensors="pt")
        last = AutoModel.from_pretrained(folder).eval()(**tokens).last_hidden_state
        head = load_file(folder + "/head.safetensors")
        logits = last.mean(1) @ head["weight"].T + head["bias"]
print(json.dumps(logits.softmax(1)[0].tolist()))
"""
"""What the card of such a folder tells people to do."""


def on_the_hub(kept: Kept, dataset: Dataset, folder: Path, asked: str) -> list[float]:
    """Write the folder, load it without Thaw as its card says, and return the probabilities."""
    texts = {"hf": scripts("safetensors", modality=dataset.modality)["safetensors"]}
    export(kept.spec, dataset, kept.folder, folder, ["hf"], texts)
    (folder / "load.py").write_text(FOR_THE_HUB)
    done = subprocess.run(
        [*ALONE, str(folder / "load.py"), str(folder / "hf"), asked],
        capture_output=True,
        text=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )
    assert done.returncode == 0, done.stderr
    found: list[float] = json.loads(done.stdout)
    return found


@torch.inference_mode()
def test_timm_loads_the_folder_for_the_hub(small_run: Kept, drawn: Dataset, tmp_path: Path) -> None:
    told = on_the_hub(small_run, drawn, tmp_path, "picture")
    learner = rebuild(small_run.spec, drawn, small_run.folder).learner
    pixels = torch.linspace(-1, 1, 3 * 64 * 64).reshape(1, 3, 64, 64)
    assert told == pytest.approx(learner(pixels).softmax(1)[0].tolist(), abs=check.TOLERANCE)


def test_transformers_loads_the_folder_for_the_hub(
    reader_of: Callable[[str], Kept], said: Dataset, tmp_path: Path
) -> None:
    kept, text = reader_of("lora"), "I forgot my password again."
    told = on_the_hub(kept, said, tmp_path, text)
    rebuilt = rebuild(kept.spec, said, kept.folder)
    tokens = rebuilt.backbone.input_config["tokenizer"](text, return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        logits = rebuilt.learner(tokens)
    assert told == pytest.approx(logits.softmax(1)[0].tolist(), abs=check.TOLERANCE)


def test_what_differs_is_not_kept(
    small_run: Kept, drawn: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.check, "asked", lambda *_asked: np.full((6, 2), 0.5))
    with pytest.raises(RunFailed, match="does not say the same"):
        export(
            small_run.spec,
            drawn,
            small_run.folder,
            tmp_path,
            ["safetensors"],
            scripts("safetensors"),
        )
    assert list(tmp_path.iterdir()) == []
