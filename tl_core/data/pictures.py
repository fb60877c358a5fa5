"""Picture files: whether one can be used, and its pixels as Thaw sees them.

Every picture is decoded whole once, at import; nothing later has to doubt a file.
"""

from __future__ import annotations

import codecs
import hashlib
import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from tl_core.data import limits, traits

log = logging.getLogger(__name__)

_FORMATS = {
    "JPEG": ".jpg",
    "PNG": ".png",
    "WEBP": ".webp",
    "BMP": ".bmp",
    "GIF": ".gif",
    "TIFF": ".tif",
}
"""Formats that are read, and the suffix each is stored with."""
_JPEG_PAIR = "MPO"  # what Pillow finds in the JPEG of many phones: it carries a second picture

_PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"})
_REFUSED_SUFFIXES = frozenset(
    {".svg", ".svgz", ".heic", ".heif", ".avif", ".jp2", ".jxl", ".psd", ".ico", ".eps", ".pdf",
     ".raw", ".cr2", ".cr3", ".nef", ".arw", ".dng", ".orf", ".rw2"}
)  # fmt: skip
"""Pictures that people bring and that are not read. Raw photographs are TIFF files inside, and
would otherwise be taken for their thumbnail."""

_ARCHIVE_SUFFIXES = frozenset({".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz"})

_ORIENTATION_TAG = 0x0112  # Exif
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_WIDE_MODES = frozenset({"I", "F"})
_BYTE_MAX = 255
_BAND_PIXELS = 1 << 20  # of a picture that is worked on strip by strip


@dataclass(frozen=True, slots=True)
class Picture:
    """What an import keeps about a usable picture."""

    suffix: str
    """From the format found in the bytes, never from the file's name."""
    width: int
    height: int
    pixels: str
    """Hash of the decoded pixels, 32 hexadecimal digits."""
    has_frames: bool
    """Whether the file holds more pictures than the first."""
    trait: np.void
    """A record of `traits.TRAIT`."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a file cannot be used: a key of `checks.CHECKS`."""

    check: str


def has_picture_name(name: str) -> bool:
    """Tell whether a name looks like that of a picture we read."""
    return PurePosixPath(name).suffix.casefold() in _PICTURE_SUFFIXES


def has_archive_name(name: str) -> bool:
    """Tell whether a name looks like that of a file with others packed in it."""
    return PurePosixPath(name).suffix.casefold() in _ARCHIVE_SUFFIXES


