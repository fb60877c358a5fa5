"""Whether "not like your training pictures" holds: told apart from other data sets, by pair.

    THAW_DATA=… python benchmarks/ood.py [--tuned]

For each set a linear probe (128 px, at most 300 pictures train, 100 set the border) meets 150
pictures of its own that it has never seen and 150 of every other set: `auroc` is how well the score
of the product tells the two apart, `flagged` the share of the others beyond the border,
`flagged_own` that of the own ones (5 % are to be expected).

`distances` compares what the score could have been: `nearest` (the product's), `fifth` nearest
(Sun et al. 2022), `every_stage` (nearest, mean over all stages of the base in units of their
medians), `mahalanobis` relative to the whole (Ren et al. 2021), all under the untouched base; and
`unsure`, the probe's one minus its largest probability (Hendrycks and Gimpel 2017). With `--tuned`
a network is tuned whole as well for the sets in `TUNED`, and written to `ood_tuned.json`:
`nearest_tuned` is the distance under its own features, `unsure_tuned` its unsureness. The product's
score of such a run is that of the probe, since it rests on the untouched base.

It was chosen on the pairs of the six sets in `CHOSEN_ON`, and judged on pairs with the sets in
`JUDGED_ON`, on texts, and on classes of the same set that were left out of training, which is far
harder.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

os.environ |= {"THAW_HOME": tempfile.mkdtemp(prefix="thaw-ood-"), "THAW_PRECISION": "fp32"}

import made_sets
import numpy as np
import numpy.typing as npt
import torch
from measuring import folder_dataset, table_dataset, write_results
from near_copies import with_groups
from sklearn.metrics import roc_auc_score

from tl_core import catalog, data, files
from tl_core.data.dataset import Dataset, Example
from tl_core.data.groups import components, ties_of
from tl_core.engine import evaluate, features, predict
from tl_core.engine.features import Pooled
from tl_core.engine.modality import modality_of
from tl_core.engine.predict import Model
from tl_core.engine.train import train_run
from tl_core.engine.unlike import unlike
from tl_core.spec import RunSpec

Floats = npt.NDArray[np.float64]

CHOSEN_ON = (
    "ants_bees",
    "cifar10",
    "sign_digits",
    "magnetic_tile",
    "digits",
    "imagenet_one_per_class",
)
JUDGED_ON = ("shapes", "gratings", "solar")
MODELS = ("ants_bees", "cifar10", "sign_digits", "magnetic_tile")
TUNED = ("ants_bees", "cifar10")
SIZE_PX = 128
TRAIN, VALIDATE, OWN, OTHERS = 300, 100, 150, 150
EPOCHS = 3
NEAR_COPY_COSINE = 0.95  # as in grid.toml: shots of one surface stay on one side
SHRINKAGE = 0.1  # of the covariance towards its diagonal: there are fewer pictures than features


@dataclass(frozen=True)
class Parts:
    """A data set in parts that share nothing."""

    whole: Dataset
    train: list[Example]
    held: list[Example]
    """For the border and for being asked about."""


@cache
def parts(name: str) -> Parts:
    """Return a set, a seeded choice of it in both parts; groups are not divided."""
    root = files.data_root()
    if name in ("ants_bees", "cifar10"):
        whole = folder_dataset(root / name / "train")
        held = folder_dataset(root / name / {"ants_bees": "val", "cifar10": "test"}[name])
        return Parts(whole, shuffled(whole.examples), shuffled(held.examples))
    if name in ("digits", "shapes", "messages"):
        whole = data.load_sample(name)
    elif name in ("gratings", "solar"):
        whole = folder_dataset(made_sets.folder(name) / "all")
    elif name == "sst2":
        whole = table_dataset(root / "sst2" / "train.csv")
        whole = replace(whole, examples=tuple(shuffled(whole.examples)[:2000]))
    else:
        whole = folder_dataset(root / name)
    if name == "magnetic_tile":
        whole = with_groups(whole, NEAR_COPY_COSINE)
    groups = components([ties_of(example) for example in whole.examples])
    order = np.random.default_rng(0).permutation(max(groups) + 1)
    learned = set(order[: round(0.6 * len(order))].tolist())
    sides: dict[bool, list[Example]] = {True: [], False: []}
    for example, group in zip(whole.examples, groups, strict=True):
        sides[group in learned].append(example)
    return Parts(whole, shuffled(sides[True]), shuffled(sides[False]))


def shuffled(examples: Sequence[Example]) -> list[Example]:
    """Return the examples in an order that depends on how many there are alone."""
    return [examples[n] for n in np.random.default_rng(1).permutation(len(examples)).tolist()]


def trained(found: Parts, strategy: str, folder: Path) -> tuple[Model, list[Example]]:
    """Return a model and pictures of its own kind that it has never seen."""
    train = [replace(one, split="train") for one in found.train[:TRAIN]]
    border = [replace(one, split="val") for one in found.held[:VALIDATE]]
    whole = replace(found.whole, examples=tuple(train + border))
    is_text = whole.modality == "text"
    spec = RunSpec(
        "train",
        dataset=whole.id,
        base=catalog.default_base(whole.modality),
        size=None if is_text else SIZE_PX,
        strategy=strategy,
        epochs=EPOCHS,
        patience=0,
    )
    train_run(spec, whole, strategy, folder, lambda kind, **fields: None, lambda: True)
    own = found.held[VALIDATE : VALIDATE + OWN]
    return predict.open_model(spec, whole, folder), own


def auroc(own: Floats, others: Floats) -> float:
    """Return how often one of the others has the larger value than one of the own."""
    truth = np.r_[np.zeros(len(own)), np.ones(len(others))]
    return round(float(roc_auc_score(truth, np.r_[own, others])), 4)


def under_base(model: Model, examples: Sequence[Example]) -> Pooled:
    """Return features after each stage of the untouched base; those met before are kept."""
    assert model.memory is not None
    backbone = model.memory.backbone
    some = replace(model.dataset, examples=tuple(examples))
    opened = modality_of(some.modality).open_examples(some, range(len(examples)), backbone)
    return features.pooled(backbone, opened, lambda done, total: None)


def under_itself(model: Model, examples: Sequence[Example]) -> torch.Tensor:
    """Return [n, width] what the model's own head sees."""
    learner = model.rebuilt.learner
    some = replace(model.dataset, examples=tuple(examples))
    backbone = model.rebuilt.backbone
    opened = modality_of(some.modality).open_examples(some, range(len(examples)), backbone)
    return evaluate.run(learner, learner.features, opened, range(len(examples)))


