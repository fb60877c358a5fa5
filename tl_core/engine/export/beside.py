"""What lies beside the script that repeats a run: the split, and weights that nobody else has."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from safetensors.torch import save_file

from tl_core import files
from tl_core.data.dataset import Dataset
from tl_core.data.split import split
from tl_core.engine.export.weights import contiguous
from tl_core.engine.modality import Backbone
from tl_core.engine.modality.encoder import Encoder
from tl_core.recipe import Recipe
from tl_core.spec import RunSpec

SPLIT, BASE_FILE, BASE_FOLDER = "split.csv", "base.safetensors", "base"


def write(folder: Path, spec: RunSpec, dataset: Dataset, made: Recipe, base: Backbone) -> None:
    """Write the split, and the base's weights where nobody else has them.

    Args:
        folder: where the script lies.
        spec: what was asked for.
        dataset: what it was trained on.
        made: the recipe.
        base: what it began with, untouched.
    """
    files.write_atomically(folder / SPLIT, _split_table(spec, dataset))
    if not made.weights.is_beside:
        return
    if isinstance(base.body, Encoder):
        base.body.network.save_pretrained(folder / BASE_FOLDER)
        base.input_config["tokenizer"].save_pretrained(folder / BASE_FOLDER)
    else:
        save_file(contiguous(base.body), folder / BASE_FILE)


def _split_table(spec: RunSpec, dataset: Dataset) -> str:
    """Return which example is in which part, in the run's order; of texts, the texts too."""
    parts = split(dataset, val_fraction=spec.val_fraction, seed=spec.seed)
    is_text = dataset.modality == "text"
    stream = io.StringIO()
    table = csv.writer(stream, lineterminator="\n")
    table.writerow(["part", "label", "class", "key", "name", *(["text"] if is_text else [])])
    for part, rows in (("train", parts.train), ("val", parts.val), ("test", parts.test)):
        for row in rows:
            e = dataset.examples[row]
            text = [e.text] if is_text else []
            table.writerow([part, e.label, dataset.classes[e.label], e.key, e.name, *text])
    return stream.getvalue()
