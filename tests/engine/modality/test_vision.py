"""Pictures become inputs; weights are checked; wrong names are explained."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tl_core import catalog
from tl_core.data.dataset import Dataset, Example
from tl_core.engine.modality import Backbone, Variation, vision
from tl_core.engine.modality.vision import VISION
from tl_core.errors import InputError, RunFailed


def _dataset(*paths: Path) -> Dataset:
    examples = tuple(
        Example(key=p.name, path=p, label=0, split="", group="", name=p.name) for p in paths
    )
    return Dataset("d", "d", ("a", "b"), examples, "", 0.0, "f")


def test_inputs_are_the_central_square_normalised(
    thaw_home: Path, tmp_path: Path, lite0: Backbone
) -> None:
    wide = Image.new("RGB", (200, 100), (255, 0, 0))
    wide.paste((0, 255, 0), (50, 0, 150, 100))  # only the middle is green
    wide.save(tmp_path / "wide.png")
    pictures = VISION.open_examples(_dataset(tmp_path / "wide.png"), [0], lite0)
    inputs = pictures.inputs([0])
    assert inputs.shape == (1, 3, 64, 64)
    assert inputs[0, 1].min() > 0.9  # green is 1 after (1 - 0.5) / 0.5
    assert inputs[0, 0].max() < -0.9


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK", "1", "I;16"])
def test_every_kind_of_picture_becomes_three_channels(
    thaw_home: Path, tmp_path: Path, lite0: Backbone, mode: str
) -> None:
    suffix = "tif" if mode in {"CMYK", "I;16"} else "png"
    path = tmp_path / f"{mode.replace(';', '')}.{suffix}"
    Image.new(mode, (40, 30)).save(path)
    pictures = VISION.open_examples(_dataset(path), [0], lite0)
    assert torch.isfinite(pictures.inputs([0])).all()


def test_turned_photographs_are_set_upright(
    thaw_home: Path, tmp_path: Path, lite0: Backbone
) -> None:
    image = Image.new("RGB", (64, 64), (0, 0, 0))
    image.paste((255, 255, 255), (0, 0, 64, 32))  # upper half white
    exif = Image.Exif()
    exif[274] = 3  # stored upside down
    image.save(tmp_path / "turned.jpg", exif=exif, quality=95)
    pictures = VISION.open_examples(_dataset(tmp_path / "turned.jpg"), [0], lite0)
    inputs = pictures.inputs([0])[0]
    assert inputs[:, -8:].mean() > 0.8
    assert inputs[:, :8].mean() < -0.8


def test_equal_keys_mean_equal_inputs(thaw_home: Path, drawn: Dataset, lite0: Backbone) -> None:
    first = VISION.open_examples(drawn, [0, 1, 2], lite0)
    again = VISION.open_examples(drawn, [0, 1, 2], lite0)
    other = VISION.open_examples(drawn, [0, 2, 1], lite0)
    assert again.key == first.key != other.key
    assert torch.equal(again.inputs([0, 1, 2]), first.inputs([0, 1, 2]))
    assert torch.equal(other.inputs([1, 2]), first.inputs([2, 1]))


def test_variation_is_a_function_of_seed_turn_and_example(
    thaw_home: Path, drawn: Dataset, lite0: Backbone
) -> None:
    pictures = VISION.open_examples(drawn, range(4), lite0)
    variation = Variation(5, 1, pictures.ways)
    first = pictures.augmented([0, 1], variation)
    assert first.shape == (2, 3, 64, 64)
    torch.manual_seed(99)  # shared generators have no part in it
    assert torch.equal(pictures.augmented([0, 1], variation), first)
    assert torch.equal(pictures.augmented([3, 1], variation)[1], first[1])
    for other in (Variation(5, 2, pictures.ways), Variation(6, 1, pictures.ways)):
        assert not torch.equal(pictures.augmented([0, 1], other), first)


def gradient(path: Path) -> None:
    """Write a picture that is darker on its left side, in middle tones."""
    ramp = np.linspace(60, 180, 96).astype(np.uint8)
    Image.fromarray(np.tile(ramp, (96, 1))).convert("RGB").save(path)


def test_pictures_are_mirrored_and_relit_only_where_that_is_safe(
    thaw_home: Path, tmp_path: Path, lite0: Backbone
) -> None:
    gradient(tmp_path / "ramp.png")
    pictures = VISION.open_examples(_dataset(tmp_path / "ramp.png"), [0], lite0)

    def sides_and_light(*ways: str) -> tuple[set[bool], float]:
        varied = torch.cat([pictures.augmented([0], Variation(0, t, ways)) for t in range(24)])
        is_left_darker = varied[..., :20].mean((1, 2, 3)) < varied[..., -20:].mean((1, 2, 3))
        return set(is_left_darker.tolist()), float(varied.mean((1, 2, 3)).std())

    plain_sides, plain_light = sides_and_light()
    assert plain_sides == {True}
    assert sides_and_light("mirror")[0] == {True, False}
    assert sides_and_light("light")[0] == {True}
    assert sides_and_light("light")[1] > 3 * plain_light
    assert sides_and_light("mirror")[1] < 1.5 * plain_light + 1e-3


def test_one_change_at_a_time_is_the_same_for_every_call(
    thaw_home: Path, tmp_path: Path, lite0: Backbone
) -> None:
    for name in ("a.png", "b.png"):
        gradient(tmp_path / name)
    pictures = VISION.open_examples(_dataset(tmp_path / "a.png", tmp_path / "b.png"), [0, 1], lite0)
    plain = pictures.inputs([0, 1])
    assert torch.equal(pictures.changed([0, 1], "mirror"), plain.flip(-1))
    lit = pictures.changed([0, 1], "light")
    assert lit[0].mean() > plain[0].mean() > lit[1].mean()
    assert torch.equal(pictures.changed([1], "light")[0], lit[1])


def test_the_sheet_shows_each_example_beside_its_variations(
    thaw_home: Path, drawn: Dataset, lite0: Backbone
) -> None:
    pictures = VISION.open_examples(drawn, range(3), lite0)
    sheet = Image.open(io.BytesIO(pictures.sheet([0, 2], [Variation(0, 1), Variation(0, 2)])))
    assert sheet.format == "JPEG"
    assert sheet.size == (3 * 66 + 2, 2 * 66 + 2)


def test_the_raw_view_is_small_and_plain(thaw_home: Path, drawn: Dataset, lite0: Backbone) -> None:
    raw = VISION.open_examples(drawn, [0, 1], lite0).raw()
    assert raw.shape == (2, 16 * 16 * 3)
    assert 0 <= raw.min() <= raw.max() <= 1


def test_real_weights_know_what_a_photograph_shows(thaw_home: Path, data_root: Path) -> None:
    folder = data_root / "imagenet_one_per_class"
    if not folder.is_dir():
        pytest.skip("no source photographs")
    names = sorted(p.name for p in folder.iterdir())
    chosen = range(0, 1000, 50)
    paths = [next((folder / names[i]).iterdir()) for i in chosen]
    whole = VISION.load_backbone(catalog.find("tf_efficientnet_lite0"), size=None, pretrained=True)
    assert whole.source_head is not None
    pictures = VISION.open_examples(_dataset(*paths), range(len(paths)), whole)
    with torch.inference_mode():
        given = whole.source_head(whole.body(pictures.inputs(range(len(paths))))).argmax(1)
    assert (given == torch.tensor(list(chosen))).float().mean() > 0.7


def test_weights_with_another_hash_are_refused() -> None:
    base = replace(catalog.find("tf_efficientnet_lite0"), sha256="0" * 64)
    with pytest.raises(RunFailed, match="hash differs"):
        VISION.load_backbone(base, size=64, pretrained=True)


def test_weights_of_another_architecture_are_refused() -> None:
    base = replace(catalog.find("tf_efficientnet_lite1"), architecture="tf_efficientnet_lite0")
    with pytest.raises(RunFailed, match="do not fit"):
        VISION.load_backbone(base, size=64, pretrained=True)


def test_an_unknown_timm_model_is_explained_with_similar_names() -> None:
    with pytest.raises(InputError, match="resnet18"):
        VISION.load_backbone(catalog.find("timm:resnet18_nonsense"), size=64, pretrained=True)


def test_weights_that_cannot_be_fetched_name_what_is_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def offline(*_args: object, **_kwargs: object) -> None:
        raise OSError("no route to host")

    untrained = vision._untrained("test_resnet")
    monkeypatch.setattr(vision, "_untrained", lambda name: untrained)
    monkeypatch.setattr(vision.timm, "create_model", offline)
    with pytest.raises(InputError, match="tf_efficientnet_lite0"):
        VISION.load_backbone(catalog.find("timm:test_resnet"), size=64, pretrained=True)


def test_an_untrained_network_has_no_source_classifier() -> None:
    base = catalog.find("tf_efficientnet_lite0")
    blank = VISION.load_backbone(base, size=64, pretrained=False)
    trained = VISION.load_backbone(base, size=64, pretrained=True)
    assert blank.source_head is None
    weights = [next(iter(b.body.parameters())).detach().numpy() for b in (blank, trained)]
    assert not np.allclose(*weights)