def unsureness(model: Model, seen: torch.Tensor) -> Floats:
    """Return [n] one minus the largest probability, for what the head sees."""
    with torch.inference_mode():
        shares = model.rebuilt.learner.head(seen).softmax(1)
    return np.asarray((1 - shares.amax(1)).double())


def to_kth(known: torch.Tensor, values: torch.Tensor, k: int) -> Floats:
    """Return [n] the distance to the k-th nearest, of features scaled to length 1."""
    unit = torch.nn.functional.normalize
    cosines = (unit(values) @ unit(known).T).topk(k).values[:, -1]
    return np.asarray((2 - 2 * cosines).clamp_min(0).sqrt().double())


def relative_mahalanobis(
    known: torch.Tensor, labels: torch.Tensor, values: torch.Tensor
) -> Floats:  # fmt: skip
    """Return [n] the distance to the nearest class less that to all (Ren et al. 2021)."""
    means = torch.stack([known[labels == label].mean(0) for label in labels.unique()])
    places = torch.searchsorted(labels.unique(), labels)

    def whitened(rest: torch.Tensor) -> torch.Tensor:
        covariance = rest.T @ rest / len(rest)
        diagonal = torch.diag(covariance.diagonal() + 1e-6)
        return torch.linalg.cholesky((1 - SHRINKAGE) * covariance + SHRINKAGE * diagonal)

    def squared(root: torch.Tensor, mean: torch.Tensor) -> torch.Tensor:
        solved = torch.linalg.solve_triangular(root, (values - mean).T, upper=False)
        return solved.square().sum(0)

    within, overall = whitened(known - means[places]), whitened(known - known.mean(0))
    nearest = torch.stack([squared(within, mean) for mean in means]).amin(0)
    return np.asarray((nearest - squared(overall, known.mean(0))).double())


def split_of(model: Model, part: str) -> list[Example]:
    """Return the examples of a part of what a model was trained on."""
    return [one for one in model.dataset.examples if one.split == part]


