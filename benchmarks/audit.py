"""How much of what was planted the audit finds, and how much of what it says is true.

    THAW_DATA=… python benchmarks/audit.py

Faults are planted into real pictures (see `planted_data`): copies of training pictures in the
held-out part (as they are, saved anew, smaller, brighter), damaged files, a class that gives itself
away by its size, a class under two spellings; and, by itself, 5 % wrong labels. Of the wrong
labels, precision counts a picture as wrong only if it was planted: what was wrong before counts
against the audit; likewise near twins that a set had before (magnet surfaces, scanned digits)
lower the precision of copies. `as they are` lists what the audit says of each set without anything
planted. Three seeds. Timed are `pictures a second` (decoding, hashing and storing at 224 px),
proposing twins, and drawing the page; `--times` repeats only these.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ |= {"THAW_HOME": tempfile.mkdtemp(prefix="thaw-audit-")}

import numpy as np
from measuring import folder_dataset, write_results
from PIL import Image
from planted_data import Planted, sampled, write

from tl_core import files
from tl_core.data import audit, import_data, load_sample, store, suspicions, traits
from tl_core.data import twins as twins_record
from tl_core.data.dataset import Dataset
from tl_core.data.finding import Finding, Notes
from tl_core.data.intake import decode_all, hash_all
from tl_core.data.layout import Candidate
from tl_core.data.shortcuts import shortcuts
from tl_core.evidence import suspects, twins
from tl_core.spec import Accuracy

SETS = {
    "ants and bees": ("ants_bees/train", 120),
    "hand signs": ("sign_digits", 100),
    "small photographs": ("cifar10/train", 100),
    "magnet surfaces": ("magnetic_tile", 150),
}
"""Folder below THAW_DATA, and pictures of each class, at most."""
SAMPLES = {"scanned digits": ("digits", 100), "drawn shapes": ("shapes", 60)}
SEEDS = (0, 1, 2)
COMMAND = "python benchmarks/audit.py"


def quiet(kind: str, /, **fields: Any) -> None:
    """Listen to nothing."""


def audited(root: Path, name: str) -> tuple[Dataset, dict[str, Finding]]:
    """Import a folder and return it with everything found, by check."""
    dataset = twins.ensure(import_data(root, name=name), quiet, lambda: True)
    suspects.ensure(dataset, quiet, lambda: True)
    return dataset, {f.check: f for f in audit.findings(dataset)}


def names_of(dataset: Dataset, found: Finding | None) -> set[str]:
    """Return the names of all examples that a finding concerns."""
    name = {e.row: e.name for e in store.load(dataset.id, 0).examples}
    return {name[row] for row in found.rows} if found else set()


def rates(found: set[str], planted: set[str]) -> dict[str, float | int]:
    """Return recall and precision."""
    hits = len(found & planted)
    return {
        "planted": len(planted),
        "found": len(found),
        "recall": round(hits / max(len(planted), 1), 3),
        "precision": round(hits / max(len(found), 1), 3),
    }


def faults(pictures: Dataset, seed: int) -> dict[str, Any]:
    """Plant everything but wrong labels and tell what is found."""
    with tempfile.TemporaryDirectory() as folder:
        planted = write(pictures, Path(folder) / "set", seed)
        dataset, found = audited(Path(folder) / "set", f"faults {seed}")
        return _fault_rates(dataset, found, planted)


def _fault_rates(dataset: Dataset, found: dict[str, Finding], planted: Planted) -> dict[str, Any]:
    leaked = names_of(dataset, found.get("leak") or found.get("shared"))
    by_kind = {
        kind: rates(leaked, {n for n, k in planted.twins.items() if k == kind})["recall"]
        for kind in dict.fromkeys(planted.twins.values())
    }
    damaged = [found[c] for c in ("unreadable", "not_pictures") if c in found]
    told = found.get("shortcut")
    given_away = {text.split(":")[0] for text in told.examples} if told else set()
    spelt = set(found["label_twins"].examples) if "label_twins" in found else set()
    return {
        "copies across the split": rates(leaked, set(planted.twins)) | {"by kind": by_kind},
        "damaged files": {
            "planted": len(planted.damaged),
            "found": sum(f.count for f in damaged),
            "recall": round(sum(f.count for f in damaged) / len(planted.damaged), 3),
        },
        "a class given away": {
            "recall": float(planted.shortcut in given_away),
            "others accused": len(given_away - {planted.shortcut}),
        },
        "two spellings": {"recall": float(set(planted.case_twins) <= spelt)},
    }


def wrong_labels(pictures: Dataset, seed: int) -> dict[str, Any]:
    """Plant wrong labels and tell how many are doubted, and how many of the doubted are planted."""
    with tempfile.TemporaryDirectory() as folder:
        planted = write(pictures, Path(folder) / "set", seed, wrong_only=True)
        dataset, found = audited(Path(folder) / "set", f"wrong {seed}")
        known = suspects.ensure(dataset, quiet, lambda: True)
        told = rates(names_of(dataset, found.get("wrong_labels")), set(planted.wrong))
        return {"accuracy": known.accuracy.value} | told


def as_they_are(name: str, pictures: Path | None, sample: str = "") -> dict[str, Any]:
    """Tell what the audit says about a set without anything planted."""
    dataset = import_data(pictures, name=name) if pictures else load_sample(sample)
    dataset = twins.ensure(dataset, quiet, lambda: True)
    suspects.ensure(dataset, quiet, lambda: True)
    facts = audit.facts(dataset, val_fraction=0.2, seed=0)
    known = traits.read(store.dataset_dir(dataset.id), dataset.examples)
    assert known is not None
    return {
        "pictures": facts.n,
        "leak": {"suspected": facts.leak.suspected, "pairs": facts.leak.pairs},
        "near duplicates": facts.near_duplicates,
        "found": {f.check: f.count for f in audit.findings(dataset)},
        "plainest give-away": _plainest(dataset, known),
    }


def _plainest(dataset: Dataset, known: traits.Traits) -> list[Any]:
    """Return the class, trait and balanced accuracy that come nearest to a shortcut."""
    from tl_core.data import shortcuts as module

    border, module.GIVES_AWAY = module.GIVES_AWAY, 0.0
    try:
        found = shortcuts(dataset, known)
    finally:
        module.GIVES_AWAY = border
    best = found[0] if found else None
    return [dataset.classes[best.label], best.trait, best.balanced_accuracy] if best else []


def pictures_a_second() -> float:
    """Return how fast pictures of 224 px are decoded, hashed and looked at, on all cores."""
    with tempfile.TemporaryDirectory() as folder:
        sources = sorted((files.data_root() / "ants_bees" / "train").rglob("*.jpg"))
        candidates = []
        for number in range(2000):
            path = Path(folder) / f"{number}.jpg"
            with Image.open(sources[number % len(sources)]) as picture:
                small = picture.convert("RGB").resize((224, 224))
            small.putpixel((0, 0), (number % 256, number // 256, 0))
            small.save(path, quality=88)
            candidates.append(Candidate(path.name, path, "a"))
        notes = Notes()
        started = time.monotonic()
        hashed = hash_all(candidates, notes, lambda: None)
        decode_all(hashed, Path(folder), notes, progress=None, tick=lambda: None)
        return round(len(candidates) / (time.monotonic() - started), 1)


def seconds_for_twins(n: int) -> float:
    """Return how long it takes to propose twins among n random hashes."""
    from tl_core.data import alike

    rng = np.random.default_rng(0)
    made = np.zeros(n, dtype=traits.TRAIT)
    made["coarse"] = rng.integers(0, 2**63, n, dtype=np.uint64)
    made["contrast"] = 50
    started = time.monotonic()
    alike.candidates(made)
    return round(time.monotonic() - started, 2)


def seconds_to_draw(n: int) -> dict[str, float]:
    """Return how long the page of n pictures takes, by the page's own tests: at first, and again.

    Of the pictures every fiftieth is a copy and every twentieth is doubted, so that the report has
    something to show.
    """
    from streamlit.runtime.scriptrunner import script_runner
    from streamlit.testing.v1 import AppTest

    from tl_core.runs import launch

    launch.spawn = lambda command, log_path: None  # type: ignore[assignment]  # begins no job
    root = Path(__file__).parents[1]
    script_runner._mpa_v1 = lambda path: exec(  # as a server does from its second request on
        compile(Path(path).read_text(), path, "exec"), {"__name__": "__main__", "__file__": path}
    )
    with tempfile.TemporaryDirectory() as folder:
        _draw_many(Path(folder) / "many", n)
        dataset = import_data(Path(folder) / "many", name=f"many {n}")
    _doubt_some(dataset)
    os.chdir(root)
    app = AppTest.from_file(str(root / "app.py"), default_timeout=120)
    app.query_params["data"] = dataset.id
    app.run()
    found = {}
    for which in ("at first", "again"):
        started = time.monotonic()
        app.switch_page("pages/data.py").run()
        found[which] = round(time.monotonic() - started, 2)
    assert not app.exception
    return found


def _draw_many(root: Path, n: int) -> None:
    rng = np.random.default_rng(0)
    for number in range(n):
        path = root / f"class {number % 10}" / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        if number % 50 == 10:
            shutil.copy(root / f"class {number % 10}" / f"{number - 10}.png", path)
        else:
            noise = rng.integers(0, 256, (6, 6, 3), np.uint8)
            Image.fromarray(noise).resize((40, 40)).save(path)


def _doubt_some(dataset: Dataset) -> None:
    folder = store.dataset_dir(dataset.id)
    twins_record.write(folder, twins_record.Twins((), ()))
    doubted = tuple(
        suspicions.Suspect(e.row, dataset.classes[e.label], dataset.classes[0], 0.01)
        for e in dataset.examples[::20]
    )
    accuracy = Accuracy(0.9, 0.89, 0.91, 4000)
    suspicions.write(folder, dataset.fingerprint, suspicions.Suspicions(4000, accuracy, doubted))


def times() -> dict[str, Any]:
    """Return what is timed; nothing else may run meanwhile."""
    return {
        "pictures a second": pictures_a_second(),
        "seconds to propose twins": {str(n): seconds_for_twins(n) for n in (10_000, 100_000)},
        "seconds to draw the page of 20,000 pictures": seconds_to_draw(20_000),
    }


def main() -> None:
    """Run everything, or with `--times` only what is timed."""
    if "--times" in sys.argv:
        kept = json.loads(Path(__file__).with_suffix(".json").read_text())["results"]
        write_results(__file__, COMMAND, kept | times())
        return
    sources = {
        name: sampled(folder_dataset(files.data_root() / place), n)
        for name, (place, n) in SETS.items()
    }
    for name, (sample, n) in SAMPLES.items():
        sources[name] = sampled(load_sample(sample), n)
    results: dict[str, Any] = {"planted": {}, "as they are": {}}
    for name, pictures in sources.items():
        for seed in SEEDS:
            told = faults(pictures, seed) | {"wrong labels": wrong_labels(pictures, seed)}
            results["planted"].setdefault(name, {})[f"seed {seed}"] = told
            print(name, seed, told, flush=True)
    for name, (place, _n) in SETS.items():
        whole = place.removesuffix("/train")
        results["as they are"][name] = as_they_are(name, files.data_root() / whole)
        print(name, results["as they are"][name], flush=True)
    for name, (sample, _n) in SAMPLES.items():
        results["as they are"][name] = as_they_are(name, None, sample)
    write_results(__file__, COMMAND, results | times())
    shutil.rmtree(os.environ["THAW_HOME"], ignore_errors=True)


if __name__ == "__main__":
    main()
