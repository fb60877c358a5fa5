"""What is asked for and what was measured: frozen records that `records` turns into JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from tl_core.errors import InputError, Issue
from tl_core.i18n import N_, _
from tl_core.records import from_dict as from_dict
from tl_core.records import to_dict as to_dict

SPEC_VERSION = 1

STRATEGIES: dict[str, str] = {
    "linear_probe": N_("Feature extraction"),
    "multi_stage_probe": N_("Feature extraction, all depths"),
    "gradual_unfreezing": N_("Start frozen, then thaw"),
    "lora": N_("Parameter-efficient (LoRA)"),
    "full_fine_tune": N_("Full fine-tuning"),
    "from_scratch": N_("From scratch (control)"),
}
"""Every strategy of the map, from changing nothing to changing everything: id and shown name."""

KINDS = ("import", "evidence", "train", "race")
"""The kinds of job that the worker can run today."""

RETENTIONS: dict[str, str] = {
    "none": N_("Nothing holds the base back"),
    "l2_sp": N_("Weights stay near the base's (L2-SP)"),
    "ldifs": N_("Features stay near the base's (LDIFS)"),
}
"""Defences against forgetting while everything moves: id and shown name."""

DEFAULT_BASE = "tf_efficientnet_lite0"
DEFAULT_VAL_FRACTION = 0.2
DEFAULT_PATIENCE = 8  # epochs; fewer end runs on a mere plateau before the learning rate has fallen
MIN_PROBE_EPOCHS = 5  # every strategy promises at least five epochs, so that there is a curve

Distance = Literal["near", "middling", "far"]


@dataclass(frozen=True, slots=True)
class Accuracy:
    """A share of right answers with its 95 % Wilson interval; all in [0, 1]."""

    value: float
    low: float
    high: float
    n: int  # examples judged


@dataclass(frozen=True, slots=True)
class RunSpec:
    """One job as it was asked for; written once into the run folder as `spec.json`."""

    kind: str
    """`import`, `evidence`, `train` or `race`."""
    dataset: str = ""
    """Id of an imported dataset; empty only for `import`."""
    base: str = DEFAULT_BASE
    """Catalog id, `timm:NAME`, `hf:NAME` or a local folder."""
    strategy: str = "auto"
    """`auto` or one of `STRATEGIES`; only for `train`."""
    size: int | None = None
    """Picture edge in pixels, or most tokens read of a text, 32 to 1024; None: the base's own."""
    val_fraction: float = DEFAULT_VAL_FRACTION
    """Share of the training examples held out where the data bring no validation split."""
    seed: int = 0
    epochs: int | None = None
    """Most epochs over all rungs together; None means the strategy's own."""
    patience: int = DEFAULT_PATIENCE
    """Epochs without a lower validation loss before stopping; 0 turns early stopping off."""
    minutes: float | None = None
    """Time limit in minutes, counted once features are cached; None means no limit."""
    retention: str = "none"
    """One of `RETENTIONS`; takes effect while `full_fine_tune` moves everything."""
    strategies: tuple[str, ...] = ()
    """Only for `race`: at least two of `STRATEGIES`, which compete."""
    source: str = ""
    """Only for `import`: path of the folder, zip or CSV file on this computer."""
    name: str = ""
    """Only for `import`: the name to give the dataset."""
    text_column: str = ""
    label_column: str = ""
    path_column: str = ""
    split_column: str = ""
    group_column: str = ""
    """Only for `import` of a table: columns to read; empty: by the usual names; `-`: none."""
    version: int = SPEC_VERSION


def validate(spec: RunSpec) -> tuple[Issue, ...]:
    """Return every problem of `spec`; empty means that it can be run."""
    issues: list[Issue] = []

    def check(ok: bool, name: str, message: str, fix: str) -> None:
        if not ok:
            issues.append(Issue(name, message, fix))

    check(
        spec.version == SPEC_VERSION,
        "version",
        _("This request has format version {found}; this Thaw reads version {known}.").format(
            found=spec.version, known=SPEC_VERSION
        ),
        _("Start the run again with this version of Thaw."),
    )
    check(
        spec.kind in KINDS,
        "kind",
        _("'{found}' is not a kind of job.").format(found=spec.kind),
        _("Use one of: {known}.").format(known=", ".join(KINDS)),
    )
    if spec.kind == "import":
        check(
            bool(spec.source), "source", _("No data were named."), _("Name a folder, zip or CSV.")
        )
        return tuple(issues)
    check(bool(spec.dataset), "data", _("No data were named."), _("Choose a dataset or a sample."))
    check(bool(spec.base), "base", _("No base model was named."), _("See them with: thaw bases"))
    issues += _number_issues(spec)
    issues += _choice_issues(spec)
    return tuple(issues)


def _choice_issues(spec: RunSpec) -> list[Issue]:
    """Check what is chosen from a closed list."""
    issues = []
    use = _("Use one of: {known}.")
    unknown = _("There is no strategy '{found}'.")
    if spec.strategy != "auto" and spec.strategy not in STRATEGIES:
        fix = use.format(known=", ".join(("auto", *STRATEGIES)))
        issues.append(Issue("strategy", unknown.format(found=spec.strategy), fix))
    for name in spec.strategies:
        if name not in STRATEGIES:
            fix = use.format(known=", ".join(STRATEGIES))
            issues.append(Issue("strategies", unknown.format(found=name), fix))
    if spec.kind == "race" and len(set(spec.strategies)) < 2:
        unlike = _("A race needs at least two different strategies; got {n}.")
        fix = _("Name some of: {known}.").format(known=", ".join(STRATEGIES))
        issues.append(Issue("strategies", unlike.format(n=len(set(spec.strategies))), fix))
    if spec.retention not in RETENTIONS:
        message = _("There is no defence against forgetting called '{found}'.")
        fix = use.format(known=", ".join(RETENTIONS))
        issues.append(Issue("retention", message.format(found=spec.retention), fix))
    return issues


def _number_issues(spec: RunSpec) -> list[Issue]:
    """Check the numbers of a request against their bounds (declared here as data)."""
    bounds: tuple[tuple[str, float | None, float, float], ...] = (
        ("size", spec.size, 32, 1024),
        ("val", spec.val_fraction, 0.05, 0.5),
        ("seed", spec.seed, 0, 2**31 - 1),
        ("epochs", spec.epochs, 1, 10_000),
        ("patience", spec.patience, 0, 10_000),
        ("minutes", spec.minutes, 0.01, 10_000),
    )
    return [
        Issue(
            name,
            _("{name} must lie between {low} and {high}; got {found}.").format(
                name=name, low=f"{low:g}", high=f"{high:g}", found=f"{value:g}"
            ),
            _("Choose a number in that range."),
        )
        for name, value, low, high in bounds
        if value is not None and not low <= value <= high
    ]


def require_valid(spec: RunSpec) -> RunSpec:
    """Return `spec`, or raise InputError with all its issues."""
    if issues := validate(spec):
        raise InputError(issues)
    return spec


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
    """What works without the pretrained base; same folds as the probes."""

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
    version: int = SPEC_VERSION

    @property
    def knows_distance(self) -> bool:
        """Whether any sign of distance was measured; otherwise `distance` says nothing."""
        return self.shift is not None or self.leep_per_log_c is not None
