"""The data say which changes keep the class: arrows may not be mirrored, discs may."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from tl_core.data.dataset import Dataset, Example
from tl_core.engine import augment
from tl_core.engine.modality import Backbone
from tl_core.engine.modality.vision import VISION
from tl_core.files import sha256_of

EACH = 24


def dataset_of(folder: Path, kind: str) -> Dataset:
    """Draw two classes: left and right arrows, or discs and crosses."""
    rng = np.random.default_rng(0)
    examples = []
    for label in range(2):
        for number in range(EACH):
            image = Image.fromarray(rng.integers(0, 40, (80, 80, 3), dtype=np.uint8))
            pen = ImageDraw.Draw(image)
            x, y = (int(v) for v in rng.integers(34, 46, 2))
            colour = tuple(int(c) for c in rng.integers(150, 255, 3))
            if kind == "arrows":
                to = -1 if label else 1
                pen.line((x - 24, y, x + 24, y), fill=colour, width=5)
                pen.polygon((x + 26 * to, y, x + 4 * to, y - 18, x + 4 * to, y + 18), fill=colour)
            elif label:
                pen.ellipse((x - 18, y - 18, x + 18, y + 18), fill=colour)
            else:
                pen.line((x - 20, y, x + 20, y), fill=colour, width=4)
                pen.line((x, y - 20, x, y + 20), fill=colour, width=4)
            path = folder / f"{label}-{number}.png"
            image.save(path)
            examples.append(Example(sha256_of(path), path, label, "", "", path.name))
    return Dataset(kind, kind, ("a", "b"), tuple(examples), "", 0.0, kind)


def tried(
    folder: Path, backbone: Backbone, kind: str, labels: torch.Tensor | None = None
) -> dict[str, augment.Trial]:
    dataset = dataset_of(folder, kind)
    examples = VISION.open_examples(dataset, range(2 * EACH), backbone)
    if labels is None:
        labels = torch.tensor([e.label for e in dataset.examples])
    found = augment.trials(backbone, examples, labels, range(2 * EACH), seed=0)
    json.dumps(augment.told(found), allow_nan=False)
    assert augment.told(found)["ways"] == [t.way for t in found if t.safe]
    return {t.way: t for t in found}


def test_arrows_may_not_be_mirrored(thaw_home: Path, tmp_path: Path, lite0: Backbone) -> None:
    found = tried(tmp_path, lite0, "arrows")
    assert found["mirror"].plain > 0.65
    assert found["mirror"].changed < 0.35
    assert not found["mirror"].safe
    assert found["mirror"].lost > 20
    assert found["mirror"].n == 2 * EACH
    assert found["light"].safe


def test_symmetric_shapes_may_be_mirrored(thaw_home: Path, tmp_path: Path, lite0: Backbone) -> None:
    found = tried(tmp_path, lite0, "shapes")
    assert found["mirror"].plain > 0.9
    assert found["mirror"].safe
    assert found["light"].safe


def test_nothing_is_safe_where_nothing_is_known(
    thaw_home: Path, tmp_path: Path, lite0: Backbone
) -> None:
    labels = torch.from_numpy(np.random.default_rng(4).permutation(np.arange(2 * EACH) % 2))
    found = tried(tmp_path, lite0, "shapes", labels)
    assert found["mirror"].plain < 0.75
    assert not any(trial.safe for trial in found.values())


def test_features_that_are_known_are_not_computed_again(
    thaw_home: Path, tmp_path: Path, lite0: Backbone
) -> None:
    dataset = dataset_of(tmp_path, "shapes")
    rows = range(2 * EACH)
    examples = VISION.open_examples(dataset, rows, lite0)
    labels = torch.tensor([e.label for e in dataset.examples])
    known = augment._features(lite0, [examples.inputs(part) for part in augment._batches(rows)])
    found = augment.trials(lite0, examples, labels, rows, seed=0, features=known)
    assert found == augment.trials(lite0, examples, labels, rows, seed=0)
    blank = augment.trials(lite0, examples, labels, rows, seed=0, features=0 * known)
    assert blank[0].plain < 0.75 < found[0].plain


def test_examples_without_changes_are_not_asked_about(lite0: Backbone) -> None:
    class Plain:
        ways = ()

    assert augment.trials(lite0, Plain(), torch.zeros(4), range(4), seed=0) == ()  # type: ignore[arg-type]


def test_the_sample_is_even_bounded_and_seeded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(augment, "SAMPLE", 10)
    labels = np.array([0] * 50 + [1] * 3 + [2] * 50)
    rows = augment._sample(labels, seed=1)
    assert rows == augment._sample(labels, seed=1) == sorted(set(rows))
    assert rows != augment._sample(labels, seed=2)
    assert np.bincount(labels[rows]).tolist() == [3, 3, 3]


def test_a_drop_beyond_chance_or_beyond_bounds_is_unsafe() -> None:
    labels = torch.arange(200) % 2
    plain = torch.ones(200, dtype=torch.bool)

    def trial(lost: int) -> augment.Trial:
        changed = plain.clone()
        changed[:lost] = False
        return augment._trial("mirror", plain, changed, labels)

    assert trial(0).safe
    assert trial(2).safe  # one in four that an innocent change looks so
    assert not trial(5).safe
    assert (trial(5).lost, trial(5).won, trial(5).changed) == (5, 0, 0.975)


def test_a_feature_that_never_varied_tells_nothing_of_held_out_examples() -> None:
    torch.manual_seed(0)
    labels = torch.arange(40) % 2
    x = torch.cat([labels[:, None] * 4.0 + torch.randn(40, 1), torch.full((40, 1), 0.1)], 1)
    fold = torch.arange(10)
    x[fold, 1] = 5.0  # only there it is something else
    fit = augment._fit(x, labels, fold, 2)
    assert (fit.classes_of(x[fold]) == labels[fold]).float().mean() >= 0.9
