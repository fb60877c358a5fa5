"""The store of evidence: what was measured about a dataset, kept beside it and found again.

It only reads and writes records; measuring is done in `tl_core.evidence`.
"""

from __future__ import annotations

import hashlib
import json
import logging
from pathlib import Path

from tl_core import files, spec
from tl_core.data.dataset import Dataset
from tl_core.data.store import dataset_dir
from tl_core.errors import InputError
from tl_core.spec import Evidence

log = logging.getLogger(__name__)

_FOLDER = "evidence"


def evidence_key(
    fingerprint: str, base: str, *, size: int, val_fraction: float, seed: int, weights: str = ""
) -> str:  # fmt: skip
    """Return the SHA-256 that names one measurement; a new record version gives a new key."""
    parts = [fingerprint, base, int(size), float(val_fraction), int(seed), spec.EVIDENCE_VERSION]
    if weights:
        parts.append(weights)
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def read_evidence(
    dataset: Dataset, base: str, *, size: int, val_fraction: float, seed: int, weights: str = ""
) -> Evidence | None:
    """Return what was measured about `dataset` under `base`, or None if it was not.

    Args:
        dataset: the dataset as imported.
        base: id of the base model.
        size: picture edge in pixels, already resolved (never None).
        val_fraction: share held out for validation, as measured.
        seed: seed of the split.
        weights: SHA-256 of the base's weights, where its id does not name them.
    """
    key = evidence_key(
        dataset.fingerprint,
        base,
        size=size,
        val_fraction=val_fraction,
        seed=seed,
        weights=weights,
    )
    return _read(dataset_dir(dataset.id) / _FOLDER / f"{key}.json")


def write_evidence(dataset: Dataset, evidence: Evidence, *, val_fraction: float) -> Path:
    """Store a measurement; it replaces an earlier one with the same key. Return its file."""
    key = evidence_key(
        dataset.fingerprint,
        evidence.base,
        size=evidence.size,
        val_fraction=val_fraction,
        seed=evidence.seed,
        weights=evidence.weights,
    )
    path = dataset_dir(dataset.id) / _FOLDER / f"{key}.json"
    files.write_json(path, spec.to_dict(evidence))
    return path


def list_evidence(dataset_id: str) -> tuple[Evidence, ...]:
    """Return everything measured about a dataset, newest first."""
    paths = list((dataset_dir(dataset_id) / _FOLDER).glob("[!.]*.json"))
    newest_first = sorted(paths, key=lambda p: (-p.stat().st_mtime_ns, p.name))
    return tuple(e for e in map(_read, newest_first) if e is not None)


def under_other_bases(dataset: Dataset, evidence: Evidence) -> tuple[Evidence, ...]:
    """Return what was measured of the same examples under other bases, each base once."""
    if evidence.probe_hits is None:
        return ()
    asked = evidence.probe_hits.asked
    found = {
        other.base: other
        for other in reversed(list_evidence(dataset.id))
        if other.base != evidence.base and other.probe_hits and other.probe_hits.asked == asked
    }
    return tuple(found.values())


def _read(path: Path) -> Evidence | None:
    """Read one record; a damaged or outdated file counts as not measured."""
    try:
        evidence = spec.from_dict(Evidence, files.read_json(path))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, AttributeError, InputError):
        log.warning("evidence %s cannot be read and will be measured again", path)
        return None
    return evidence if evidence.version == spec.EVIDENCE_VERSION else None
