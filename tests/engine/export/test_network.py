"""The plain network computes what the run's own does, whatever the head sees."""

from __future__ import annotations

import pytest
import torch

from tl_core.engine.export import network
from tl_core.engine.export.network import fold, portable
from tl_core.engine.learner import Head
from tl_core.engine.rebuild import Rebuilt
from tl_core.errors import RunFailed


def test_a_folded_head_says_what_the_head_said() -> None:
    head = Head(6, 3)
    torch.nn.init.normal_(head.linear.weight)
    torch.nn.init.normal_(head.linear.bias)
    torch.nn.init.normal_(head.mean)
    torch.nn.init.uniform_(head.spread, 0.1, 3.0)
    features = torch.randn(5, 6)
    assert torch.allclose(fold(head)(features), head(features), atol=1e-5)


def test_a_classifier_becomes_the_last_layer_of_the_base(small: Rebuilt) -> None:
    made = portable(small)
    assert made.classifier is None
    assert made.network.get_classifier().out_features == 2  # type: ignore[operator]
    pixels = torch.rand(3, 3, 64, 64)
    with torch.inference_mode():
        assert torch.allclose(made.network(pixels), small.learner(pixels), atol=1e-4)
        assert small.learner.body(pixels).shape[1] == small.backbone.width  # left as it was


def test_features_of_all_stages_are_taken_where_they_leave(wide: Rebuilt) -> None:
    made = portable(wide)
    assert len(made.taps) == len(wide.backbone.chain.segments) - 1
    pixels = torch.rand(3, 3, 64, 64)
    with torch.inference_mode():
        assert torch.allclose(made.network(pixels), wide.learner(pixels), atol=1e-4)
        assert torch.equal(made.network(pixels), made.network(pixels))


def test_what_computes_something_else_is_refused(
    small: Rebuilt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "fold", lambda head: torch.nn.Linear(head.linear.in_features, 2))
    with pytest.raises(RunFailed, match="something else"):
        portable(small)
