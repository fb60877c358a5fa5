"""How the features of examples lie, before and after tuning: drawn flat, and measured.

THAW_HOME/runs/<id>/artifacts/feature_map.npz     rows, labels, parts, and places before and after
THAW_HOME/runs/<id>/artifacts/feature_map.json    what was measured on the features themselves
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tl_core import files, wording
from tl_core.errors import InputError
from tl_core.i18n import _
from tl_core.records import from_dict, to_dict
from tl_core.shares import Span

VERSION = 1
ARRAYS_FILE = "artifacts/feature_map.npz"
FILE = "artifacts/feature_map.json"
NEIGHBOURS = 10

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Tidiness:
    """How well the validation examples lie by class, on the features themselves."""

    purity: float
    """Mean share of an example's nearest other ones that are of its class, in [0, 1]."""
    silhouette: float
    """Mean silhouette (Rousseeuw 1987, cosine distance), in [-1, 1]."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured on the features."""

    neighbours: int
    n: int
    """Validation examples."""
    before: Tidiness
    after: Tidiness | None
    """None where the base was left as it was: its features are the same."""
    gain: Span | None
    """How much purer neighbours are after than before, with its 95 % interval over examples."""
    chance: float
    """Purity of neighbours drawn at random, in [0, 1]."""
    how: str
    """`tsne` or `pca`: how it was drawn flat."""
    inherits: bool = True
    """Whether there was anything to inherit; else `before` is after, and there is no before."""
    version: int = VERSION


@dataclass(frozen=True, eq=False)
class FeatureMap:
    """Features of some examples, drawn flat."""

    rows: Ints
    """[n] each by its `Example.row`."""
    labels: Ints
    """[n] class numbers."""
    is_val: Bools
    """[n] whether it was held out."""
    before: Floats
    """[n, 2]; of a run that has inherited nothing the features that it has learned."""
    after: Floats | None
    """[n, 2]; None where the base was left as it was."""
    measured: Measured


def write(folder: Path, found: FeatureMap) -> None:
    """Keep the map with the run of this folder."""
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "rows": found.rows,
        "labels": found.labels,
        "is_val": found.is_val,
        "before": found.before.astype(np.float32),
    }
    if found.after is not None:
        arrays["after"] = found.after.astype(np.float32)
    with files.replacing(folder / ARRAYS_FILE) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    files.write_json(folder / FILE, to_dict(found.measured))


def read(folder: Path) -> FeatureMap | None:
    """Return the map that is kept with a run; None if there is none that can be read."""
    try:
        measured = from_dict(Measured, files.read_json(folder / FILE))
        path = folder / ARRAYS_FILE
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            rows, labels = (kept[name].astype(np.int64) for name in ("rows", "labels"))
            after = kept["after"].astype(np.float64) if "after" in kept else None
            found = FeatureMap(
                *(rows, labels, kept["is_val"].astype(np.bool_)),
                *(kept["before"].astype(np.float64), after, measured),
            )
    except (OSError, ValueError, TypeError, KeyError, EOFError, AttributeError, InputError,
            zipfile.BadZipFile):  # fmt: skip
        return None
    is_whole = len({len(rows), len(labels), len(found.is_val), len(found.before)}) == 1
    return found if is_whole and measured.version == VERSION else None


def told(measured: Measured) -> list[str]:
    """Return in words how well the examples lie by class, before and after."""
    first = _("Of the {k} nearest neighbours of a held-out example {share} are of its class; drawn "
              "at random it would be {chance} (silhouette {silhouette}).")  # fmt: skip
    words = first.format(
        k=measured.neighbours,
        share=wording.percent(measured.before.purity),
        chance=wording.percent(measured.chance),
        silhouette=_signed(measured.before.silhouette),
    )
    if not measured.inherits:
        return [_("This run began without a base: there is no before."), words]
    if measured.after is None or measured.gain is None:
        same = _("The base was left as it was, so its features are the same before and after; what "
                 "was learned is where the new last layer draws its borders.")  # fmt: skip
        return [words, same]
    second = _("After tuning it is {share} (silhouette {silhouette}); the difference is {gain} "
               "({low} to {high}).")  # fmt: skip
    told_ = second.format(
        share=wording.percent(measured.after.purity),
        silhouette=_signed(measured.after.silhouette),
        gain=wording.points(measured.gain.value),
        low=wording.points(measured.gain.low),
        high=wording.points(measured.gain.high),
    )
    before = _("Before tuning")
    return [f"{before}: {words}", told_, _verdict(measured.gain)]


def _verdict(gain: Span) -> str:
    if gain.low > 0:
        return _("Tuning has brought examples of one class closer together.")
    if gain.high < 0:
        return _("Tuning has mixed the classes more than they were.")
    return _("Whether tuning has brought examples of one class closer together is too close to "
             "call.")  # fmt: skip


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
