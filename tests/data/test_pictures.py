"""Picture files: every format that is read, every way in which a file can be unusable."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tl_core.data import limits, pictures
from tl_core.data.pictures import Picture, Refused, inspect, read_picture


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def noise(mode: str = "RGB", size: tuple[int, int] = (10, 7)) -> Image.Image:
    channels = len(Image.new(mode, (1, 1)).getbands())
    values = np.random.default_rng(0).integers(0, 256, (size[1], size[0], channels), np.uint8)
    return Image.fromarray(values.squeeze()).convert(mode)


@pytest.mark.parametrize(
    ("kind", "suffix"),
    [("JPEG", ".jpg"), ("PNG", ".png"), ("WEBP", ".webp"), ("BMP", ".bmp"), ("GIF", ".gif"),
     ("TIFF", ".tif")],
)  # fmt: skip
def test_the_format_comes_from_the_bytes_and_not_from_the_name(kind: str, suffix: str) -> None:
    found = inspect(encoded(noise(), kind), "wrong.xyz")
    assert isinstance(found, Picture)
    assert (found.suffix, found.width, found.height) == (suffix, 10, 7)
    assert not found.has_frames


@pytest.mark.parametrize("kind", ["JPEG2000", "ICO", "PPM", "TGA", "PDF", "EPS"])
def test_other_formats_are_not_read(kind: str) -> None:
    assert isinstance(inspect(encoded(noise(), kind), "x"), Refused)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.png"),
        (b"\n<?xml version='1.0'?><svg/>", "a"),
        (b"\xef\xbb\xbf <svg onload='x()'/>", "a.png"),
        (b"anything", "a.svg"),
        (b"anything", "a.HEIC"),
        (b"\0\0\0\x18ftypheic....", "a.jpg"),
        (b"II*\0rawphoto", "a.nef"),
    ],
)
def test_known_but_unread_formats_are_named_as_such(content: bytes, name: str) -> None:
    assert inspect(content, name) == Refused("refused_format")


@pytest.mark.parametrize(
    ("content", "name", "check"),
    [
        (b"", "a.png", "unreadable"),
        (b"", "notes", "not_pictures"),
        (b"hello", "a.JPG", "unreadable"),
        (b"hello", "readme.txt", "not_pictures"),
        (b"\x89PNG\r\n\x1a\n", "a.png", "unreadable"),
        (b"%PDF-1.4", "a", "not_pictures"),
        (b"PK\x03\x04", "a.ZIP", "archives"),
    ],
)
def test_files_without_a_picture_are_refused(content: bytes, name: str, check: str) -> None:
    assert inspect(content, name) == Refused(check)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF"])
def test_a_cut_off_file_is_unreadable(kind: str) -> None:
    content = encoded(noise(size=(60, 60)), kind)
    assert isinstance(inspect(content[: len(content) // 2], "a.png"), Refused)


def test_sizes_beyond_the_limits_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert inspect(encoded(noise(size=(40, 3)), "PNG"), "a.png") == Refused("too_small")
    monkeypatch.setattr(limits, "MAX_PICTURE_PIXELS", 100)
    assert isinstance(inspect(encoded(noise(size=(10, 10)), "PNG"), "a.png"), Picture)
    assert inspect(encoded(noise(size=(10, 11)), "PNG"), "a.png") == Refused("too_large")
    monkeypatch.setattr(limits, "MAX_PICTURE_BYTES", 10)
    assert inspect(encoded(noise(), "PNG"), "a.png") == Refused("too_large")


@pytest.mark.parametrize("edge", [9_000, 12_000, 60_000])
def test_a_bomb_is_refused_before_it_is_decoded(edge: int) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">2I5B", edge, edge, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0"))
    assert inspect(bomb + chunk(b"IEND", b""), "a.png") == Refused("too_large")


def test_hostile_bytes_never_raise() -> None:
    chance = random.Random(0)
    for kind in ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF"):
        original = encoded(noise(size=(30, 30)), kind)
        for _round in range(60):
            content = bytearray(original)
            for _change in range(chance.randrange(1, 8)):
                content[chance.randrange(len(content))] = chance.randrange(256)
            assert isinstance(inspect(bytes(content), "a.png"), (Picture, Refused))


def test_equal_pixels_in_different_files_have_one_hash() -> None:
    found = [inspect(encoded(noise(), kind), "a") for kind in ("PNG", "BMP", "TIFF")]
    assert len({p.pixels for p in found if isinstance(p, Picture)}) == 1
    grey, same = noise("L"), noise("L").convert("RGB")
    one, other = inspect(encoded(grey, "PNG"), "a"), inspect(encoded(same, "PNG"), "a")
    assert isinstance(one, Picture)
    assert isinstance(other, Picture)
    assert one.pixels == other.pixels


def test_equal_bytes_in_another_shape_have_another_hash() -> None:
    flat = [Image.new("RGB", size) for size in ((10, 8), (8, 10))]
    wide, tall = (inspect(encoded(image, "PNG"), "a") for image in flat)
    assert isinstance(wide, Picture)
    assert isinstance(tall, Picture)
    assert wide.pixels != tall.pixels


def test_only_the_first_frame_counts_and_the_others_are_told() -> None:
    frames = [noise(), noise().rotate(180)]
    for kind in ("GIF", "WEBP", "TIFF", "PNG"):
        content = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
        found = inspect(content, "a")
        assert isinstance(found, Picture)
        assert found.has_frames, kind


def test_a_phone_photograph_with_a_second_picture_is_a_jpeg() -> None:
    content = encoded(noise(), "MPO", save_all=True, append_images=[noise()])
    found = inspect(content, "a.jpg")
    assert isinstance(found, Picture)
    assert found.suffix == ".jpg"
    assert not found.has_frames


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_read_upright(tmp_path: Path, orientation: int) -> None:
    upright = noise(size=(6, 4))
    turned_by = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(turned_by[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    (tmp_path / "a.png").write_bytes(encoded(stored, "PNG", exif=exif))
    assert np.array_equal(np.asarray(read_picture(tmp_path / "a.png")), np.asarray(upright))


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_damaged_camera_notes_do_not_cost_the_picture(tmp_path: Path) -> None:
    content = encoded(noise(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7fgarbage")
    assert isinstance(inspect(content, "a.jpg"), Picture)


def test_see_through_pictures_stand_on_white(tmp_path: Path) -> None:
    image = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    image.putpixel((3, 3), (10, 20, 30, 255))
    image.save(tmp_path / "a.png")
    seen = read_picture(tmp_path / "a.png")
    assert seen.getpixel((0, 0)) == (255, 255, 255)
    assert seen.getpixel((3, 3)) == (10, 20, 30)


def test_deep_grey_values_are_scaled_and_not_cut(tmp_path: Path) -> None:
    deep = np.array([[0, 257, 32768, 65535]] * 4, np.uint16)
    for name in ("a.png", "a.tif"):
        Image.fromarray(deep).save(tmp_path / name)
        seen = np.asarray(read_picture(tmp_path / name))[0, :, 0]
        assert seen.tolist() == [0, 1, 128, 255]
    shares = np.array([[0.0, 0.5, 1.0, np.nan]] * 4, np.float32)
    Image.fromarray(shares).save(tmp_path / "b.tif")
    assert np.asarray(read_picture(tmp_path / "b.tif"))[0, :, 0].tolist() == [0, 128, 255, 0]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "YCbCr", "RGBA"])
def test_every_common_mode_becomes_rgb(tmp_path: Path, mode: str) -> None:
    image = noise("RGB").convert(mode)
    path = tmp_path / ("a.png" if mode not in {"CMYK", "YCbCr"} else "a.tif")
    image.save(path)
    assert read_picture(path).mode == "RGB"
    assert isinstance(inspect(path.read_bytes(), path.name), Picture)


def test_a_draft_is_smaller_but_never_too_small(tmp_path: Path, draw: Callable[..., Path]) -> None:
    path = draw(tmp_path / "a.jpg", size=(800, 640))
    assert read_picture(path).size == (800, 640)
    drafted = read_picture(path, draft_px=100)
    assert 100 <= min(drafted.size) < 640


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGB", "RGBA", "I;16", "I", "F"])
def test_strip_by_strip_gives_the_same_as_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    deep = {"I;16": np.uint16, "I": np.int32, "F": np.float32}
    if mode in deep:
        values = np.random.default_rng(0).integers(0, 60_000, (11, 7)).astype(deep[mode])
        image = Image.fromarray(values)
    else:
        image = noise("RGBA", (7, 11)).convert(mode)
    options = {"transparency": 3} if mode == "P" else {}
    kind = "TIFF" if mode in deep else "PNG"
    (tmp_path / "a").write_bytes(encoded(image, kind, **options))
    seen = []
    for pixels in (1, 15, 1 << 20):
        monkeypatch.setattr(pictures, "_BAND_PIXELS", pixels)
        found = inspect((tmp_path / "a").read_bytes(), "a")
        assert isinstance(found, Picture)
        seen.append((found.pixels, read_picture(tmp_path / "a").tobytes()))
    assert seen[0] == seen[1] == seen[2]


def test_nothing_but_pixels_comes_out_of_a_picture(tmp_path: Path) -> None:
    content = encoded(noise(), "JPEG", comment=b"<script>alert(1)</script>")
    (tmp_path / "a.jpg").write_bytes(content)
    assert b"<script>" in content
    assert b"<script>" not in encoded(read_picture(tmp_path / "a.jpg"), "JPEG")
