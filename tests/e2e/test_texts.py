"""The whole path with texts in a real browser: a table comes in, a verdict comes out."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Server
from tests.e2e.shots import THEMES, WIDTHS, shoot
from tests.e2e.test_story import heading, press, runs, train_with, wait_for_points
from tests.e2e.test_upload import LONG, upload_zip
from tl_core.data.messages import write_messages


def table(path: Path) -> Path:
    """Write two ways of each message as a table; one class brings hostile letters along."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["message", "topic", "group"])
        for number, (label, group, text) in enumerate(write_messages()):
            if number % 5 < 2:
                hostile = ' <img src=x> :red[boo] "quoted"' if label == "returns" else ""
                writer.writerow([text + hostile, label, group])
    return path


@pytest.mark.timeout(900)
def test_from_a_table_of_texts_to_a_verdict(
    server: Server, tab: Page, browser: Browser, tmp_path: Path
) -> None:
    broken: list[str] = []
    tab.on("pageerror", lambda error: broken.append(str(error)))
    upload_zip(tab, server, table(tmp_path / "shop.csv"))
    heading(tab, "Which model already knows")
    main = tab.get_by_test_id("stMain")
    expect(main.get_by_role("heading", name="MiniLM", level=3)).to_be_visible()
    expect(main.get_by_role("heading", name="EfficientNet-Lite0", level=3)).to_have_count(0)
    data = re.search(r"data=([\w-]+)", tab.url)
    assert data
    pictures = f"{server.url}/base?data={data[1]}&base=tf_efficientnet_lite0"
    look(browser, f"{server.url}/base?data={data[1]}", "text-base")
    press(tab, "Use this base")

    heading(tab, "Is this enough")
    expect(main.get_by_text("120 texts in 4 classes")).to_be_visible()
    expect(main.get_by_text("<img src=x>").first).to_be_visible()
    assert main.locator("img[src=x]").count() == 0
    look(browser, tab.url, "text-data")
    press(tab, "Go on")
    heading(tab, "How far is your task")
    expect(main.get_by_text("on it a last layer gets")).to_be_visible(timeout=LONG)
    look(browser, tab.url, "text-distance")
    press(tab, "See the plan")

    heading(tab, "How much of it should change")
    look(browser, tab.url, "text-plan")
    train_with(tab, "Parameter-efficient (LoRA)", epochs=4)
    heading(tab, "Is it going well|How did it go")
    wait_for_points(tab, 3)
    heading(tab, "How did it go")
    expect(tab.get_by_text("On held-out examples")).to_be_visible()
    assert runs(server)[0]["status"] == "finished"
    look(browser, tab.url, "text-watch")
    main.get_by_text("Which words counted").click()
    expect(main.get_by_text("Each word was left out once")).to_be_visible()
    if folder := os.environ.get("THAW_SHOTS"):
        tab.wait_for_timeout(800)  # the fold opens slowly
        tab.screenshot(path=Path(folder) / "text-words.png", full_page=True)

    tab.goto(pictures)
    expect(main.get_by_role("alert")).to_contain_text("has only ever seen pictures")
    expect(main.get_by_role("heading", name="MiniLM", level=3)).to_be_visible()
    look(browser, pictures, "text-misfit")
    assert not broken


def test_the_columns_of_a_table_are_chosen_by_looking_at_it(
    server: Server, tab: Page, browser: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "shop.csv"
    lines = [f"{n},{label},{text}" for n, (label, _g, text) in enumerate(write_messages())]
    path.write_text("\n".join(["nr,about,said", *(line for line in lines if line.count(",") == 2)]))
    tab.goto(server.url)
    tab.locator("input[type=file]").set_input_files(path)
    main = tab.get_by_test_id("stMain")
    expect(main.get_by_text("How the table begins")).to_be_visible()
    for label, column in (("Column with the text", "said"), ("Column with the class", "about")):
        expect(main.get_by_role("combobox", name=re.compile(label))).to_have_value(column)
    press(tab, "Bring data")
    heading(tab, "Which model already knows")
    data = re.search(r"data=([\w-]+)", tab.url)
    assert data
    tab.goto(f"{server.url}/data?data={data[1]}")
    expect(main.get_by_text("texts in 4 classes")).to_be_visible()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\x7fELF\0\0\0\0", "holds no text"),
        (b"words\nnice\n", "The table lacks the column"),
        (b"text,label\n" + b"nice,good\n" * 9, "Only the class 'good' is left"),
        (b"text,label\n" + b",good\n,bad\n" * 9, "are empty"),
    ],
)
def test_unusable_tables_are_explained(
    server: Server, tab: Page, tmp_path: Path, content: bytes, told: str
) -> None:
    path = tmp_path / "shop.csv"
    path.write_bytes(content)
    upload_zip(tab, server, path)
    expect(tab.get_by_test_id("stMain").get_by_text(told)).to_be_visible(timeout=LONG)
    assert "Traceback" not in tab.get_by_test_id("stMain").inner_text()
    expect(tab.get_by_role("link", name="Choose other data")).to_be_visible()


def look(browser: Browser, url: str, name: str) -> None:
    """Take the page in every width and theme, where THAW_SHOTS says where to."""
    folder = os.environ.get("THAW_SHOTS")
    if not folder:
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    for width in WIDTHS:
        for theme in THEMES:
            context = browser.new_context(
                viewport={"width": width, "height": 900}, color_scheme=theme
            )
            shoot(context.new_page(), url, Path(folder) / f"{name}-{width}-{theme}.png")
            context.close()
