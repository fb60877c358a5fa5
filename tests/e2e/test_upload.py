"""Uploads in a real browser: good ones go through, bad ones are explained."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Server
from tests.e2e.test_story import heading, press

LONG = 60_000


def png(colour: tuple[int, int, int]) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (48, 48), colour).save(buffer, "PNG")
    return buffer.getvalue()


def class_of(name: str, red: int, count: int = 8) -> dict[str, bytes]:
    return {f"{name}/{i}.png": png((red, 20 * i, 99)) for i in range(count)}


def zip_of(path: Path, content: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


def upload_zip(tab: Page, server: Server, path: Path) -> None:
    tab.goto(server.url)
    tab.locator("input[type=file]").set_input_files(path)
    expect(tab.get_by_role("button", name="Bring data")).to_be_enabled(timeout=LONG)
    press(tab, "Bring data")


def test_a_good_zip_goes_through(server: Server, tab: Page, tmp_path: Path) -> None:
    good = zip_of(tmp_path / "fruit.zip", class_of("apple", 200) | class_of("pear", 50))
    upload_zip(tab, server, good)
    heading(tab, "Which model already knows")
    assert "data=fruit" in tab.url


def test_a_folder_goes_through(server: Server, tab: Page, tmp_path: Path) -> None:
    for name, data in (class_of("apple", 200) | class_of("pear", 50)).items():
        path = tmp_path / "fruit" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    tab.goto(server.url)
    tab.get_by_text("A folder", exact=True).click()
    tab.locator("input[webkitdirectory]").set_input_files(tmp_path / "fruit")
    expect(tab.get_by_role("button", name="Bring data")).to_be_enabled(timeout=LONG)
    press(tab, "Bring data")
    heading(tab, "Which model already knows")
    assert "data=fruit" in tab.url


BAD = {
    "empty": {},
    "one class": class_of("apple", 200),
    "no pictures": {"a/1.png": b"not a picture", "b/1.png": b"neither"},
    "escaping": {"../../evil.png": png((1, 2, 3)), "a/../../../evil.png": png((1, 2, 3))},
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD.keys())
def test_a_bad_zip_is_explained_in_plain_words(
    server: Server, tab: Page, tmp_path: Path, content: dict[str, bytes]
) -> None:
    upload_zip(tab, server, zip_of(tmp_path / "bad.zip", content))
    told = tab.get_by_test_id("stAlert").first
    expect(told).to_be_visible(timeout=LONG)
    words = told.inner_text()
    assert len(words.split()) > 4
    assert "Traceback" not in words
    assert "Error" not in words
    assert not list(tmp_path.rglob("evil.png"))
    tab.get_by_role("link", name="Choose other data").click()
    expect(tab.get_by_role("button", name="Bring data")).to_be_visible()


def test_hostile_names_are_only_words(server: Server, tab: Page, tmp_path: Path) -> None:
    names = ("![x](http:evil.example)", ":red[boo] <img src=x>", "www.evil.example $x$")
    content = {k: v for i, name in enumerate(names) for k, v in class_of(name, 50 * i).items()}
    upload_zip(tab, server, zip_of(tmp_path / "odd.zip", content))
    heading(tab, "Which model already knows")
    press(tab, "Use this base")
    heading(tab, "Is this enough")
    main = tab.get_by_test_id("stMain")
    for name in names:
        # A word joiner keeps a colon from starting a directive or an address a link.
        shown = re.compile("\\u2060?".join(map(re.escape, name)))
        expect(main.locator("strong").filter(has_text=shown)).to_be_visible()
    assert main.locator("a[href*=evil], img[src*=evil], img[src=x], .katex").count() == 0
