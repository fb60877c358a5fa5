"""Data sets with planted faults, made from real pictures, with a list of what was planted."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance

from tl_core.data.dataset import Dataset, Example

WRONG = 0.05
TWINS = 0.03
DAMAGED = 0.02
HELD_OUT = 0.2
SHORTCUT_PX = 150  # all pictures of one class are saved at this edge
KINDS = ("copy", "saved anew", "smaller", "brighter")


@dataclass
class Planted:
    """What was planted: names of files as an import tells them."""

    wrong: dict[str, str] = field(default_factory=dict)
    """File with a wrong label and its true class."""
    twins: dict[str, str] = field(default_factory=dict)
    """Held-out copy and the kind of copy."""
    damaged: list[str] = field(default_factory=list)
    case_twins: tuple[str, str] = ("", "")
    shortcut: str = ""


def write(dataset: Dataset, root: Path, seed: int, *, wrong_only: bool = False) -> Planted:
    """Write pictures as folders `train` and `val`, with faults.

    Args:
        dataset: pictures read in place, twins of one group at most once.
        root: an empty folder.
        seed: of what goes where.
        wrong_only: only wrong labels; otherwise only the other faults, in the same places.
    """
    rng = np.random.default_rng(seed)
    planted = Planted()
    if not any(c.isalpha() for c in dataset.classes[0]):  # numbers cannot be spelt otherwise
        dataset = replace(dataset, classes=tuple(f"sign {name}" for name in dataset.classes))
    order = rng.permutation(len(dataset.examples))
    held = set(order[: int(HELD_OUT * len(order))].tolist())
    swapped = set(rng.choice(len(order), max(3, int(WRONG * len(order))), replace=False).tolist())
    if not wrong_only:
        planted.shortcut = dataset.classes[-1]
        planted.case_twins = (dataset.classes[0], dataset.classes[0].swapcase())
    for number, example in enumerate(dataset.examples):
        label = dataset.classes[example.label]
        name = label
        if wrong_only and number in swapped:
            others = [c for c in dataset.classes if c != label]
            name = str(rng.choice(others))
        if not wrong_only and label == dataset.classes[0] and number % 3 == 0:
            name = planted.case_twins[1]
        part = "val" if number in held else "train"
        path = root / part / name / f"{number:05d}.png"
        if wrong_only and name != label:
            planted.wrong[path.relative_to(root).as_posix()] = label
        with Image.open(example.path) as picture:
            rgb = picture.convert("RGB")
        if label == planted.shortcut:
            rgb = rgb.resize((SHORTCUT_PX, SHORTCUT_PX))
        save(rgb, path)
    if not wrong_only:
        _plant_twins(root, planted, rng, sorted((root / "train").rglob("*.png")))
        _plant_damaged(root, planted, rng, len(order))
    return planted


def save(picture: Image.Image, path: Path) -> None:
    """Write a picture, with its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path)


def _plant_twins(
    root: Path, planted: Planted, rng: np.random.Generator, sources: Sequence[Path]
) -> None:
    """Put copies of training pictures into the held-out part, each changed in its own way."""
    count = max(4, int(TWINS * len(sources)))
    for number, source in enumerate(rng.permutation(np.array(sources, dtype=object))[:count]):
        kind = KINDS[number % len(KINDS)]
        with Image.open(source) as picture:
            rgb = picture.convert("RGB")
        target = root / "val" / source.parent.name / f"twin-{number:04d}.png"
        save(changed(rgb, kind), target)
        planted.twins[target.relative_to(root).as_posix()] = kind


def changed(picture: Image.Image, kind: str) -> Image.Image:
    """Return a copy as people make them without noticing."""
    if kind == "saved anew":
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=60)
        return Image.open(buffer).convert("RGB")
    if kind == "smaller":
        return picture.resize((max(8, picture.width * 3 // 4), max(8, picture.height * 3 // 4)))
    if kind == "brighter":
        return ImageEnhance.Brightness(picture).enhance(1.15)
    return picture


def _plant_damaged(
    root: Path, planted: Planted, rng: np.random.Generator, pictures: int
) -> None:  # fmt: skip
    """Put files beside the pictures that are cut off, empty or something else."""
    sources = sorted((root / "train").rglob("*.png"))
    for number in range(max(4, int(DAMAGED * pictures))):
        source = sources[int(rng.integers(len(sources)))]
        content = source.read_bytes()
        broken = (content[: len(content) // 2], b"", b"<html>not found</html>", content[8:])
        target = source.with_name(f"broken-{number:03d}.png")
        target.write_bytes(broken[number % len(broken)])
        planted.damaged.append(target.relative_to(root).as_posix())


def sampled(dataset: Dataset, per_class: int, seed: int = 0) -> Dataset:
    """Return at most so many pictures of each class."""
    rng = np.random.default_rng(seed)
    kept: list[Example] = []
    for label in range(len(dataset.classes)):
        own = [e for e in dataset.examples if e.label == label]
        kept += [own[i] for i in sorted(rng.permutation(len(own))[:per_class])]
    return replace(dataset, examples=tuple(kept))