def distances(model: Model, some: Sequence[Example]) -> dict[str, Floats]:
    """Return how far examples lie under the base by each way, and the doubt of the probe."""
    train, border = split_of(model, "train"), split_of(model, "val")
    labels = torch.tensor([one.label for one in train])
    known, usual = under_base(model, train), under_base(model, border)
    seen = under_base(model, some)
    staged = []
    for number in range(len(known.widths)):
        reference = known.stage(number)
        unit = max(float(np.median(to_kth(reference, usual.stage(number), 1))), 1e-6)
        staged.append(to_kth(reference, seen.stage(number), 1) / unit)
    return {
        "nearest": to_kth(known.last, seen.last, 1),
        "fifth": to_kth(known.last, seen.last, 5),
        "every_stage": np.mean(staged, axis=0),
        "mahalanobis": relative_mahalanobis(known.last, labels, seen.last),
        "unsure": unsureness(model, seen.last),
    }


def tuned_distances(model: Model, some: Sequence[Example]) -> dict[str, Floats]:
    """Return how far examples lie under a tuned network's own features, and its doubt."""
    known, seen = under_itself(model, split_of(model, "train")), under_itself(model, some)
    return {"nearest_tuned": to_kth(known, seen, 1), "unsure_tuned": unsureness(model, seen)}


def scores(model: Model, some: Sequence[Example]) -> tuple[Floats, Floats]:
    """Return the product's score of examples and whether they are flagged, each [n]."""
    assert model.memory is not None
    found = unlike(model.memory.known, under_base(model, some).last)
    return np.array([one.score for one in found]), np.array([float(one.flag) for one in found])


def row(
    found: Parts, others: dict[str, list[Example]], room: Path, *, is_tuned: bool = False
) -> dict[str, Any]:
    """Return what one set's model says of its own pictures and of others."""
    room.mkdir()
    probe, own = trained(found, "linear_probe", room / "probe")
    score, flag = scores(probe, own)
    usual = distances(probe, own)
    tuned = trained(found, "full_fine_tune", room / "tuned")[0] if is_tuned else None
    if tuned:
        usual |= tuned_distances(tuned, own)
    pairs = {}
    for name, some in others.items():
        theirs, flagged = scores(probe, some)
        far = distances(probe, some) | (tuned_distances(tuned, some) if tuned else {})
        pairs[name] = {
            "auroc": auroc(score, theirs),
            "flagged": round(float(flagged.mean()), 4),
            "distances": {kind: auroc(values, far[kind]) for kind, values in usual.items()},
        }
        print(room.name, name, pairs[name], flush=True)
    return {"flagged_own": round(float(flag.mean()), 4), "pairs": pairs}


def other(name: str) -> list[Example]:
    """Return examples of a set to which a model of another set has no relation."""
    return parts(name).held[:OTHERS]


def left_out(name: str) -> tuple[Parts, dict[str, list[Example]]]:
    """Return a set without the second half of its classes, and examples of those."""
    whole = parts(name)
    first = len(whole.whole.classes) // 2
    kept = Parts(
        replace(whole.whole, classes=whole.whole.classes[:first]),
        [one for one in whole.train if one.label < first],
        [one for one in whole.held if one.label < first],
    )
    unseen = [replace(one, label=0) for one in whole.held if one.label >= first]
    return kept, {"its other classes": unseen[:OTHERS]}


def others_of(name: str) -> dict[str, list[Example]]:
    """Return pictures of every set of pictures but one."""
    return {one: other(one) for one in (*CHOSEN_ON, *JUDGED_ON) if one != name}


def main() -> None:
    """Measure every pair."""
    parser = argparse.ArgumentParser(description="Whether unlike things are told apart.")
    parser.add_argument("--tuned", action="store_true", help="tune networks, too")
    is_tuned = parser.parse_args().tuned
    torch.set_num_threads(2)
    room = files.home() / "ood"
    room.mkdir(parents=True)
    results: dict[str, Any] = {}
    for name in TUNED if is_tuned else MODELS:
        results[name] = row(parts(name), others_of(name), room / name, is_tuned=is_tuned)
    if is_tuned:
        script = str(Path(__file__).with_stem("ood_tuned"))
        write_results(script, "python benchmarks/ood.py --tuned", results)
        return
    for name, foreign in (("sst2", "messages"), ("messages", "sst2")):
        results[name] = row(parts(name), {foreign: other(foreign)}, room / name)
    for name in ("cifar10", "sign_digits"):
        results[f"half of {name}"] = row(*left_out(name), room / f"half of {name}")
    write_results(__file__, "python benchmarks/ood.py", results)


if __name__ == "__main__":
    main()
