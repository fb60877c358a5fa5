"""Uploads in a real browser: good ones go through, bad ones are explained."""

from __future__ import annotations

import io
import os
import re
import stat
import urllib.request
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Response, expect

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


PAGE = b"<html><script>window.caught = 1</script><img src=x onerror='window.caught = 1'></html>"
ATTACKS = {
    "../../evil.png": png((1, 2, 3)),
    "/tmp/evil.png": png((1, 2, 3)),
    "fruit/apple/bomb.png": b"\0" * (2 << 20),
    "fruit/apple/more.zip": b"PK\x03\x04",
    "fruit/apple/drawing.png": b"<svg xmlns='http://www.w3.org/2000/svg' onload='caught()'/>",
    "fruit/apple/page.png": PAGE,
    "fruit/apple/empty.png": b"",
    "fruit/apple/<img src=x onerror='window.caught=1'>.png": b"",
    "fruit/apple/![x](http:evil.example) :red[a] $x$.png": b"",
}
"""One name each; the finding names it as it stands."""
TURNED = "fruit/apple/a\u202egnp.exe"
FOLDS = 24
"""More than there are, so that one that a page drawn anew has swallowed is opened once more."""


def hostile_zip(path: Path) -> Path:
    """Write a zip of good pictures, of one that is a page as well, and of every attack."""
    both = io.BytesIO()
    Image.effect_noise((48, 48), 90).save(both, "JPEG", comment=PAGE)
    good = class_of("fruit/apple", 200) | class_of("fruit/pear <b>", 50)
    good["fruit/apple/00 both.jpg"] = both.getvalue() + PAGE
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (good | ATTACKS | {TURNED: b""}).items():
            archive.writestr(name, data)
        link = zipfile.ZipInfo("fruit/apple/link.png")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return path


def test_a_hostile_zip_gives_what_is_good_in_it_and_names_the_rest(
    server: Server, tab: Page, tmp_path: Path
) -> None:
    strangers: list[str] = []
    sent: list[Response] = []
    tab.on("request", lambda r: strangers.append(r.url) if "127.0.0.1" not in r.url else None)
    tab.on("response", lambda r: sent.append(r) if f"{server.url}/media/" in r.url else None)
    upload_zip(tab, server, hostile_zip(tmp_path / "fruit.zip"))
    heading(tab, "Which model already knows")
    press(tab, "Use this base")
    heading(tab, "Is this enough")
    main = tab.get_by_test_id("stMain")
    expect(main.get_by_text("17 pictures in 2 classes")).to_be_visible()
    expect(main.get_by_role("button", name="Go on")).to_be_visible()  # below the last of the rows
    expect(main.get_by_text("Looking closer")).to_have_count(0, timeout=LONG)  # it may add rows
    closed = main.locator("details:not([open]) > summary").filter(has_text="Which ones?")
    for _fold in range(FOLDS):  # not by their places, which change where a row comes in above
        if closed.count():
            closed.first.click()
            tab.wait_for_timeout(500)
    for name in (*ATTACKS, "fruit/apple/a?gnp.exe", "fruit/apple/link.png"):
        expect(main.get_by_text(name).first).to_be_visible()
    expect(main.get_by_text("packed itself").first).to_be_visible()
    assert main.locator("a[href*=evil], img[src*=evil], img[src=x], .katex, script").count() == 0
    assert tab.evaluate("window.caught") is None
    assert sent
    for response in sent:
        assert response.headers["content-type"] == "image/jpeg"
        assert b"script" not in response.body()
    assert not [url for url in strangers if not url.startswith(("data:", "blob:"))]
    with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=5) as answer:
        assert answer.status == 200
    assert "Traceback" not in server.log()
    assert {path.name for path in server.home.parent.iterdir()} == {"home"}
    assert not [*server.home.rglob("*evil*"), *Path("/tmp").glob("evil*")]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table that names its pictures in a column of an unusual name, beside these pictures."""
    rows = ["nr,img_name,fruit,fold"]
    content = class_of("apple", 200) | class_of("pear", 50)
    for number, (name, data) in enumerate(content.items()):
        path = tmp_path / "basket" / "all" / name.replace("/", "-")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        part = "valid" if number % 4 == 0 else "train"
        rows.append(f"{number},all/{path.name},{name.split('/')[0]},{part}")
    (tmp_path / "basket" / "list.csv").write_text("\n".join(rows))
    return tmp_path / "basket" / "list.csv"


COLUMNS = {
    "path": "img_name",
    "class": "fruit",
    "part": "fold",
    "what belongs": "- (none)",
}


def test_the_columns_of_a_table_of_pictures_are_chosen_by_looking_at_it(
    server: Server, tab: Page, table: Path
) -> None:
    tab.goto(server.url)
    tab.locator("input[type=file]").set_input_files(table)
    main = tab.get_by_test_id("stMain")
    expect(main.get_by_text("only the table was uploaded")).to_be_visible()
    expect(tab.get_by_role("button", name="Bring data")).to_be_disabled()

    tab.get_by_text("On this computer", exact=True).click()
    expect(main.get_by_text("How the table begins")).to_have_count(0)
    where = main.get_by_role("textbox", name="Folder, zip or table on this computer")
    where.fill(str(table))
    where.press("Enter")
    for label, column in COLUMNS.items():
        box = main.get_by_role("combobox", name=re.compile(f"Column with (the )?{label}"))
        expect(box).to_have_value(column)
    if folder := os.environ.get("THAW_SHOTS"):
        tab.screenshot(path=Path(folder) / "columns.png", full_page=True)
    press(tab, "Bring data")
    heading(tab, "Which model already knows")
    press(tab, "Use this base")
    expect(main.get_by_text("16 pictures in 2 classes")).to_be_visible()
    expect(main.get_by_text("12 to learn from")).to_be_visible()


def test_a_folder_that_holds_a_table_and_its_pictures_goes_through(
    server: Server, tab: Page, table: Path
) -> None:
    tab.goto(server.url)
    tab.get_by_text("A folder", exact=True).click()
    tab.locator("input[webkitdirectory]").set_input_files(table.parent)
    expect(tab.get_by_role("button", name="Bring data")).to_be_enabled(timeout=LONG)
    press(tab, "Bring data")
    heading(tab, "Which model already knows")
    press(tab, "Use this base")
    expect(tab.get_by_test_id("stMain").get_by_text("16 pictures in 2 classes")).to_be_visible()
