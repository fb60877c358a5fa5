"""Record a real run for `sample_data/recorded/`.

    python benchmarks/record_run.py

Trains "start frozen, then thaw" on the built-in digits at 96 px in a folder of its own and keeps
the request, the events, the validation losses and nothing else: no weights, no pictures.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

OUT = Path(__file__).parents[1] / "sample_data" / "recorded"
KEPT = ("spec.json", "events.jsonl", "artifacts/val_losses.npy")


def main() -> None:
    """Train, wait, copy."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["THAW_HOME"] = home
        from tl_core.data import resolve
        from tl_core.runs import launch, store
        from tl_core.spec import RunSpec

        dataset = resolve("digits")
        spec = RunSpec("train", dataset.id, strategy="gradual_unfreezing", size=96)
        run_id = launch.start(spec)
        while (run := store.read_run(run_id)).is_active:
            time.sleep(2)
        print(run.status, run.stop_reason, run.best)
        assert run.status == "finished"
        for part in KEPT:
            target = OUT / run_id / part
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(store.run_dir(run_id) / part, target)
    _forget_the_machine(OUT / run_id / "events.jsonl")


def _forget_the_machine(path: Path) -> None:
    """Take the names of the computer and the process out of the record."""
    import json

    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for event in lines:
        event.pop("host", None)
        event.pop("pid", None)
    path.write_text("".join(json.dumps(e, separators=(",", ":")) + "\n" for e in lines))


if __name__ == "__main__":
    main()
