"""The way back to the base in a real browser: the slider saves a mixed model that predicts."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Server
from tests.e2e.test_story import LONG, imported, press, started

SIZE_PX = 64
EPOCHS = 9
"""So many that the whole network becomes better than its head alone: only then is there a way."""

PREDICT = """
import json
from tl_core import data
from tl_core.data.loose import open_loose
from tl_core.engine.predict import predict
from tl_core.runs import mixes, store
(kept,) = mixes.kept({run!r})
dataset = data.load(kept.spec.dataset)
examples = [e for e in dataset.examples if e.label == 0][:4]
given = predict(kept.spec, dataset, store.run_dir(kept.id), open_loose([e.path for e in examples]))
print(json.dumps({{"id": kept.id, "share": kept.spec.share, "classes": dataset.classes,
                  "labels": [a.guesses[0].label for a in given],
                  "left": kept.finished["retention"]["agreement"]}}))
"""


@pytest.mark.timeout(900)
def test_the_slider_saves_a_mixed_model_that_predicts(server: Server, tab: Page) -> None:
    run = started(
        server,
        imported(server),
        strategy="full_fine_tune",
        epochs=EPOCHS,
        patience=0,
        size=SIZE_PX,
    )
    tab.goto(f"{server.url}/watch?run={run}")
    press(tab, "Measure mixtures")
    slider = tab.get_by_role("slider")
    expect(slider).to_be_visible(timeout=LONG)
    drawn = tab.get_by_role("figure", name=re.compile("At 87.5 %|At 88 %"))
    expect(drawn).to_be_visible(timeout=LONG)
    before = tab.get_by_test_id("stMetricValue").last.inner_text()
    slider.focus()
    for _ in range(4):
        tab.keyboard.press("ArrowLeft")
    expect(tab.get_by_test_id("stMetricValue").last).not_to_have_text(before, timeout=LONG)
    press(tab, "Keep this mix")
    expect(tab.get_by_text("A mixture: 50 % of what was learned")).to_be_visible(timeout=LONG)
    expect(tab.get_by_text("On held-out examples", exact=True)).to_be_visible(timeout=LONG)
    told = json.loads(server.run_python(PREDICT.format(run=run)))
    assert told["share"] == 0.5
    assert len(told["labels"]) == 4
    assert set(told["labels"]) <= set(told["classes"])
    assert 0 < told["left"] <= 1
