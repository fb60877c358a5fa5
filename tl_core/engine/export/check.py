"""Whether what was written says the same as the run: asked through its own script, elsewhere.

The script that people get is run in a fresh Python, on examples of their data, and its
probabilities are held against those of the run's own network in PyTorch. So decoding, preparation,
weights and labels are all looked at together. What differs is not handed out.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from tl_core.data.dataset import Dataset
from tl_core.data.split import split
from tl_core.engine.modality import modality_of
from tl_core.engine.rebuild import Rebuilt
from tl_core.errors import RunFailed
from tl_core.i18n import _
from tl_core.spec import RunSpec

log = logging.getLogger(__name__)

EXAMPLES = 20
TOLERANCE = 1e-4
"""Largest difference of a probability. float32 sums in another order cost about 1e-6 with 20
layers of a convolutional network, 1e-5 with a transformer."""
PYTHON = (sys.executable, "-I")
"""A fresh one: neither the folder it is started in nor this installation's variables reach it."""
SECONDS = 600.0  # a script that takes longer has no use

Shares = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Expected:
    """Examples of the data, and what the run's own network says of them."""

    examples: Dataset
    """A dataset of them alone."""
    shares: Shares
    """[n, classes] probabilities."""


def expected(spec: RunSpec, dataset: Dataset, rebuilt: Rebuilt) -> Expected:
    """Ask the run's own network about some validation examples, in float32.

    Raises:
        InputError: if the data cannot be divided as they were.
    """
    held = split(dataset, val_fraction=spec.val_fraction, seed=spec.seed).val
    rows = np.random.default_rng(spec.seed).permutation(len(held))[:EXAMPLES]
    chosen = sorted(held[row] for row in rows)
    opened = modality_of(dataset.modality).open_examples(dataset, chosen, rebuilt.backbone)
    learner = rebuilt.learner.cpu().float().eval()
    with torch.inference_mode():
        shares = learner(opened.inputs(range(len(chosen)))).double().softmax(1)
    few = replace(dataset, examples=tuple(dataset.examples[row] for row in chosen))
    return Expected(few, shares.numpy())


def require_same(told: Shares, wanted: Expected) -> float:
    """Return the largest difference of a probability.

    Raises:
        RunFailed: if it is larger than the tolerance, or no number.
    """
    apart = float(np.abs(told - wanted.shares).max())
    if not apart <= TOLERANCE:
        raise RunFailed(
            "export_differs",
            _("What was written does not say the same as the run: probabilities differ by up to "
              "{found}, and {allowed} is allowed. It was not kept.").format(
                found=f"{apart:.1e}", allowed=f"{TOLERANCE:.0e}"
            ),
            _("Choose another format."),
        )  # fmt: skip
    return apart


def asked(folder: Path, script: str, wanted: Expected) -> Shares:
    """Return what the script in the folder says of the examples, [n, classes].

    Raises:
        RunFailed: if it does not run.
    """
    with _as_files(wanted.examples) as paths:
        done = subprocess.run(
            [*PYTHON, str(folder / script), "--json", *map(str, paths)],
            capture_output=True,
            text=True,
            cwd=folder,
            timeout=SECONDS,
            env={**os.environ, "HF_HUB_OFFLINE": "1"},
        )
    if done.returncode:
        log.error("%s failed: %s", script, done.stderr)
        raise RunFailed(
            "export_differs",
            _("The script {name} that belongs to it does not run here.").format(name=script),
            _("Choose another format; the log of the job has the details."),
        )
    found = json.loads(done.stdout)["predictions"]
    return np.array([one["probabilities"] for one in found], dtype=np.float64)


@contextmanager
def _as_files(examples: Dataset) -> Iterator[Sequence[Path]]:
    """Give the examples as files that a script can read."""
    if examples.modality != "text":
        yield [example.path for example in examples.examples]
        return
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, example in enumerate(examples.examples):
            paths.append(Path(folder) / f"{number}.txt")
            paths[-1].write_text(example.text, encoding="utf-8")
        yield paths
