"""The server stays small: no page loads a training library, whatever it shows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.pages.conftest import Make
from tests.pages.handmade import epoch, stages_event
from tl_core.data.dataset import Dataset
from tl_core.spec import RunSpec

ROOT = Path(__file__).parents[2]
HEAVY = {"torch", "torchvision", "timm", "accelerate", "sklearn", "scipy", "statsmodels"}

_VISIT = """
import sys
from streamlit.testing.v1 import AppTest
data, run, *names = sys.argv[1:]
for name in names:
    app = AppTest.from_file("app.py", default_timeout=60)
    app.query_params["data" if name != "watch" else "run"] = data if name != "watch" else run
    app.run().switch_page(f"pages/{name}.py").run()
    assert not app.exception and not app.error, (name, app.exception, app.error)
    assert app.title, name
print(*sorted(sys.modules))
"""


def test_pages_with_everything_on_them_load_no_training_library(
    measured_shapes: Dataset, make_run: Make
) -> None:
    told = [stages_event(), *(("epoch", epoch(n)) for n in range(6))]
    run = make_run(RunSpec(kind="train", dataset=measured_shapes.id), *told)
    names = ["start", "base", "data", "distance", "plan", "watch", "runs"]
    done = subprocess.run(
        [sys.executable, "-c", _VISIT, measured_shapes.id, run, *names],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert HEAVY.isdisjoint(done.stdout.split())