def inspect(content: bytes, name: str) -> Picture | Refused:
    """Decode a picture file whole and describe it.

    Args:
        content: the bytes of the file.
        name: its original name, which only decides how a refusal is worded.
    """
    if len(content) > limits.MAX_PICTURE_BYTES:
        return Refused("too_large")
    if _has_refused_format(content, name):
        return Refused("refused_format")
    try:
        with Image.open(io.BytesIO(content), formats=list(_FORMATS)) as image:
            is_pair = image.format == _JPEG_PAIR
            if image.width * image.height > limits.MAX_PICTURE_PIXELS:
                return Refused("too_large")
            if min(image.size) < limits.MIN_EDGE_PX:
                return Refused("too_small")
            suffix = _FORMATS["JPEG" if is_pair else image.format or ""]
            has_frames = not is_pair and bool(getattr(image, "is_animated", False))
            is_turned = _orientation(image) in _UPRIGHT
            rgb = _to_rgb(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return Refused("too_large")
    except UnidentifiedImageError:
        return Refused(_unidentified(name))
    except Exception as error:  # hostile bytes can make a decoder raise anything
        log.info("cannot decode %r: %r", name, error)
        return Refused("unreadable")
    trait = traits.trait_of(rgb, is_turned=is_turned, size_bytes=len(content))
    return Picture(suffix, rgb.width, rgb.height, _hash(rgb), has_frames, trait)


def _unidentified(name: str) -> str:
    """Return the check for a file that is no picture, by what its name promises."""
    if has_archive_name(name):
        return "archives"
    return "unreadable" if has_picture_name(name) else "not_pictures"


def read_picture(path: Path, *, draft_px: int | None = None) -> Image.Image:
    """Return the pixels of an imported picture: RGB, 8 bits, upright, on white if see-through.

    Args:
        path: a picture file that an import accepted.
        draft_px: if given, a JPEG may be decoded smaller, with no edge below this: much faster.
    """
    with Image.open(path, formats=list(_FORMATS)) as image:
        if draft_px:
            image.draft("RGB", (draft_px, draft_px))
        rgb = _to_rgb(image)
    rgb.info.clear()  # comments and the like would go along when it is saved again
    return rgb


def _has_refused_format(content: bytes, name: str) -> bool:
    if PurePosixPath(name).suffix.casefold() in _REFUSED_SUFFIXES:
        return True
    start = content[:4096].removeprefix(codecs.BOM_UTF8).lstrip()
    is_svg = start.startswith(b"<") and b"<svg" in start
    is_heif = content[4:8] == b"ftyp" and content[8:12] in {b"heic", b"heix", b"mif1", b"avif"}
    return is_svg or is_heif


def _to_rgb(image: Image.Image) -> Image.Image:
    """Decode the first frame to upright 8-bit RGB."""
    image.load()
    if (turn := _UPRIGHT.get(_orientation(image))) is not None:  # one of them is 0
        image = image.transpose(turn)
    if image.mode in _WIDE_MODES or image.mode.startswith("I;"):
        return _from_wide(image)
    return _on_white(image) if image.has_transparency_data else image.convert("RGB")


def _bands(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """Yield strips of an image from top to bottom, each with the row where it begins.

    Strip by strip, the largest picture allowed takes a quarter of the memory.
    """
    rows = max(1, _BAND_PIXELS // image.width)
    if rows >= image.height:
        yield 0, image
        return
    for top in range(0, image.height, rows):
        yield top, image.crop((0, top, image.width, min(top + rows, image.height)))


def _hash(rgb: Image.Image) -> str:
    """Return the hash of the pixels and of how they are laid out, 32 hexadecimal digits."""
    digest = hashlib.sha256(f"{rgb.width} {rgb.height} ".encode())
    for _top, band in _bands(rgb):
        digest.update(band.tobytes())
    return digest.hexdigest()[:32]


def _on_white(image: Image.Image) -> Image.Image:
    """Lay a see-through image on white."""
    rgb = Image.new("RGB", image.size)
    for top, band in _bands(image):
        rgba = band.convert("RGBA")
        ground = Image.new("RGBA", rgba.size, "white")
        rgb.paste(Image.alpha_composite(ground, rgba).convert("RGB"), (0, top))
    return rgb


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:  # damaged Exif data are no reason to lose the picture
        return 1


def _from_wide(image: Image.Image) -> Image.Image:
    """Scale 16-bit, 32-bit and floating-point grey values to 8 bits.

    Pillow's own conversion cuts everything above 255 to white. Integers above 255 are read as
    16 bits deep; floating-point values up to 1 as shares of white.
    """
    highest = max(float(_values(band).max()) for _top, band in _bands(image))
    factor = divisor = 1
    if image.mode == "F" and highest <= 1:
        factor = _BYTE_MAX
    elif image.mode.startswith("I;16") or highest > _BYTE_MAX:
        divisor = _BYTE_MAX + 2  # 65535 / 257 = 255
    grey = Image.new("L", image.size)
    for top, band in _bands(image):
        values = np.clip(np.rint(_values(band) * factor / divisor), 0, _BYTE_MAX)
        grey.paste(Image.fromarray(values.astype(np.uint8)), (0, top))
    return grey.convert("RGB")


def _values(image: Image.Image) -> npt.NDArray[np.float64]:
    """Return grey values as numbers, [height, width]; what is none becomes 0."""
    return np.nan_to_num(np.asarray(image, dtype=np.float64))
