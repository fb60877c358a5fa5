"""Taking a run's model away: weights and graphs, each with its script, and each checked.

safetensors/  model.safetensors config.json model.json predict_safetensors.py [adapter/]
onnx/         model.onnx model.json predict_onnx.py
pt2/          model.pt2 model.json predict_pt2.py
hf/           as safetensors/, with the card as README.md
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tl_core import files
from tl_core.data.dataset import Dataset
from tl_core.engine import checkpoint, precision
from tl_core.engine.export import adapter, check, description, graphs, weights
from tl_core.engine.export.check import Expected
from tl_core.engine.export.network import Portable, portable
from tl_core.engine.rebuild import Rebuilt, rebuild
from tl_core.spec import RunSpec

MAIN = {
    "safetensors": weights.WEIGHTS,
    "hf": weights.WEIGHTS,
    "onnx": graphs.ONNX,
    "pt2": graphs.PT2,
}
"""Formats, and the file that holds the model in each."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Written:
    """One file that was written."""

    path: str
    """Relative to the folder of all formats."""
    bytes: int
    max_difference: float | None = None
    """Of a model: the largest difference of a probability from the run's own network."""


@dataclass(frozen=True)
class _Source:
    """What all formats are made from."""

    spec: RunSpec
    dataset: Dataset
    run_dir: Path
    rebuilt: Rebuilt
    portable: Portable
    wanted: Expected


def export(
    spec: RunSpec,
    dataset: Dataset,
    run_dir: Path,
    out: Path,
    formats: Sequence[str],
    texts: Mapping[str, Mapping[str, str]],
    progress: Progress = lambda done, total: None,
) -> tuple[Written, ...]:
    """Write a run's best model in each of `formats`, each into a folder of its own.

    Args:
        spec: what the run was asked for, its strategy as it was trained.
        dataset: what it was trained on.
        run_dir: folder of the run.
        out: where the folders of the formats go; what is there of these formats is replaced.
        formats: of `MAIN`.
        texts: for each format the text files that go along, by name; its script among them.
        progress: called with (done, total) formats.

    Raises:
        InputError: if the base or the data cannot be had any more.
        RunFailed: if what was written says something else than the run; it is not kept.
    """
    precision.keep_freed_memory()
    rebuilt = rebuild(spec, dataset, run_dir)
    wanted = check.expected(spec, dataset, rebuilt)
    source = _Source(spec, dataset, run_dir, rebuilt, portable(rebuilt), wanted)
    found: list[Written] = []
    for number, kind in enumerate(formats):
        progress(number, len(formats))
        found += _written(out, kind, source, texts[kind])
    progress(len(formats), len(formats))
    return tuple(found)


def _written(out: Path, kind: str, source: _Source, texts: Mapping[str, str]) -> list[Written]:
    """Write one format; its folder appears under its name only once it was checked."""
    unfinished = out / f".{kind}"
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        differences = _write(unfinished, kind, source, texts)
        shutil.rmtree(out / kind, ignore_errors=True)
        unfinished.rename(out / kind)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return [
        replace(one, max_difference=differences.get(one.path))
        for one in listed(out / kind, f"{kind}/")
    ]


def listed(folder: Path, prefix: str = "") -> list[Written]:
    """Return every file below a folder."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return [
        Written(prefix + path.relative_to(folder).as_posix(), path.stat().st_size) for path in paths
    ]


def _write(folder: Path, kind: str, source: _Source, texts: Mapping[str, str]) -> dict[str, float]:
    """Write a format and check it; returns the difference of each model in it."""
    folder.mkdir(parents=True)
    backbone, plain = source.rebuilt.backbone, source.portable
    told = description.describe(plain, backbone, source.dataset, source.run_dir.name)
    files.write_json(folder / description.FILE, told)
    for name, text in texts.items():
        files.write_atomically(folder / name, text)
    if kind == "onnx":
        graphs.write_onnx(folder / graphs.ONNX, plain)
    elif kind == "pt2":
        graphs.write_pt2(folder / graphs.PT2, plain)
    else:
        weights.write(folder, plain, backbone, list(source.dataset.classes))
    if kind in ("onnx", "pt2") and "tokenizer" in backbone.input_config:
        backbone.input_config["tokenizer"].save_pretrained(folder)
    script = next(name for name in texts if name.startswith("predict_"))
    told_by = check.asked(folder, script, source.wanted)
    differences = {f"{kind}/{MAIN[kind]}": check.require_same(told_by, source.wanted)}
    state = checkpoint.load_best(source.run_dir)
    # An adapter is of use beside a base that others have too.
    if kind in ("safetensors", "hf") and adapter.is_adapted(state) and not backbone.base.tuned:
        place = folder / adapter.FOLDER
        apart = adapter.write(place, state, source.spec, source.rebuilt, source.wanted)
        differences[f"{kind}/{adapter.FOLDER}/{adapter.WEIGHTS}"] = apart
    return differences
