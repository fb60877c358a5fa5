"""Trying a model in a real browser: a picture by upload, and one from the camera."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import CHROMIUM, Server
from tests.e2e.test_cards import FAKE_CAMERA

LONG = 90_000

SIZE_PX = 64
LOOKED = re.compile("It looked mostly here|spoke for it")

_TRAIN = f"""
import time
from tl_core import catalog, data
from tl_core.runs import launch, store
from tl_core.spec import RunSpec
for name, size in (("shapes", {SIZE_PX}), ("messages", None)):
    found = data.load_sample(name)
    base = catalog.default_base(found.modality)
    run = launch.start(
        RunSpec("train", found.id, base=base, strategy="linear_probe", size=size, epochs=5)
    )
    while store.read_run(run).is_active:
        time.sleep(0.1)
    print(run, found.examples[0].path, sep="\\n")
"""


class Trained(NamedTuple):
    server: Server
    run: str
    picture: Path
    reader: str


@pytest.fixture(scope="module")
def trained(app: Server) -> Iterator[Trained]:
    """A server, a run with a model, a picture of its kind, and a run that reads texts."""
    app.ensure()
    run, picture, reader, _none = app.run_python(_TRAIN).splitlines()
    yield Trained(app, run, Path(picture), reader)
    app.empty()


def open_page(tab: Page, server: Server, run: str) -> None:
    tab.goto(f"{server.url}/tryit?run={run}")
    expect(tab.get_by_role("heading", level=1)).to_contain_text("What does it say")


def test_a_picture_is_answered_and_the_answer_outlives_a_killed_predictor(
    trained: Trained, tab: Page, tmp_path: Path
) -> None:
    server, run, picture, _reader = trained
    open_page(tab, server, run)
    tab.locator("input[type=file]").set_input_files(str(picture))
    answer = tab.get_by_role("heading", level=2)
    expect(answer).to_contain_text("sure", timeout=LONG)
    expect(tab.get_by_text("Nearest in your training data")).to_be_visible()
    lit = tab.get_by_role("img", name=LOOKED)
    expect(lit).to_be_visible()
    assert lit.evaluate("image => image.complete && image.naturalWidth") == SIZE_PX
    expect(tab.get_by_text("Lit is what speaks for")).to_be_visible()
    assert tab.get_by_role("progressbar").count() >= 4
    info = json.loads((server.home / "predictors" / run / "info.json").read_text())
    os.kill(info["pid"], signal.SIGKILL)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture at all")
    given = tab.locator("input[type=file]")
    expect(given).to_have_count(1)  # the one that took the last picture leaves with the run
    given.set_input_files([str(picture), str(broken)])
    expect(answer).to_contain_text("1 could not be used", timeout=LONG)
    with tab.expect_download() as downloading:
        # Tables have a button of that name, too, while they are pointed at.
        tab.get_by_test_id("stDownloadButton").get_by_role("button").click()
    rows = downloading.value.path().read_text().splitlines()
    assert rows[0].startswith("file,label_1,probability_1")
    assert len(rows) == 3
    assert "Traceback" not in server.log()


def test_a_typed_text_is_answered_with_the_words_that_count(trained: Trained, tab: Page) -> None:
    server, _run, _picture, reader = trained
    open_page(tab, server, reader)
    tab.get_by_role("textbox").first.fill("password <b>again</b>")
    tab.get_by_role("button", name="Ask the model").click()
    expect(tab.get_by_role("heading", level=2)).to_contain_text("sure", timeout=LONG)
    expect(tab.get_by_text("Each word was left out once: + words spoke")).to_be_visible()
    main = tab.get_by_test_id("stMain")
    expect(main.get_by_text(re.compile("^[+−] ")).nth(2)).to_be_visible()
    expect(main.get_by_text("<b>again</b>").first).to_be_visible()
    assert "Traceback" not in server.log()


@pytest.fixture
def camera_tab(browser: Browser) -> Iterator[Page]:
    path = next(filter(None, map(shutil.which, CHROMIUM)))
    arguments = ["--no-sandbox", "--disable-dev-shm-usage", *FAKE_CAMERA]
    filming = browser.browser_type.launch(executable_path=path, args=arguments)
    tab = filming.new_context(viewport={"width": 390, "height": 900}).new_page()
    tab.set_default_timeout(30_000)
    yield tab
    filming.close()


def test_the_camera_takes_one_picture_at_a_press(trained: Trained, camera_tab: Page) -> None:
    server, run, _picture, _reader = trained
    open_page(camera_tab, server, run)
    camera_tab.get_by_text("Camera", exact=True).click()
    camera_tab.get_by_role("button", name="Start camera").click()
    camera_tab.get_by_role("button", name="Take a picture").click()
    # The figure that the fake camera films is like no training picture.
    expect(camera_tab.get_by_role("heading", level=2)).to_contain_text(
        "Not like your training pictures", timeout=LONG
    )
    expect(camera_tab.get_by_role("img", name="camera.jpg")).to_be_visible()
    assert not os.listdir(server.home / "uploads")
