"""What each process of a launch does: train together, and write down what it saw."""

from __future__ import annotations

import json
import pickle
import sys
from pathlib import Path
from typing import Any

import torch

from tests.engine.handmade import Told
from tl_core.data.dataset import Dataset
from tl_core.engine import together
from tl_core.engine.train import advance, open_run, summary
from tl_core.spec import RunSpec


def main(folder: Path) -> None:
    asked, dataset = pickle.loads((folder / "task.pickle").read_bytes())
    seen = {spec.strategy: trained(spec, dataset, folder / spec.strategy) for spec in asked}
    seen |= {"size": together.size(), "summed": together.summed(1.0 + together.rank())}
    (folder / f"told-{together.rank()}.json").write_text(json.dumps(seen, allow_nan=False))
    torch.distributed.destroy_process_group()


def trained(spec: RunSpec, dataset: Dataset, folder: Path) -> dict[str, Any]:
    told = Told()
    run = open_run(spec, dataset, spec.strategy, folder, told, lambda: True)
    advance(run)
    result = summary(run)
    weights = sum(float(p.detach().double().abs().sum()) for p in run.bench.learner.parameters())
    return {"events": told.events, "result": result, "weights": weights}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
