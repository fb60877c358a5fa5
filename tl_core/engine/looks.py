"""Where a network looks in a picture, and whether that depends on what it has learned.

Convolutional networks: Grad-CAM (Selvaraju et al. 2017, arXiv 1610.02391) at the last map before
places are averaged. Transformers: gradient times activation of the tokens that enter the last
stage, summed over their channels; beyond it a class token may have read all of them. Both are those
of captum. `unlearned` tests whether they say anything of the model. Attention roll-out (Abnar and
Zuidema 2020) would not pass: it never meets the head, and is the same for every class.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from captum.attr import LayerGradCam, LayerGradientXActivation
from PIL import Image
from torch import nn

from tl_core import files
from tl_core.analysis import looks
from tl_core.analysis.looks import Looked, Looks
from tl_core.data.dataset import Dataset
from tl_core.engine import maps, precision, unlearned
from tl_core.engine.maps import edge_of, is_map, maps_of
from tl_core.engine.modality import Backbone, Raw, modality_of
from tl_core.engine.rebuild import Rebuilt

Floats = npt.NDArray[np.float64]

BATCH = 8
_EDGE = (213, 94, 0)  # around what lies above half of the highest value
_QUALITY = 85


@dataclass(frozen=True)
class Seam:
    """Where in a network a map can be taken."""

    forward: Callable[[torch.Tensor], torch.Tensor]
    """Gives logits [batch, classes]; runs through `layer`."""
    layer: nn.Module
    is_conv: bool
    """Whether the layer gives [batch, channels, h, w]; else tokens or [batch, h, w, channels]."""

    @property
    def how(self) -> str:
        """By which way maps are made, as `analysis.looks.Looks.how` has it."""
        return "grad_cam" if self.is_conv else "gradients"


@dataclass(frozen=True)
class Place:
    """Where a map lies in its picture; as `analysis.looks.Looked` has it."""

    down: int
    """Which third of the picture holds its middle: 0 top to 2 bottom."""
    across: int
    """0 left to 2 right."""
    area: float
    """Share of the picture that holds half of it, in [0, 1]."""


@dataclass(frozen=True)
class Sight:
    """Where a network looks in one picture, for a class."""

    heat: torch.Tensor
    """[h, w] how much each place speaks for the class; below 0: against it."""
    place: Place
    how: str
    """`grad_cam` or `gradients`."""
    seen: npt.NDArray[np.uint8]
    """[edge, edge, 3] the picture as the network sees it."""
    lit: npt.NDArray[np.uint8]
    """The same, lit where it looks."""


def look(
    rebuilt: Rebuilt,
    dataset: Dataset,
    places: Sequence[int],
    given: Sequence[int],
    folder: Path,
    report: Callable[[int, int], None],
    *,
    check: bool,
) -> Looks | None:
    """Write for each picture where the network looks; return what was found.

    Args:
        rebuilt: the network of a run.
        dataset: what it was trained on.
        places: of the examples in the dataset.
        given: the class that each was given: what the map speaks for.
        folder: of the run.
        report: told how far it is.
        check: compare with random networks.

    Returns:
        None for a network that gives no map.
    """
    opened = modality_of(dataset.modality).open_examples(dataset, places, rebuilt.backbone)
    found = seam(rebuilt, opened.inputs([0]))
    if found is None:
        return None
    heats, looked = [], []
    for number, sight in enumerate(sights(found, opened, given, rebuilt.backbone)):
        example = dataset.examples[places[number]]
        content = jpeg(np.concatenate([sight.seen, sight.lit], axis=1))
        files.write_atomically(looks.picture(folder, example.row), content)
        name = dataset.classes[given[number]]
        looked.append(Looked(example.row, name, **asdict(sight.place)))
        heats.append(sight.heat)
        report(number + 1, len(places))
    head = last = None
    n = min(len(places), unlearned.CHECKED)
    if check:
        asked = opened.inputs(range(n))

        def again() -> torch.Tensor:
            return torch.cat([heat(found, *part) for part in _batches(asked, given[:n])])

        head, last = unlearned.against_random(rebuilt, again, torch.stack(heats[:n]))
    return Looks(found.how, tuple(looked), head, last, n if check else 0, int(heats[0].shape[-1]))


def sights(
    found: Seam, opened: Raw, given: Sequence[int], backbone: Backbone
) -> Iterator[Sight]:  # fmt: skip
    """Yield for each picture where the network looks for the class that it was given."""
    for start in range(0, len(opened), BATCH):
        rows = range(start, min(start + BATCH, len(opened)))
        inputs = opened.inputs(rows)
        own = heat(found, inputs, [given[row] for row in rows])
        for picture, told in zip(maps.visible(inputs, backbone), own, strict=True):
            light = maps.spread(told, len(picture))
            yield Sight(told, _place(light), found.how, picture, lit(picture, light))


def _batches(
    inputs: torch.Tensor, given: Sequence[int]
) -> Iterator[tuple[torch.Tensor, Sequence[int]]]:
    for start in range(0, len(inputs), BATCH):
        yield inputs[start : start + BATCH], given[start : start + BATCH]


def seam(rebuilt: Rebuilt, inputs: torch.Tensor) -> Seam | None:
    """Return where to take the map; None if nothing in the network has places."""
    learner = rebuilt.learner
    if not learner.all_depths and (layer := _last_map(learner.body, inputs)) is not None:
        return Seam(lambda value: learner.head(learner.body(value)), layer, True)
    value = inputs.to(precision.device())
    with torch.inference_mode():
        for segment in learner.chain.segments[:-1]:
            value = segment(value)
    if len(learner.chain.segments) < 2 or edge_of(value.shape) is None:
        return None
    return Seam(learner, learner.chain.segments[-2], is_map(value.shape))


def _last_map(body: nn.Module, inputs: torch.Tensor) -> nn.Module | None:
    """Return the last layer that tells places apart, if it gives [batch, channels, h, w].

    None for networks whose last stage works on tokens.
    """
    found: list[nn.Module | None] = []

    def note(layer: nn.Module, _inputs: object, output: object) -> None:
        if isinstance(output, torch.Tensor) and output.ndim >= 3 and output.shape[-1] > 1:
            found.append(layer if is_map(output.shape) else None)

    leaves = [m for m in body.modules() if not list(m.children())]
    hooks = [leaf.register_forward_hook(note) for leaf in leaves]
    with torch.inference_mode():
        body(inputs.to(precision.device()))
    for hook in hooks:
        hook.remove()
    return found[-1] if found else None


def heat(found: Seam, inputs: torch.Tensor, targets: Sequence[int]) -> torch.Tensor:
    """Return how much each place speaks for a class, [n, h, w] float32; below 0: against it."""
    asked = inputs.to(precision.device()).requires_grad_(True)
    wanted = torch.tensor(list(targets), device=asked.device)
    told: torch.Tensor
    with torch.enable_grad():
        if found.is_conv:
            told = LayerGradCam(found.forward, found.layer).attribute(asked, target=wanted)[:, 0]
        else:
            method = LayerGradientXActivation(found.forward, found.layer)
            told = _gridded(method.attribute(asked, target=wanted))
    return told.detach().float().cpu()


def _gridded(told: torch.Tensor) -> torch.Tensor:
    """Return tokens [n, t, c] or maps [n, h, w, c] as [n, h, w]."""
    found = maps_of(told)
    assert found is not None  # `seam` found places
    return found.sum(1)


def lit(picture: npt.NDArray[np.uint8], light: Floats) -> npt.NDArray[np.uint8]:
    """Return a picture lit where the network looked, with an edge around what was lit most.

    Args:
        picture: [edge, edge, 3].
        light: [edge, edge] in [0, 1].
    """
    shown = maps.lit(picture, light)
    inside = light > 0.5
    padded = np.pad(inside, 1, mode="edge")
    whole = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    shown[inside & ~whole] = _EDGE
    return shown


def jpeg(picture: npt.NDArray[np.uint8]) -> bytes:
    """Return a picture, [h, w, 3], as a file."""
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=_QUALITY)
    return stream.getvalue()


def _place(light: Floats) -> Place:
    """Return in which third of the picture the middle of a map lies, and how wide it is."""
    total = float(light.sum())
    if total <= 0:
        return Place(1, 1, 1.0)
    places = (np.arange(len(light)) + 0.5) / len(light)
    down, across = (
        min(int(3 * float((light.sum(axis) * places).sum()) / total), 2) for axis in (1, 0)
    )
    ordered = np.sort(light.ravel())[::-1].cumsum()
    area = float(np.searchsorted(ordered, total / 2) + 1) / light.size
    return Place(down, across, round(area, 4))
