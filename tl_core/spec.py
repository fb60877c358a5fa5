"""What is asked for: plain frozen records with a version.

`records` turns them into JSON and back; what was measured is in `measures` and to be had from here.
"""

from __future__ import annotations

from dataclasses import dataclass

from tl_core.errors import InputError, Issue
from tl_core.i18n import N_, _
from tl_core.measures import EVIDENCE_VERSION as EVIDENCE_VERSION
from tl_core.measures import SPEC_VERSION as SPEC_VERSION
from tl_core.measures import WORDS as WORDS
from tl_core.measures import Accuracy as Accuracy
from tl_core.measures import ClassGain as ClassGain
from tl_core.measures import Controls as Controls
from tl_core.measures import DatasetFacts as DatasetFacts
from tl_core.measures import Distance as Distance
from tl_core.measures import Evidence as Evidence
from tl_core.measures import FirstLook as FirstLook
from tl_core.measures import Forecast as Forecast
from tl_core.measures import Hits as Hits
from tl_core.measures import Leak as Leak
from tl_core.measures import Pilot as Pilot
from tl_core.measures import Reading as Reading
from tl_core.measures import Shift as Shift
from tl_core.measures import Stage as Stage
from tl_core.measures import StageProbe as StageProbe
from tl_core.measures import Volume as Volume
from tl_core.outcomes import Expected as Expected
from tl_core.outcomes import Outcome as Outcome
from tl_core.outcomes import level_of as level_of
from tl_core.records import from_dict as from_dict
from tl_core.records import to_dict as to_dict

STRATEGIES: dict[str, str] = {
    "linear_probe": N_("Feature extraction"),
    "multi_stage_probe": N_("Feature extraction, all depths"),
    "gradual_unfreezing": N_("Start frozen, then thaw"),
    "lora": N_("Parameter-efficient (LoRA)"),
    "full_fine_tune": N_("Full fine-tuning"),
    "from_scratch": N_("From scratch (control)"),
}
"""Every strategy of the map, from changing nothing to changing everything: id and shown name."""

CONTROL = "from_scratch"
"""The strategy that inherits nothing."""

KINDS = (
    "import",
    "audit",
    "evidence",
    "pilot",
    "train",
    "race",
    "export",
    "interpolate",
    "benefit",
    "explain",
)
"""The kinds of job that the worker can run today."""

EXPORTS: dict[str, str] = {
    "safetensors": N_("Weights for PyTorch (safetensors)"),
    "onnx": N_("ONNX, for any runtime"),
    "pt2": N_("A PyTorch program (torch.export)"),
    "hf": N_("A folder for the Hugging Face Hub"),
    "script": N_("A Python script that repeats the run"),
}
"""Formats in which a model can be taken away: id and shown name."""

RETENTIONS: dict[str, str] = {
    "none": N_("Nothing holds the base back"),
    "l2_sp": N_("Weights stay near the base's (L2-SP)"),
    "ldifs": N_("Features stay near the base's (LDIFS)"),
}
"""Defences against forgetting while everything moves: id and shown name."""

ASPECTS = ("answers", "looks", "map")
"""What can be looked at closer in a finished run: everything it says of its held-out examples,
where it looks in some of them, and how its features lie before and after."""

DEFAULT_BASE = "tf_efficientnet_lite0"
DEFAULT_VAL_FRACTION = 0.2
DEFAULT_PATIENCE = 8  # epochs; fewer end runs on a mere plateau before the learning rate has fallen
MIN_PROBE_EPOCHS = 5  # every strategy promises at least five epochs, so that there is a curve


