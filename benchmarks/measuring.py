"""What the benchmarks share: data sets read in place, and a note of what they ran on."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from tl_core import hardware
from tl_core.data.dataset import Dataset, Example
from tl_core.data.texts import look
from tl_core.files import sha256_of


def folder_dataset(root: Path) -> Dataset:
    """Return a folder of class folders as a dataset, without importing it."""
    classes = tuple(sorted(p.name for p in root.iterdir() if p.is_dir()))
    examples = tuple(
        Example(key=sha256_of(path), path=path, label=label, split="", group="", name=path.name)
        for label, name in enumerate(classes)
        for path in sorted((root / name).iterdir())
    )
    return Dataset(
        id=root.name,
        name=root.name,
        modality="picture",
        classes=classes,
        examples=examples,
        source=str(root),
        created=0.0,
        fingerprint=root.name,
    )


def table_dataset(path: Path) -> Dataset:
    """Return a table with the columns text and label as a dataset, without importing it."""
    rows = pd.read_csv(path, keep_default_na=False)
    return text_dataset(list(rows["text"]), list(rows["label"]), name=path.parent.name)


def text_dataset(
    texts: Sequence[str], labels: Sequence[str] = (), *, name: str = "texts"
) -> Dataset:
    """Return texts as a dataset, without importing them; of one class without labels."""
    labels = labels or ["any"] * len(texts)
    classes = tuple(sorted(set(labels)))
    examples = tuple(
        Example(
            key=hashlib.sha256(text.encode()).hexdigest(),
            path=Path(name),
            label=classes.index(label),
            split="",
            group="",
            name=f"line {number}",
            pixels=look(text),
            text=text,
        )
        for number, (text, label) in enumerate(zip(texts, labels, strict=True), 2)
    )
    return Dataset(
        id=name,
        name=name,
        modality="text",
        classes=classes,
        examples=examples,
        source=name,
        created=0.0,
        fingerprint=name,
    )


def machine_record() -> dict[str, Any]:
    """Return a note of the machine that measures."""
    machine = hardware.machine()
    return {
        "machine": {
            "cores": machine.cores,
            "bf16": machine.bf16,
            "python": platform.python_version(),
        }
    }


def write_results(script: str, command: str, results: Any) -> None:
    """Write results beside the script, with the command and the machine that gave them."""
    record = {"command": command, **machine_record(), "results": results}
    path = Path(script).with_suffix(".json")
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(f"written: {path.name}")
