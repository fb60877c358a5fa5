"""LoRA matrices by themselves: loaded by peft onto the base, they say what the run says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from safetensors.torch import load_file

from tl_core import files
from tl_core.data.dataset import Dataset
from tl_core.engine import checkpoint
from tl_core.engine.export import adapter, check
from tl_core.engine.rebuild import rebuild

from ..handmade import Finished


def test_base_and_adapter_say_what_the_run_says(
    finished: Callable[[str], Finished], drawn: Dataset, tmp_path: Path
) -> None:
    end = finished("lora")
    state = checkpoint.load_best(end.folder)
    assert adapter.is_adapted(state)
    rebuilt = rebuild(end.run.spec, drawn, end.folder)
    wanted = check.expected(end.run.spec, drawn, rebuilt)
    folder = tmp_path / "adapter"
    apart = adapter.write(folder, state, end.run.spec, rebuilt, wanted)
    assert apart <= check.TOLERANCE
    config = files.read_json(folder / "adapter_config.json")
    assert (config["peft_type"], config["r"]) == ("LORA", 8)
    assert config["base_model_name_or_path"] == "tf_efficientnet_lite0"
    names = load_file(folder / "adapter_model.safetensors")
    assert all(name.startswith("base_model.model.") for name in names)
    assert any(value.abs().max() > 0 for name, value in names.items() if "lora_B" in name)


def test_other_runs_have_none(finished: Callable[[str], Finished]) -> None:
    assert not adapter.is_adapted(checkpoint.load_best(finished("linear_probe").folder))
