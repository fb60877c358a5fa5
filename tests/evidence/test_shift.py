"""The shift meter: zero where nothing differs, known values where it does, right order."""

from __future__ import annotations

import math
from dataclasses import astuple
from pathlib import Path

import pytest
import torch
from torch.nn.utils.rnn import pad_sequence

from tl_core import catalog
from tl_core.data import import_data
from tl_core.engine import precision
from tl_core.engine.modality import Backbone
from tl_core.engine.modality.encoder import FILL
from tl_core.engine.modality.text import TEXT
from tl_core.engine.modality.vision import VISION
from tl_core.evidence import shift as meter
from tl_core.evidence.shift import Moments
from tl_core.spec import Shift

MINILM = catalog.find(catalog.default_base("text"))
ENGLISH = (
    "The library reads tables of any size and writes them again without losing a row.",
    "You can install it with one command and use it right away.",
    "Bug reports are welcome, and so are questions about how it works inside.",
    "This function returns nothing when the file does not exist.",
    "Version two is faster than version one on every machine that we have tried.",
    "It supports all common formats, and a plugin can add more of them.",
    "Please read the guide for contributors before you send a change.",
    "The project began as a small tool for one team and has grown since.",
)
GERMAN = (
    "Die Kinder spielen im Garten hinter dem alten Haus.",
    "Der Zug kam heute wieder viel zu spät am Bahnhof an.",
    "Niemand wusste, warum das Licht plötzlich ausging.",
    "Das Wetter wird morgen kälter, und es soll regnen.",
    "Sie arbeitet seit fünf Jahren in einer großen Bank.",
    "Unsere Nachbarn ziehen nächsten Monat nach Hamburg.",
    "Der Arzt empfahl ihm, mehr Wasser zu trinken.",
    "Meine Großmutter backt jeden Sonntag einen Apfelkuchen.",
)


def _moments(x: torch.Tensor, mean: float = 0.0, var: float = 1.0) -> Moments:
    channels = x.shape[1]
    moments = Moments(torch.full((channels,), mean), torch.full((channels,), var))
    for part in x.movedim(1, -1).flatten(0, -2).split(700):
        moments.add(part)
    return moments


def test_a_known_divergence() -> None:
    torch.manual_seed(0)
    x = torch.randn(64, 5, 16, 16, dtype=torch.float64).float()
    assert _moments(x).divergence() == pytest.approx(0, abs=1e-3)
    # KL(N(1, 4) || N(0, 1)) = (ln(1/4) + 4 + 1 - 1) / 2
    expected = (math.log(1 / 4) + 4) / 2
    assert _moments(x * 2 + 1).divergence() == pytest.approx(expected, rel=0.02)


