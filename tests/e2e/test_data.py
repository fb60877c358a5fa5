"""The report card in a real browser: a directory is dropped, faults seen, mended, taken back."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Server
from tests.e2e.test_story import heading, press
from tests.scenes import scene

LONG = 120_000


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """A folder of two classes, one in two spellings, with a copy, a near twin and a torn file."""
    root = tmp_path / "fruit"
    for number in range(36):
        name = ("apple", "pear", "Pear")[number % 3]
        path = root / name / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        scene(number).save(path)
    shutil.copy(root / "apple" / "0.png", root / "apple" / "copy.png")
    scene(1).save(root / "pear" / "again.jpg", quality=60)
    (root / "apple" / "torn.png").write_bytes((root / "apple" / "3.png").read_bytes()[:500])
    return root


def bring(tab: Page, server: Server, folder: Path) -> None:
    tab.goto(server.url)
    tab.get_by_text("A folder", exact=True).click()
    tab.locator("input[webkitdirectory]").set_input_files(folder)
    expect(tab.get_by_role("button", name="Bring data")).to_be_enabled(timeout=LONG)
    press(tab, "Bring data")
    heading(tab, "Which model already knows")


def test_faults_are_seen_mended_and_taken_back(
    server: Server, tab: Page, faulty: Path, tmp_path: Path
) -> None:
    bring(tab, server, faulty)
    press(tab, "Use this base")
    heading(tab, "Is this enough")
    main = tab.get_by_test_id("stMain")
    answer = main.get_by_role("heading", level=2).first
    expect(answer).to_contain_text("38 pictures in 3 classes")
    for words in (
        "1 picture is an exact copy",
        "1 file is damaged",
        "2 classes have names that differ",
        "1 picture shows nearly the same",
        "1 group of examples that show nearly the same",
    ):
        expect(main.get_by_text(words).first).to_be_visible()
    expect(main.get_by_text("Looking closer")).to_have_count(0, timeout=LONG)

    which = main.get_by_test_id("stExpander").filter(has_text="Which ones?").nth(2)
    which.get_by_text("Which ones?").click()
    expect(which.get_by_role("img").first).to_be_visible()
    press(tab, "Leave the copies out")
    expect(answer).to_contain_text("37 pictures in 3 classes")
    press(tab, "Make them one class")
    expect(answer).to_contain_text("37 pictures in 2 classes")
    expect(main.get_by_text("The class Pear became part of pear.")).to_be_visible()

    tab.reload()  # what was changed is on disk
    expect(answer).to_contain_text("37 pictures in 2 classes")
    back = main.get_by_role("button", name="Take back")
    for changes, left in ((3, "37 pictures in 3 classes"), (2, "38 pictures in 3 classes")):
        expect(back).to_have_count(changes)
        back.first.click()
        expect(answer).to_contain_text(left)
    assert len(list(faulty.rglob("*.*"))) == 39
    assert "Traceback" not in server.log()


def test_the_report_can_be_reached_and_worked_by_keyboard(
    server: Server, tab: Page, faulty: Path
) -> None:
    bring(tab, server, faulty)
    press(tab, "Use this base")
    heading(tab, "Is this enough")
    button = tab.get_by_role("button", name="Leave the copies out")
    expect(button).to_be_visible()
    for _step in range(80):
        tab.keyboard.press("Tab")
        if button.evaluate("node => node === document.activeElement"):
            break
    else:
        pytest.fail("the button cannot be reached")
    tab.keyboard.press("Enter")
    expect(tab.get_by_text(re.compile("Left out:\u2060? 1 picture."))).to_be_visible(timeout=LONG)
