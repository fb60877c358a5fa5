"""Record what transfer brings on the samples, to be shown at once where nobody has measured yet.

    python benchmarks/record_benefit.py [--minutes M] [--size PX] [SAMPLE …]

writes `sample_data/benefits/SAMPLE.json`, one record as `thaw benefit SAMPLE` would write it: base
EfficientNet-Lite0 (and, beside it, Lite1 and Lite2 with all labels), feature extraction against
from scratch, seed 0, 20 % held out, three draws of every smaller number of labels, pictures of 64
pixels so that the control trains to its end within the minutes. Besides it says whether the machine
was busy with other things: accuracies do not depend on that unless a training was cut, seconds do.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

SAMPLES = ("shapes", "digits")
BUSY_LOAD = 0.5
"""Other processes that wait for a core, per core, from which the machine counts as busy."""


def main() -> None:
    """Record the samples that are named."""
    parser = argparse.ArgumentParser()
    parser.add_argument("samples", nargs="*", default=SAMPLES)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--size", type=int, default=64)
    asked = parser.parse_args()
    for name in asked.samples:
        with tempfile.TemporaryDirectory() as home:
            os.environ["THAW_HOME"] = home
            record(name, asked.minutes, asked.size, Path(home))


def record(name: str, minutes: float, size: int, home: Path) -> None:
    """Measure one sample and write what was found."""
    from tl_core import files
    from tl_core.data import load_sample
    from tl_core.engine import benefit, benefit_record
    from tl_core.spec import RunSpec, to_dict

    def tell(kind: str, /, **fields: Any) -> None:
        if kind == "phase":
            print(f"{name}: {fields['what']}", flush=True)

    waiting = os.getloadavg()[0] / (os.cpu_count() or 1)
    dataset = load_sample(name)
    spec = RunSpec("benefit", dataset.id, size=size, minutes=minutes)
    print(benefit.measure(spec, dataset, home / "run", tell, lambda: True), flush=True)
    found = benefit_record.read(home / "run")
    assert found is not None
    told = to_dict(found)
    if waiting > BUSY_LOAD:
        told["machine"] += ", busy with other work"
    root = Path(__file__).parents[1] / "sample_data" / "benefits"
    files.write_json(root / f"{name}.json", told)


if __name__ == "__main__":
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    main()