def test_maps_count_as_their_places_do() -> None:
    torch.manual_seed(0)
    maps = (torch.randn(6, 5, 8, 8) * 3 + 2).to(torch.bfloat16)
    whole = Moments(torch.zeros(5), torch.ones(5))
    for part in maps.contiguous(memory_format=torch.channels_last).split(2):
        whole.add(part)
    places = maps.movedim(1, -1).flatten(0, -2).double()
    mean, variance = whole.mean_and_variance()
    torch.testing.assert_close(mean, places.mean(0), rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(variance, places.var(0, correction=0), rtol=1e-3, atol=1e-3)
    single = Moments(torch.zeros(5), torch.ones(5))
    single.add(torch.full((1, 5), 2.0))
    single.add(torch.zeros(0, 5))
    assert single.count == 1
    assert single.mean_and_variance()[0].tolist() == [2.0] * 5


def test_the_chain_is_watched_as_the_body_is() -> None:
    lite0 = VISION.load_backbone(catalog.find("tf_efficientnet_lite0"), size=64, pretrained=True)
    minilm = TEXT.load_backbone(MINILM, size=None, pretrained=True)
    tokens = minilm.input_config["tokenizer"](list(ENGLISH))["input_ids"]
    words = pad_sequence([torch.tensor(t) for t in tokens], batch_first=True, padding_value=FILL)
    torch.manual_seed(0)
    for backbone, inputs in ((lite0, torch.randn(4, 3, 64, 64)), (minilm, words)):
        found = []
        for segments in ((backbone.body,), backbone.chain.segments):
            with meter.watching(backbone) as moments, torch.inference_mode():
                value = inputs
                for segment in segments:
                    value = segment(value)
            assert all(layer.count for layer in moments.values())
            told = meter.shift(moments, backbone)
            assert told is not None
            found.append(astuple(told))
        assert len(backbone.chain.segments) > 1
        assert found[0] == pytest.approx(found[1], rel=1e-3)


def test_dead_channels_stay_finite() -> None:
    x = torch.zeros(4, 3, 8, 8)
    assert math.isfinite(_moments(x, mean=0.0, var=0.0).divergence())


def test_hooks_are_taken_off_again() -> None:
    backbone = VISION.load_backbone(
        catalog.find("tf_efficientnet_lite0"), size=64, pretrained=False
    )
    with meter.watching(backbone) as moments, torch.inference_mode():
        backbone.body(torch.randn(2, 3, 64, 64))
    counted = {name: layer.count for name, layer in moments.items()}
    with torch.inference_mode():
        backbone.body(torch.randn(2, 3, 64, 64))
    assert counted["bn1"] == 2 * 32 * 32
    assert {name: layer.count for name, layer in moments.items()} == counted


def test_a_network_of_unknown_source_has_no_shift() -> None:
    backbone = VISION.load_backbone(catalog.find("timm:test_vit"), size=160, pretrained=False)
    with meter.watching(backbone) as moments, torch.inference_mode():
        backbone.body(torch.randn(2, 3, 160, 160))
    assert meter.shift(moments, backbone) is None


def _shift_of(backbone: Backbone, texts: list[str], batch: int) -> Shift:
    tokenizer = backbone.input_config["tokenizer"]
    parts = [torch.tensor(part) for part in tokenizer(texts)["input_ids"]]
    with meter.watching(backbone) as moments, torch.inference_mode():
        for start in range(0, len(parts), batch):
            filled = pad_sequence(
                parts[start : start + batch], batch_first=True, padding_value=FILL
            )
            backbone.body(filled)
    found = meter.shift(moments, backbone)
    assert found is not None
    return found


def test_of_texts_only_their_tokens_count() -> None:
    backbone = TEXT.load_backbone(MINILM, size=None, pretrained=True)
    singly, together = (_shift_of(backbone, list(ENGLISH), batch) for batch in (1, len(ENGLISH)))
    assert astuple(together) == pytest.approx(astuple(singly), abs=2e-4)


def test_what_a_base_has_not_read_is_farther() -> None:
    backbone = TEXT.load_backbone(MINILM, size=None, pretrained=True)
    english = _shift_of(backbone, list(ENGLISH), 4)
    german = _shift_of(backbone, list(GERMAN), 4)
    numbers = _shift_of(backbone, ["83 1204 7 66 9312", "4 4 19 870 23", "1 22 3056 9 40"], 4)
    assert 2 * english.late < german.late < numbers.late
    assert 2 * english.early < german.early < numbers.early


def test_expected_values_exist_for_every_base_and_fall_with_n() -> None:
    for base in (*catalog.rank("picture"), *catalog.rank("text")):
        few, many = meter.expected(base.id, 16), meter.expected(base.id, 128)
        assert few is not None
        assert many is not None
        assert 0 < many.late < few.late < 0.05
    assert meter.expected("timm:resnet18", 64) is None


@pytest.mark.data
def test_known_sets_come_in_their_known_order(
    thaw_home: Path, data_root: Path, tmp_path: Path
) -> None:
    backbone = VISION.load_backbone(
        catalog.find("tf_efficientnet_lite0"), size=None, pretrained=True
    )
    late = []
    for name in ("ants_bees/train", "cifar10/train", "sign_digits", "magnetic_tile"):
        folder = tmp_path / name.replace("/", "-")
        for source in sorted((data_root / name).iterdir()):
            target = folder / source.name
            target.mkdir(parents=True)
            for path in sorted(source.iterdir())[:16]:
                (target / path.name).write_bytes(path.read_bytes())
        dataset = import_data(folder, name=folder.name)
        rows = range(min(32, len(dataset.examples)))
        examples = VISION.open_examples(dataset, rows, backbone)
        with (
            meter.watching(backbone) as moments,
            torch.inference_mode(),
            precision.autocast(),
        ):
            backbone.body(examples.inputs(rows))
        found = meter.shift(moments, backbone)
        assert found is not None
        late.append(found.late)
    assert late == sorted(late)
