"""What was measured: plain frozen records; `records` turns them into JSON and back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

SPEC_VERSION = 1
"""Of requests."""
EVIDENCE_VERSION = 3
"""Of what was measured; a record of another version is measured again."""

Distance = Literal["near", "middling", "far"]


@dataclass(frozen=True, slots=True)
class Accuracy:
    """A share of right answers with its 95 % Wilson interval; all in [0, 1]."""

    value: float
    low: float
    high: float
    n: int  # examples judged


@dataclass(frozen=True, slots=True)
class Leak:
    """Examples that stand both in the training and in the held-out part."""

    suspected: bool | None  # None while it has not been measured
    pairs: int | None


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """Facts of a dataset that need no network."""

    n: int  # usable examples over all splits
    classes: int
    per_class_min: int
    duplicates: int
    """Examples whose bytes, pixels or words equal those of an earlier example."""
    leak: Leak
    counts: dict[str, int] = field(default_factory=dict)  # usable examples per class name
    splits: dict[str, int] = field(default_factory=dict)  # train, val and, where given, test
    sizes: dict[str, int] = field(default_factory=dict)
    """Shortest, median and longest: edges in pixels, or words of a text; keys min, median, max."""
    modality: str = "picture"  # or `text`
    languages: dict[str, float] = field(default_factory=dict)  # of texts: shares by ISO 639-1 code
    near_duplicates: int = 0
    """Pictures that show nearly the same as an earlier one, as far as somebody looked."""


@dataclass(frozen=True, slots=True)
class Shift:
    """Median per-channel KL divergence (nats) of the data from the source, by depth."""

    early: float
    middle: float
    late: float


WORDS = "words"
"""The first stage of a base that reads texts: what each token means by itself."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a base, early to late: a name, its parameters, its share of the cost."""

    name: str
    parameters: int
    cost: float  # share of a forward pass, in [0, 1]; the shares sum to 1


@dataclass(frozen=True, slots=True)
class StageProbe:
    """Accuracy of a linear probe on one stage's pooled features."""

    stage: str
    accuracy: float


@dataclass(frozen=True, slots=True)
class Controls:
    """What works without the pretrained base; on the first of the probes' divisions into folds."""

    pixels: Accuracy | None = None
    random_init: Accuracy | None = None
    bag_of_words: Accuracy | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """How a base takes texts in, before it computes anything: how well its vocabulary fits.

    Pieces that a word is cut into (fertility, Rust et al. 2021; about 1 at least), the shares in
    [0, 1] of pieces unknown and of texts cut off, and tokens of a text with all of them counted.
    """

    tokens_per_word: float
    unknown: float
    cut: float
    longest: int
    median: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What more data of the same kind would bring, as far as the curve foretells it."""

    times: float
    """How many times as many examples; at most 4."""
    gain: float
    """Change of the share right, the middle of what the curve allows; in [-1, 1]."""
    low: float
    high: float
    """80 % of what it allows lies between."""


@dataclass(frozen=True, slots=True)
class ClassGain:
    """A class that the latest doubling of the data has helped beyond chance."""

    name: str
    gain: float
    """Change of the share right within the class, in [-1, 1]."""


@dataclass(frozen=True, slots=True)
class Volume:
    """The learning curve of the linear probe, and what it foretells."""

    sizes: tuple[int, ...]
    """Examples that the probe was fitted on, rising."""
    accuracies: tuple[Accuracy, ...]
    """What it got right of those held out, for each size."""
    forecasts: tuple[Forecast, ...]
    """Empty where the curve does not support any."""
    refused: str = ""
    """Why not: `few` sizes, a `flat` curve, or a `wild` one; empty if there are forecasts."""
    classes: tuple[ClassGain, ...] = ()
    """At most three, the largest gain first."""


@dataclass(frozen=True, slots=True)
class Hits:
    """Which examples a cross-validated probe got right, so that two can be compared in pairs."""

    asked: str
    """Hash of the examples, their labels and the folds: equal ones make pairs."""
    right: str
    """A character per example: 1 for right, 0 for wrong."""


@dataclass(frozen=True, slots=True)
class Pilot:
    """A short trial thaw beside the linear probe, on the same examples of the same folds.

    The intervals cover which examples were judged, not what another training would have come to.
    """

    gain: float
    """Share right after the thaw, less that of the probe; in [-1, 1]."""
    low: float
    high: float
    """95 % interval of the gain, paired by example."""
    likely_low: float
    likely_high: float
    """The same at 80 %."""
    probe: float
    """Share right of the probe among the examples judged."""
    n: int
    """Examples judged, each while it was held out."""
    folds: int
    epochs: int
    steps: int
    """Batches of the thaw learned from, in each fold."""
    thaw_from: str
    """The first stage that thawed, and all later ones with it."""
    seconds: float
    stopped_early: bool
    """The time did not suffice for all folds and epochs."""


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What a few examples tell while the rest are still measured; never kept as evidence."""

    n: int
    """Examples that it rests on."""
    distance: Distance | None
    """By the shift alone; None where the base has no statistics to measure it."""
    shift: Shift | None
    shift_expected: Shift | None
    """The same for examples of the base's own kind, at the same number of examples."""
    source_confidence: float | None
    """Mean highest probability that the base's own classifier gives, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything measured about one dataset under one base; a value not measured yet is None."""

    dataset: str
    base: str
    size: int
    seed: int
    n: int
    """Examples measured: training examples only, at most 2,000, sampled by class."""
    classes: int
    distance: Distance
    shift: Shift | None
    """None for a base without BatchNorm statistics."""
    shift_expected: Shift | None
    """The same for pictures of the base's own source, at the same number of pictures."""
    source_confidence: float | None
    """Mean highest probability that the base's own classifier gives, in [0, 1]."""
    leep_per_log_c: float | None
    """LEEP divided by ln C: 0 is best, about -1 is chance."""
    zero_training: Accuracy | None
    """Accuracy of the classifier that comes with LEEP (EEP), without any training."""
    knn: Accuracy | None
    """As the linear probe and the one on all stages: where examples are few, the mean over several
    divisions into folds."""
    linear_probe: Accuracy
    controls: Controls
    stages: tuple[Stage, ...]
    forward_per_second: float
    """Examples per second through one forward pass, measured here."""
    train_per_second: float | None
    """Examples per second through one full training step, estimated from the forward pass."""
    seconds: float
    multi_stage_probe: Accuracy | None = None
    stage_probes: tuple[StageProbe, ...] | None = None
    reading: Reading | None = None
    volume: Volume | None = None
    source_entropy: float | None = None
    """Mean entropy of the base's own classifier, as a share of the highest possible, in [0, 1]."""
    probe_gap: float | None = None
    """Share right of the linear probe on what it was fitted on, less the share held out: small
    where the features, not the examples, are what is lacking."""
    source_spread: float | None = None
    """Entropy of the base's answers to all examples together, as a share of the highest possible,
    in [0, 1]: low where all look like few of its own classes."""
    probe_hits: Hits | None = None
    weights: str = ""
    """SHA-256 of the weights of a base that runs have made; empty where the id names them."""
    pilot: Pilot | None = None
    version: int = EVIDENCE_VERSION

    @property
    def knows_distance(self) -> bool:
        """Whether any sign of distance was measured; otherwise `distance` says nothing.

        Where LEEP begins to mean far was measured with classifiers of 1,000 classes; it says
        nothing of one that a run has made.
        """
        return self.shift is not None or (self.leep_per_log_c is not None and not self.weights)
