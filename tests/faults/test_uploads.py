"""Hostile data by every way in: each is refused or made harmless, and nothing lands elsewhere."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pages.ui import pictures
from tl_core import data, files
from tl_core.data import limits
from tl_core.data.dataset import Dataset
from tl_core.data.ingest import findings, import_data
from tl_core.data.uploads import discard_upload, save_upload
from tl_core.errors import InputError

ROOT = Path(__file__).parents[2]
ZIP, FOLDER, TABLE, UPLOAD = "zip", "folder", "table", "upload"
WAYS = (ZIP, FOLDER, TABLE, UPLOAD)
LINK = b"a link: its target stands in Attack.link"
HTML = b"<html><script>alert(1)</script></html>"
GOOD = "12 good pictures"


def encoded(kind: str, seed: int = 0, **options: Any) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, kind, **options)
    return buffer.getvalue()


def zipped(content: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data_ in content.items():
            archive.writestr(name, data_)
    return buffer.getvalue()


def huge_png(edge_px: int) -> bytes:
    """Return a PNG of a few bytes that says it is `edge_px` wide and high."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)

    head = chunk(b"IHDR", struct.pack(">2I5B", edge_px, edge_px, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + head + pixels + chunk(b"IEND", b"")


def huge_gif(edge_px: int) -> bytes:
    image = struct.pack("<4HB", 0, 0, edge_px, edge_px, 0)
    head = b"GIF89a" + struct.pack("<2H3B", edge_px, edge_px, 0x80, 0, 0) + b"\0" * 6
    return head + b"," + image + b"\x02\x02\x44\x01\x00;"


def huge_bmp(edge_px: int) -> bytes:
    head = struct.pack("<2sI2HI", b"BM", 54, 0, 0, 54)
    return head + struct.pack("<I2i2H6I", 40, edge_px, edge_px, 1, 24, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True)
class Attack:
    """One hostile file among good ones."""

    name: str
    content: bytes
    check: str
    """The finding that must name it; `GOOD` if it must be taken for what it is, a picture."""
    ways: tuple[str, ...] = WAYS
    shown: str = ""
    """How the finding calls it; by default its name."""
    checks: tuple[tuple[str, str], ...] = ()
    """Where a way in gives another finding."""
    link: str = ""
    """Target of a symbolic link, below the folder of the test."""

    def check_by(self, way: str) -> str:
        return dict(self.checks).get(way, self.check)


PICTURE = encoded("PNG", seed=999)
OUTSIDE = (ZIP, TABLE, UPLOAD)  # no folder can hold such names
ON_DISK = (FOLDER, TABLE)
SECRET = "secret/secret.png"
MISSING = (TABLE, "missing_files")

ATTACKS = {
    "parent": Attack("../evil.png", PICTURE, "outside", OUTSIDE),
    "deep parent": Attack("cats/../../../evil.png", PICTURE, "outside", OUTSIDE),
    "absolute": Attack("/tmp/evil.png", PICTURE, "outside", OUTSIDE),
    "drive": Attack("C:/evil.png", PICTURE, "outside", OUTSIDE),
    "backslashes": Attack(
        "..\\..\\evil.png", PICTURE, "outside", OUTSIDE, checks=(), shown="../../evil.png"
    ),
    "link": Attack("cats/link.png", LINK, "links", (ZIP, *ON_DISK), link=SECRET),
    "link to a folder": Attack("cats/link", LINK, "links", (ZIP, FOLDER), link="secret"),
    "link in a linked folder": Attack(
        "cats/link/secret.png", LINK, "links", (TABLE,), link="secret"
    ),
    "link to itself": Attack(
        "cats/link.png", LINK, "links", (ZIP, *ON_DISK), link="set/cats/link.png", checks=(MISSING,)
    ),
    "system file": Attack(
        "cats/link.png", LINK, "links", (ZIP, *ON_DISK), link="/etc/passwd"
    ),
    "bomb": Attack(
        "cats/bomb.png", b"\0" * (2 << 20), "unreadable", checks=((ZIP, "overpacked"),)
    ),
    "nested zip": Attack("cats/more.zip", zipped({"1.png": PICTURE}), "archives"),
    "nested bomb": Attack("cats/42.zip", zipped({"0": b"\0" * (9 << 20)}), "archives"),
    "huge png": Attack("cats/huge.png", huge_png(30_000), "too_large"),
    "huge gif": Attack("cats/huge.gif", huge_gif(30_000), "too_large"),
    "huge bmp": Attack("cats/huge.bmp", huge_bmp(30_000), "too_large"),
    "svg": Attack("cats/x.svg", b"<svg onload='alert(1)'/>", "refused_format"),
    "svg as png": Attack("cats/x.png", b"<?xml?><svg onload='alert(1)'/>", "refused_format"),
    "html as png": Attack("cats/x.png", HTML, "unreadable"),
    "empty": Attack("cats/empty.png", b"", "unreadable"),
    "text as png": Attack("cats/text.png", b"only words", "unreadable"),
    "text": Attack("cats/notes", b"only words", "not_pictures"),
    "picture and zip": Attack(
        "cats/both.jpg", encoded("JPEG", 7) + zipped({"../../evil.png": PICTURE}), GOOD
    ),
    "picture and page": Attack("cats/both.gif", encoded("GIF", 8) + HTML, GOOD),
    "picture with a script": Attack(
        "cats/both.jpeg", encoded("JPEG", 9, comment=HTML), GOOD
    ),
    "png as jpg": Attack("cats/x.jpg", encoded("PNG", 10), GOOD),
    "markdown": Attack("cats/![x](http:evil.example) :red[a].png", b"", "unreadable"),
    "html": Attack("cats/<img src=x onerror=alert(1)>.png", b"", "unreadable"),
    "control": Attack(
        "cats/\x1b[2J\x07.png", b"", "unreadable", shown="cats/?[2J?.png"
    ),
    "line end": Attack(
        "cats/a\nb.png", b"", "unreadable", (ZIP, FOLDER, UPLOAD), shown="cats/a?b.png"
    ),
    "turned": Attack("cats/\u202egnp.exe", b"", "not_pictures", shown="cats/?gnp.exe"),
    "long": Attack(
        "cats/" + "x" * 5000 + ".png", b"", "unreadable", (ZIP, TABLE, UPLOAD),
        shown="x" * 196 + ".png",
        checks=(MISSING, (UPLOAD, "outside")),
    ),
    "no text": Attack(
        os.fsdecode(b"cats/\xff.png"), b"", "unreadable", (FOLDER, UPLOAD), shown="cats/?.png"
    ),
    "null": Attack("cats/a\0b.png", PICTURE, "outside", (ZIP, UPLOAD), shown="cats/a?b.png"),
    "hidden": Attack("cats/.evil.png", b"", "hidden", checks=((TABLE, "unreadable"),)),
    "too deep": Attack(
        "cats/" + "d/" * 40 + "1.png", PICTURE, "ignored_folders", (ZIP, FOLDER, UPLOAD),
        checks=((FOLDER, "ignored_folders"),),
    ),
}  # fmt: skip


def good() -> dict[str, bytes]:
    return {
        f"{name}/{i}.png": encoded("PNG", seed=100 * c + i)
        for c, name in enumerate(("cats", "dogs"))
        for i in range(6)
    }


class Outside:
    """Everything beside THAW_HOME: it must be the same afterwards."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.before: dict[str, Any] = {}

    def look(self) -> dict[str, Any]:
        return {str(path): self._state(path) for path in self._paths()}

    def _paths(self) -> Iterator[Path]:
        for folder, below, names in os.walk(self.root):
            if Path(folder) == files.home():
                below.clear()
                continue
            yield from (Path(folder, name) for name in (*below, *names))

    def _state(self, path: Path) -> tuple[int, int, str]:
        seen = path.lstat()
        is_file = stat.S_ISREG(seen.st_mode)
        content = hashlib.sha256(path.read_bytes()).hexdigest() if is_file else ""
        return seen.st_mode, seen.st_mtime_ns if is_file else 0, content


@pytest.fixture
def outside(tmp_path: Path, thaw_home: Path) -> Iterator[Outside]:
    """What lies beside THAW_HOME; after the test it must lie there as it did before."""
    thaw_home.mkdir()
    secret = tmp_path / SECRET
    secret.parent.mkdir()
    secret.write_bytes(encoded("PNG", seed=555))
    watched = Outside(tmp_path)
    in_temporary = set(Path("/tmp").glob("evil*"))
    yield watched
    assert watched.before, "the test did not look"
    assert watched.look() == watched.before
    assert set(Path("/tmp").glob("evil*")) == in_temporary
    assert not list(thaw_home.rglob("*evil*"))


def as_zip(attack: Attack, root: Path) -> Path:
    path = root / "set.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in good().items():
            archive.writestr(name, content)
        info = zipfile.ZipInfo("placeholder")
        info.filename = info.orig_filename = attack.name
        info.compress_type = zipfile.ZIP_DEFLATED
        if attack.link:
            info.create_system = 3
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, str(root / attack.link) if attack.link else attack.content)
    return path


def as_folder(attack: Attack, root: Path) -> Path:
    folder = root / "set"
    for name, content in good().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    path = folder / attack.name
    inside = folder in Path(os.path.abspath(path)).parents and len(path.name) < 200
    if inside and "\0" not in attack.name and attack.link:
        place = path.parent if attack.name.count("/") > 1 else path
        place.symlink_to(root / attack.link)
    elif inside and "\0" not in attack.name:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(attack.content)
    return folder


def as_table(attack: Attack, root: Path) -> Path:
    folder = as_folder(attack, root)
    names = [*good(), attack.name]
    rows = [json.dumps({"path": name, "label": name.split("/")[0]}) for name in names]
    rows[-1] = json.dumps({"path": attack.name, "label": "cats"})
    (folder / "set.jsonl").write_text("\n".join(rows))
    return folder / "set.jsonl"


def as_upload(attack: Attack, root: Path) -> Path:
    named = {**{f"set/{name}": content for name, content in good().items()}}
    is_outside = attack.check == "outside" and "\0" not in attack.name
    named[attack.name if is_outside else f"set/{attack.name}"] = attack.content
    return save_upload((name, io.BytesIO(content)) for name, content in named.items())


MAKE: dict[str, Callable[[Attack, Path], Path]] = {
    ZIP: as_zip, FOLDER: as_folder, TABLE: as_table, UPLOAD: as_upload
}  # fmt: skip


@pytest.mark.parametrize(
    ("attack", "way"),
    [
        pytest.param(attack, way, id=f"{name} by {way}")
        for name, attack in ATTACKS.items()
        for way in attack.ways
    ],
)
def test_an_attack_among_good_pictures(
    outside: Outside, tmp_path: Path, attack: Attack, way: str
) -> None:
    source = MAKE[way](attack, tmp_path)
    outside.before = outside.look()
    made = import_data(source)
    discard_upload(source)
    assert made.classes == ("cats", "dogs")
    check = attack.check_by(way)
    assert len(made.examples) == (13 if check == GOOD else 12)
    assert all(e.path.is_relative_to(files.datasets_dir() / made.id) for e in made.examples)
    assert all(e.name.isprintable() for e in made.examples)
    noted = {f.check: f for f in findings(made.id)}
    if check == GOOD:
        assert not noted
    else:
        assert list(noted) == [check]
        (name,) = noted[check].examples
        shown = attack.shown or attack.name
        if check == "ignored_folders" and way in (FOLDER, UPLOAD):
            assert shown.startswith(name)
        else:
            assert name.replace("\\", "/").endswith(shown)
        assert noted[check].fix or check == "hidden"
    assert_nothing_else(made)


def assert_nothing_else(made: Dataset) -> None:
    """Assert that THAW_HOME holds the dataset's own files and nothing else."""
    folder = files.datasets_dir() / made.id
    kept = {e.path for e in made.examples}
    kept |= {folder / n for n in ("dataset.json", "examples.json", "findings.json", "traits.npz")}
    found = {path for path in files.home().rglob("*") if path.is_file()}
    assert found - kept <= {files.datasets_dir() / ".import.lock"}
    assert {example.path.suffix for example in made.examples} <= {".jpg", ".png", ".gif"}


@pytest.mark.parametrize("name", [n for n, a in ATTACKS.items() if a.check == GOOD])
def test_only_pixels_of_a_double_faced_file_reach_the_browser(
    outside: Outside, tmp_path: Path, name: str
) -> None:
    source = as_folder(ATTACKS[name], tmp_path)
    outside.before = outside.look()
    made = import_data(source)
    for example in made.examples:
        sent = pictures.thumbnail(example.path)
        assert sent.startswith(b"\xff\xd8")
        assert sent.endswith(b"\xff\xd9")
        assert b"script" not in sent
        assert not zipfile.is_zipfile(io.BytesIO(sent))


SEEN_BY_STREAMLIT = ("st.image(", "st.video(", "st.audio(", "st.pdf(", "st.iframe(")


def test_pages_send_no_file_of_a_dataset_as_it_is() -> None:
    """Pictures that are shown are drawn anew; who adds a place looks at it first."""
    places = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "pages").rglob("*.py")
        if any(call in path.read_text(encoding="utf-8") for call in SEEN_BY_STREAMLIT)
    }
    drawn_anew = {"pictures", "live", "cards", "answers", "examples", "inside_steps"}
    assert places <= {f"pages/ui/{name}.py" for name in drawn_anew}


