"""Cards in a real browser: a data set built class by class, with files, a folder and a camera."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import CHROMIUM, Server
from tests.e2e.test_story import heading, press

LONG = 60_000
FAKE_CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


@pytest.fixture(scope="module")
def filming(browser: Browser) -> Iterator[Browser]:
    """A second browser, with a camera that films a moving figure and is always allowed."""
    path = next(filter(None, map(shutil.which, CHROMIUM)))
    arguments = ["--no-sandbox", "--disable-dev-shm-usage", *FAKE_CAMERA]
    launched = browser.browser_type.launch(executable_path=path, args=arguments)
    yield launched
    launched.close()


@pytest.fixture
def camera_tab(filming: Browser) -> Iterator[Page]:
    context = filming.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def png(number: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (48, 48), (number % 256, 40, 99)).save(buffer, "PNG")
    return buffer.getvalue()


def card(tab: Page, number: int) -> Locator:
    """Return the card of a class by its number."""
    return tab.locator(f".st-key-cards-card-c{number}")


def begin(tab: Page, server: Server) -> str:
    """Go from Start to new cards and return their id."""
    tab.goto(server.url)
    tab.get_by_text("Class by class", exact=True).click()
    press(tab, "Make cards")
    heading(tab, "What should it tell apart")
    tab.wait_for_url(re.compile("cards=cards-"))
    return tab.url.rpartition("cards=")[2].partition("&")[0]


def upload(tab: Page, number: int, numbers: range) -> None:
    given: list[Any] = [
        {"name": f"{n}.png", "mimeType": "image/png", "buffer": png(n)} for n in numbers
    ]
    card(tab, number).locator("input[type=file]").set_input_files(given)


def has(tab: Page, number: int, words: str) -> None:
    """Wait until a card says it."""
    expect(card(tab, number)).to_contain_text(words, timeout=LONG)


def name(tab: Page, number: int) -> Locator:
    return card(tab, number).get_by_role("textbox", name="Class")


def datasets(server: Server) -> list[dict[str, Any]]:
    """Return name, counts by class and groups of every dataset."""
    return json.loads(
        server.run_python(
            "import json\n"
            "from collections import Counter\n"
            "from tl_core import data\n"
            "sets = [data.load(d.id) for d in data.list_datasets()]\n"
            "print(json.dumps([{'name': d.name,"
            " 'counts': Counter(d.classes[e.label] for e in d.examples),"
            " 'groups': Counter(e.group for e in d.examples)} for d in sets]))"
        )
    )


@pytest.mark.timeout(300)
def test_a_data_set_is_built_class_by_class(server: Server, tab: Page, tmp_path: Path) -> None:
    broken: list[str] = []
    tab.on("pageerror", lambda error: broken.append(str(error)))
    begin(tab, server)
    expect(tab.get_by_role("button", name="Bring data")).to_be_disabled()
    upload(tab, 1, range(6))
    has(tab, 1, "6 pictures")
    expect(card(tab, 1).get_by_alt_text("A picture of the class Class 1")).to_have_count(6)

    name(tab, 1).fill("Cats & *dogs*")
    name(tab, 1).press("Enter")
    expect(card(tab, 1).get_by_alt_text("A picture of the class Cats & *dogs*")).to_have_count(6)

    folder = tmp_path / "birds"
    (folder / "deep").mkdir(parents=True)
    for n in range(100, 111):
        (folder / "deep" / f"{n}.png").write_bytes(png(n))
    (folder / "notes.txt").write_text("no picture")
    card(tab, 2).get_by_text("A folder", exact=True).click()
    card(tab, 2).locator("input[webkitdirectory]").set_input_files(folder)
    has(tab, 2, "11 pictures")
    has(tab, 2, "and 3 more")
    has(tab, 2, "1 file among the pictures is not a picture")

    press(tab, "Add a class")
    expect(name(tab, 3)).to_have_value("Class 1")
    upload(tab, 3, range(200, 203))
    has(tab, 3, "3 pictures")
    expect(tab.get_by_text("Class 1 needs 2 pictures more.")).to_be_visible()
    card(tab, 3).get_by_role("button", name="Delete class").click()
    expect(card(tab, 3)).to_have_count(0)
    expect(tab.get_by_role("button", name="Bring data")).to_be_enabled()
    press(tab, "Undo")
    has(tab, 3, "3 pictures")
    expect(tab.get_by_role("button", name="Bring data")).to_be_disabled()
    card(tab, 3).get_by_role("button", name="Delete class").click()
    expect(card(tab, 3)).to_have_count(0)

    tab.reload()
    has(tab, 1, "6 pictures")
    expect(name(tab, 1)).to_have_value("Cats & *dogs*")
    press(tab, "Bring data")
    heading(tab, "Which model already knows")
    (made,) = datasets(server)
    assert made["counts"] == {"Cats & *dogs*": 6, "Class 2": 11}
    assert made["name"] == "Cats & *dogs*, Class 2"
    assert not list((server.home / "uploads").iterdir()), "what was brought in is not kept twice"
    assert not broken


@pytest.mark.timeout(300)
def test_pictures_are_looked_through_and_deleted(server: Server, tab: Page) -> None:
    begin(tab, server)
    upload(tab, 1, range(14))
    has(tab, 1, "14 pictures")
    press(tab, "All pictures")
    opened = tab.get_by_test_id("stPopoverBody")
    expect(opened.get_by_role("button", name="Delete")).to_have_count(12)
    opened.get_by_role("button", name="Delete").first.click()
    has(tab, 1, "13 pictures")


@pytest.mark.timeout(300)
def test_two_tabs_fill_the_same_cards(server: Server, tab: Page) -> None:
    begin(tab, server)
    other = tab.context.new_page()
    other.goto(tab.url)
    has(other, 1, "0 pictures")
    upload(tab, 1, range(4))
    upload(other, 1, range(50, 55))
    has(other, 1, "pictures")
    tab.wait_for_timeout(500)
    expect(card(other, 1).get_by_role("img")).not_to_have_count(0)
    other.reload()
    has(other, 1, "9 pictures")


def hold(tab: Page, number: int, milliseconds: int) -> int:
    """Hold the button of the camera with the mouse; return how many pictures were said."""
    button = card(tab, number).get_by_role("button", name="Hold to capture")
    expect(button).to_be_visible(timeout=LONG)
    box = button.bounding_box()
    assert box
    tab.mouse.move(box["x"] + 20, box["y"] + 10)
    tab.mouse.down()
    tab.wait_for_timeout(milliseconds)
    tab.mouse.up()
    return taken(tab, number)


def taken(tab: Page, number: int) -> int:
    said = card(tab, number).get_by_role("status")
    expect(said).to_contain_text("Taken in that hold", timeout=LONG)
    return int(said.inner_text().rpartition(" ")[2])


@pytest.mark.timeout(300)
def test_a_camera_fills_a_class_one_group_a_hold(server: Server, camera_tab: Page) -> None:
    tab = camera_tab
    made = begin(tab, server)
    card(tab, 1).get_by_text("Camera", exact=True).click()
    card(tab, 1).get_by_role("button", name="Start camera").click()
    first = hold(tab, 1, 1600)
    assert 2 <= first <= 12
    has(tab, 1, f"{first} pictures")
    expect(tab.get_by_text("needs a second hold")).to_be_visible()
    # The camera stays on while its pictures are counted; now with the space bar.
    button = card(tab, 1).get_by_role("button", name="Hold to capture")
    button.focus()
    tab.keyboard.down("Space")
    tab.wait_for_timeout(1200)
    tab.keyboard.up("Space")
    expect(card(tab, 1).get_by_role("status")).to_contain_text("Taken in that hold")
    second = taken(tab, 1)
    has(tab, 1, f"{first + second} pictures")
    kept = json.loads((server.home / "uploads" / made / "cards.json").read_text())
    groups = [picture["group"] for picture in kept["cards"][0]["pictures"]]
    assert sorted(groups.count(group) for group in set(groups)) == sorted([first, second])
    one = server.home / "uploads" / made / "c1" / "000001.jpg"
    with Image.open(one) as picture:
        assert (picture.format, picture.size) == ("JPEG", (320, 320))

    # Another card's camera closes this one.
    card(tab, 2).get_by_text("Camera", exact=True).click()
    expect(card(tab, 1).locator("input[type=file]")).to_have_count(1)
    expect(card(tab, 2).get_by_role("button", name="Start camera")).to_be_visible()
    expect(tab.locator("video")).to_have_count(1)
    card(tab, 2).get_by_text("Files", exact=True).click()
    expect(tab.locator("video")).to_have_count(0)
    upload(tab, 2, range(6))
    has(tab, 2, "6 pictures")
    press(tab, "Bring data")
    heading(tab, "Which model already knows")
    (brought,) = datasets(server)
    assert brought["counts"] == {"Class 1": first + second, "Class 2": 6}
    assert sorted(brought["groups"].values()) == sorted([first, second, 6])


NO_CAMERA = "Object.defineProperty(navigator, 'mediaDevices', {value: undefined})"
REFUSED = """navigator.mediaDevices.getUserMedia =
  () => Promise.reject(new DOMException("no", "%s"))"""


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (NO_CAMERA, "only to pages of this computer or over https"),
        (REFUSED % "NotAllowedError", "was not allowed to use the camera"),
        (REFUSED % "NotFoundError", "No camera was found"),
        (REFUSED % "NotReadableError", "another program may be using it"),
    ],
)
def test_a_camera_that_cannot_be_had_is_explained(
    server: Server, camera_tab: Page, script: str, words: str
) -> None:
    camera_tab.add_init_script(script)
    begin(camera_tab, server)
    card(camera_tab, 1).get_by_text("Camera", exact=True).click()
    card(camera_tab, 1).get_by_role("button", name="Start camera").click()
    expect(card(camera_tab, 1).get_by_role("status")).to_contain_text(words)
    expect(card(camera_tab, 1).get_by_role("button", name="Start camera")).to_be_visible()


def test_leaving_ends_the_camera(server: Server, camera_tab: Page) -> None:
    tab = camera_tab
    tab.add_init_script(
        """const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
        window.streams = []
        navigator.mediaDevices.getUserMedia = async (wish) => {
          const stream = await ask(wish)
          window.streams.push(stream)
          return stream
        }"""
    )
    begin(tab, server)
    card(tab, 1).get_by_text("Camera", exact=True).click()
    card(tab, 1).get_by_role("button", name="Start camera").click()
    expect(card(tab, 1).get_by_role("button", name="Hold to capture")).to_be_visible()
    live = "() => window.streams.some((s) => s.getTracks().some((t) => t.readyState === 'live'))"
    assert tab.evaluate(live)
    tab.get_by_test_id("stSidebar").get_by_role("link", name="Runs").click()
    heading(tab, "What has been trained")
    tab.wait_for_function(f"() => !({live})()")
