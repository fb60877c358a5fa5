"""What enters a segment is stored by view, whole or not at all, and safe to delete."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.engine.handmade import untrained_backbone
from tl_core.data.dataset import Dataset
from tl_core.engine import arrays, caches
from tl_core.engine.modality import Backbone, Variation
from tl_core.engine.modality.vision import VISION, Pictures

VARIATION = Variation(0, 0, ("mirror", "light"))


def ignore(done: int, total: int) -> None: ...


@pytest.fixture(scope="module")
def backbone() -> Backbone:
    return untrained_backbone("test_resnet")


@pytest.fixture
def examples(thaw_home: Path, drawn: Dataset, backbone: Backbone) -> Pictures:
    return VISION.open_examples(drawn, range(7), backbone)


def entering(backbone: Backbone, inputs: torch.Tensor, segment: int) -> torch.Tensor:
    with torch.inference_mode():
        for part in backbone.chain.segments[:segment]:
            inputs = part(inputs)
    return inputs


def entries(home: Path) -> list[str]:
    return sorted(p.name for p in (home / "cache" / "stages").iterdir())


def test_the_plain_view_is_what_the_frozen_part_gives(
    backbone: Backbone, examples: Pictures
) -> None:
    told: list[tuple[int, int]] = []
    found = caches.stored(backbone, examples, 2, progress=lambda *p: told.append(p))
    assert found
    assert told[-1] == (7, 7)
    assert len(found) == len(found.values) == 7
    expected = entering(backbone, examples.inputs([3, 0]), 2)
    torch.testing.assert_close(found.inputs([3, 0]), expected, rtol=2e-2, atol=2e-2)
    assert torch.equal(found.augmented([3, 0], VARIATION), found.inputs([3, 0]))
    assert found.inputs([3]).dtype == torch.float32


def test_the_size_of_a_view_is_known_beforehand(backbone: Backbone, examples: Pictures) -> None:
    found = caches.stored(backbone, examples, 2, progress=ignore)
    assert found
    size = found.values.numel() * found.values.element_size()
    assert caches.size_of(backbone, examples, 2) == size


def test_varied_views_are_what_augmentation_gives_and_differ_by_turn(
    backbone: Backbone, examples: Pictures
) -> None:
    views = []
    for turn in range(1, caches.VIEWS):
        variation = replace(VARIATION, turn=turn)
        found = caches.stored(backbone, examples, 1, variation=variation, progress=ignore)
        assert found
        expected = entering(backbone, examples.augmented([4, 2], variation), 1)
        torch.testing.assert_close(found.inputs([4, 2]), expected, rtol=2e-2, atol=2e-2)
        views.append(found.inputs([4, 2]))
    assert not torch.equal(views[0], views[1])
    assert not torch.equal(views[1], views[2])


def test_what_is_there_is_not_computed_again(
    backbone: Backbone, examples: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = caches.stored(backbone, examples, 2, progress=ignore)
    monkeypatch.setattr(caches, "_compute", lambda *args: pytest.fail("computed again"))
    again = caches.stored(backbone, examples, 2, progress=ignore)
    assert first
    assert again
    assert torch.equal(again.values, first.values)


def test_other_weights_examples_or_variations_are_other_entries(
    thaw_home: Path, drawn: Dataset, backbone: Backbone, examples: Pictures
) -> None:
    fewer = VISION.open_examples(drawn, range(3), backbone)
    torch.manual_seed(7)
    other = untrained_backbone("test_resnet", 96)
    for base, pictures, variation in (
        (backbone, examples, None),
        (backbone, examples, VARIATION),
        (backbone, examples, Variation(0, 0, ("light",))),
        (backbone, examples, Variation(1, 0, ("light",))),
        (backbone, examples, Variation(1, 1, ("light",))),
        (backbone, fewer, None),
        (other, VISION.open_examples(drawn, range(7), other), None),
    ):
        assert caches.stored(base, pictures, 1, variation=variation, progress=ignore)
    assert len(entries(thaw_home)) == 7


def test_too_large_a_set_is_not_stored(
    thaw_home: Path, backbone: Backbone, examples: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(caches, "LIMIT_BYTES", 1000)
        assert caches.stored(backbone, examples, 1, progress=ignore) is None
    with monkeypatch.context() as patch:
        patch.setattr(caches, "DISK_SHARE", 0.0)
        assert caches.stored(backbone, examples, 1, progress=ignore) is None

    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(arrays.os, "posix_fallocate", full)
    assert caches.stored(backbone, examples, 1, progress=ignore) is None
    assert entries(thaw_home) == []


def test_values_beyond_half_precision_are_not_stored(
    thaw_home: Path, drawn: Dataset, examples: Pictures
) -> None:
    loud = untrained_backbone("test_resnet")
    with torch.no_grad():
        next(p for n, p in loud.body.named_parameters() if n.startswith("conv1")).mul_(1e7)
    assert caches.stored(loud, examples, 1, progress=ignore) is None
    assert entries(thaw_home) == []


def test_nothing_half_written_is_left_behind(
    thaw_home: Path, backbone: Backbone, examples: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caches, "BATCH", 3)

    def stop(done: int, total: int) -> None:
        if done > 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        caches.stored(backbone, examples, 2, progress=stop)
    assert entries(thaw_home) == []


def test_the_cache_may_be_deleted_or_trimmed_while_it_is_used(
    thaw_home: Path, backbone: Backbone, examples: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_one = caches.stored(backbone, examples, 1, progress=ignore)
    assert open_one
    expected = open_one.inputs(range(7))
    monkeypatch.setattr(caches, "CACHE_LIMIT_BYTES", 0)  # the second one drives out the first
    other = caches.stored(backbone, examples, 2, progress=ignore)
    assert other
    assert entries(thaw_home) == [f"{other.key}.npy"]
    assert torch.equal(open_one.inputs(range(7)), expected)
    shutil.rmtree(thaw_home / "cache")
    assert torch.equal(open_one.inputs(range(7)), expected)
    again = caches.stored(backbone, examples, 1, progress=ignore)
    assert again
    assert torch.equal(again.inputs(range(7)), expected)