REFUSED: dict[str, tuple[str, bytes, str]] = {
    "empty zip": ("set.zip", b"", "not a zip file"),
    "empty table": ("set.csv", b"", "lacks the column"),
    "picture as zip": ("set.zip", PICTURE, "not a zip file"),
    "picture as table": ("set.csv", PICTURE, "holds no text"),
    "zip of zips": (
        "set.zip",
        zipped({"cats.zip": zipped(good()), "dogs.zip": zipped(good())}),
        "packed themselves",
    ),
    "nothing but bombs": (
        "set.zip",
        zipped({f"{c}/{i}.png": b"\0" * (2 << 20) for c in "ab" for i in range(6)}),
        "grow more than 200 times",
    ),
    "small bombs": (
        "set.zip",
        zipped({f"{c}/{i}.png": b"\0" * 1_000_000 for c in "ab" for i in range(6)}),
        "grow more than 200 times",
    ),
    "table of nowhere": (
        "set.csv",
        b"path,label\n" + b"photos/1.png,a\nphotos/2.png,b\n" * 9,
        "None of the files",
    ),
    "rows without end": ("set.jsonl", b"{}\n" * 250_000, "more than 200,000 files"),
    "columns without end": ("set.csv", b"," * 20_000 + b"\n", "more than 10,000 columns"),
}


