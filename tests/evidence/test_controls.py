"""The untrained network is random, seeded, and alive."""

from __future__ import annotations

import torch

from tl_core import catalog
from tl_core.data.dataset import Dataset
from tl_core.engine import features
from tl_core.engine.modality.vision import VISION
from tl_core.evidence.controls import untrained


def _ignore(done: int, total: int) -> None: ...


def test_an_untrained_body_gives_features_that_differ_between_pictures(shapes: Dataset) -> None:
    base = catalog.find("tf_efficientnet_lite0")
    backbone = VISION.load_backbone(base, size=64, pretrained=True)
    examples = VISION.open_examples(shapes, range(8), backbone)
    before = torch.get_rng_state()
    vectors = []
    for seed in (0, 0, 1):
        blank = untrained(VISION, base, size=64, examples=examples, seed=seed)
        assert not blank.body.training
        vectors.append(features.compute(blank.chain, examples, _ignore))
    assert torch.equal(torch.get_rng_state(), before)  # the run's own chances are left alone
    assert torch.equal(vectors[0], vectors[1])
    assert not torch.equal(vectors[0], vectors[2])
    assert vectors[0].std(0).max() > 1e-3


def test_the_chain_of_an_untrained_body_has_its_settled_statistics(shapes: Dataset) -> None:
    base = catalog.find("tf_efficientnet_lite0")
    backbone = VISION.load_backbone(base, size=64, pretrained=True)
    examples = VISION.open_examples(shapes, range(8), backbone)
    blank = untrained(VISION, base, size=64, examples=examples, seed=0)
    inputs = examples.inputs(range(8))
    with torch.inference_mode():
        expected = blank.body(inputs)
    found = features.compute(blank.chain, examples, _ignore)
    torch.testing.assert_close(found, expected, rtol=0.05, atol=0.05)