@dataclass(frozen=True, slots=True)
class RunSpec:
    """One job as it was asked for; written once into the run folder as `spec.json`."""

    kind: str
    """One of `KINDS`."""
    dataset: str = ""
    """Id of an imported dataset; empty only for `import`."""
    base: str = DEFAULT_BASE
    """Catalog id, `timm:NAME`, `hf:NAME`, a local folder, or `run:ID` of a finished run."""
    strategy: str = "auto"
    """`auto` or one of `STRATEGIES`; only for `train` and `benefit`."""
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
    """Time limit in minutes, counted once features are cached; None means no limit. Of a `pilot`,
    what the training that it foretells may take: it takes a part of it itself."""
    retention: str = "none"
    """One of `RETENTIONS`; takes effect while `full_fine_tune` moves everything."""
    source_folder: str = ""
    """Only for `train`: path of a folder of examples like those that the base was trained on; what
    is left of the base is measured on them too."""
    mix_of: str = ""
    """For `interpolate`, and for `train` where nothing is trained but a mixture kept: id of the
    finished run that is mixed with its base."""
    share: float | None = None
    """Of that run's own weights in the mixture, in [0, 1]; None to measure several."""
    strategies: tuple[str, ...] = ()
    """Only for `race`: at least two of `STRATEGIES`, which compete."""
    run: str = ""
    """Only for `export` and `explain`: id of the finished run that is taken away or looked at."""
    formats: tuple[str, ...] = ()
    """Only for `export`: some of `EXPORTS`."""
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
    control_of: str = ""
    """Id of the run whose control this is: from scratch, with all else alike; otherwise empty."""
    revision: int = 0
    """How many entries of the dataset's edit log count; 0: the data as imported."""
    aspects: tuple[str, ...] = ()
    """Only for `explain`: some of `ASPECTS`."""
    rows: tuple[int, ...] = ()
    """Only for `explain`: examples to look at, by their rows; empty: the worst mistakes."""
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
    if spec.kind == "export":
        check(bool(spec.run), "run", _("No run was named."), _("See them with: thaw runs list"))
        return (*issues, *_format_issues(spec))
    check(bool(spec.dataset), "data", _("No data were named."), _("Choose a dataset or a sample."))
    check(bool(spec.base), "base", _("No base model was named."), _("See them with: thaw bases"))
    issues += _number_issues(spec)
    issues += _choice_issues(spec)
    check(
        bool(spec.mix_of)
        if spec.kind == "interpolate"
        else spec.share is None or bool(spec.mix_of),
        "run",
        _("No run was named that is to be mixed."),
        _("Name a finished run; see them with: thaw runs list"),
    )
    check(
        spec.kind != "train" or bool(spec.mix_of) == (spec.share is not None),
        "share",
        _("To keep a mixture, its share must be named."),
        _("Name a share between 0 (the base) and 1 (the trained network)."),
    )
    return tuple(issues)


def _format_issues(spec: RunSpec) -> list[Issue]:
    fix = _("Use one of: {known}.").format(known=", ".join(EXPORTS))
    unknown = _("There is no format '{found}'.")
    issues = [
        Issue("format", unknown.format(found=name), fix)
        for name in spec.formats
        if name not in EXPORTS
    ]
    return issues if spec.formats else [Issue("format", _("No format was named."), fix)]


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
    if spec.control_of and (spec.kind, spec.strategy) != ("train", CONTROL):
        message = _("A control learns from scratch; '{found}' does not.")
        fix = _("Use the strategy {known}, or no control.").format(known=CONTROL)
        issues.append(Issue("control_of", message.format(found=spec.strategy), fix))
    if spec.kind == "benefit" and spec.strategy == "from_scratch":
        message = _("Learning from scratch transfers nothing; it is what is compared with.")
        issues.append(Issue("strategy", message, _("Name the strategy that transfers.")))
    if spec.kind == "explain" and not (
        spec.run and spec.aspects and set(spec.aspects) <= {*ASPECTS}
    ):
        message = _("A closer look needs a finished run, and what to look at; got {found}.")
        found = ", ".join((spec.run, *spec.aspects))
        issues.append(
            Issue("aspects", message.format(found=found), use.format(known=", ".join(ASPECTS)))
        )
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
        ("share", spec.share, 0, 1),
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