@pytest.mark.parametrize("as_upload_", [False, True], ids=["here", "uploaded"])
@pytest.mark.parametrize(("name", "content", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_hostile_as_a_whole_is_refused_in_plain_words(
    outside: Outside, tmp_path: Path, name: str, content: bytes, told: str, as_upload_: bool
) -> None:
    source = tmp_path / name
    if as_upload_:
        source = save_upload([(name, io.BytesIO(content))])
    else:
        source.write_bytes(content)
    outside.before = outside.look()
    with pytest.raises(InputError) as caught:
        import_data(source)
    words = [(issue.field, issue.message, issue.fix) for issue in caught.value.issues]
    assert any(told in message for _field, message, _fix in words), words
    assert all(field and fix for field, _message, fix in words)
    assert not data.list_datasets()
    assert [path.name for path in files.datasets_dir().iterdir()] == [".import.lock"]


@pytest.mark.parametrize(
    "source", ["x" * 5000, "a\0b", "~who is this/a", "/nowhere/\udcff", "/dev/zero", "/dev/null"]
)
def test_sources_that_are_nowhere_are_told(thaw_home: Path, source: str) -> None:
    with pytest.raises(InputError, match=r"no such file|neither a folder"):
        import_data(Path(source))


def many_entries(path: Path, number: int) -> Path:
    """Write a zip of empty files by hand: quicker than any program would."""
    names = [b"c%d/%d.png" % (i % 2, i) for i in range(number)]
    local = struct.Struct("<4s5H3L2H")
    central = struct.Struct("<4s6H3L5H2L")
    body, directory, at = [], [], 0
    for name in names:
        body.append(local.pack(b"PK\x03\x04", 20, 0, 0, 0, 0, 0, 0, 0, len(name), 0) + name)
        directory.append(
            central.pack(b"PK\x01\x02", 20, 20, *[0] * 7, len(name), 0, 0, 0, 0, 0, at) + name
        )
        at += len(body[-1])
    toc = b"".join(directory)
    record = struct.pack(
        "<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, number, number, len(toc), at
    )
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, at + len(toc), 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, *[0xFFFF] * 2, *[0xFFFFFFFF] * 2, 0)
    path.write_bytes(b"".join(body) + toc + record + locator + end)
    return path


def test_a_zip_of_200001_files_is_refused(outside: Outside, tmp_path: Path) -> None:
    source = many_entries(tmp_path / "set.zip", limits.MAX_FILES + 1)
    outside.before = outside.look()
    with pytest.raises(InputError, match="more than 200,000 files"):
        import_data(source)


@pytest.mark.parametrize("way", WAYS)
def test_too_many_files_by_every_way(
    outside: Outside, tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MAX_FILES", "MAX_UPLOAD_FILES"):
        monkeypatch.setattr(limits, name, 12)
    if way != UPLOAD:
        source = MAKE[way](ATTACKS["text as png"], tmp_path)
    outside.before = outside.look()
    with pytest.raises(InputError, match=r"more than 12 files|12 files and"):
        import_data(source if way != UPLOAD else as_upload(ATTACKS["text"], tmp_path))
    assert not data.list_datasets()


_IMPORT = """
import resource, sys
from pathlib import Path
from tl_core.data.ingest import import_data
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
print(len(import_data(Path(sys.argv[1])).examples))
"""


def test_the_largest_pictures_allowed_fit_into_bounded_memory(
    outside: Outside, tmp_path: Path
) -> None:
    """Tiny files that are 64 million pixels each when decoded, two of them at a time."""
    content = good()
    for number, mode in enumerate(("RGBA", "I;16")):
        buffer = io.BytesIO()
        Image.new(mode, (8_000, 8_000), number).save(buffer, "PNG")
        content[f"cats/large {number}.png"] = buffer.getvalue()
    source = tmp_path / "set.zip"
    source.write_bytes(zipped(content))
    assert source.stat().st_size < 1 << 20
    outside.before = outside.look()
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT, str(source), str(2 << 30)],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.stdout.strip() == "14", done.stderr
