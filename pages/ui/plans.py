"""The plan in words, tables and a form: what is recommended, why, and how to choose otherwise."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from pages.ui import drawing, measures, terms, text
from pages.ui.place import Place
from tl_core import wording
from tl_core.advisor import BESIDE, Advice, load_sources, thaw
from tl_core.i18n import N_, _, ngettext
from tl_core.report.strip import State, StripCell, strip_svg
from tl_core.runs.race import DEFAULT_MINUTES, DEFAULT_STRATEGIES
from tl_core.spec import DEFAULT_PATIENCE, STRATEGIES, RunSpec

AUTO = "auto"
STRATEGY_KEY = "plan.strategy"
CONFIDENCE = {
    "high": N_("Several measurements agree."),
    "medium": N_("The measurements point this way, with some doubt."),
    "low": N_("A guess with little behind it; watch the curves."),
}
STRATEGY_HINTS = {
    "linear_probe": N_("The base stays as it is; only a last layer is learned. Quickest."),
    "multi_stage_probe": N_(
        "The base stays as it is; the last layer reads what every stage has found, not only the "
        "end. Almost as quick."
    ),
    "gradual_unfreezing": N_("The last layer first, then stage after stage, only while it pays."),
    "lora": N_(
        "The base's weights stay; small additions beside them learn (adapters). They pay most on "
        "very large models. On a base as small as these they save memory but little time, and no "
        "measurement that we know shows them more accurate: they seldom come first."
    ),
    "full_fine_tune": N_("Everything moves a little. Slowest, and easiest to overdo."),
    "from_scratch": N_("Without the base, as a control: does it help at all?"),
}


KNOWN = {
    "measured": N_("measured on your data"),
    "strong": N_("expected from published results"),
    "mixed": N_("expected from results that vary"),
    "folk": N_("a guess"),
}
"""How well an expected accuracy is known."""
QUOTED = (
    "accuracy",
    "linear_probe",
    "multi_stage_probe",
    "stage_probe",
    "controls",
    "zero_training",
    "shift",
    "own_kind",
    "source_confidence",
    "leep",
)
"""Terms for what reasons and questions quote."""


def chosen() -> str:
    """Return the strategy that the person picked; `auto` where it is left to Thaw."""
    picked = st.session_state.get(STRATEGY_KEY, AUTO)
    return picked if picked in STRATEGIES else AUTO


def form(place: Place) -> RunSpec:
    """Draw the choices that one may make oneself, and return what to run."""
    names = {AUTO: _("As recommended")} | {s: text.strategy(s) for s in STRATEGIES}
    strategy = st.selectbox(
        _("Strategy"), list(names), format_func=names.__getitem__, key=STRATEGY_KEY
    )
    if strategy in STRATEGY_HINTS:
        st.caption(_(STRATEGY_HINTS[strategy]))
    epochs = st.number_input(
        _("At most this many epochs (an epoch is once through your data)"),
        min_value=1,
        max_value=10_000,
        value=None,
        placeholder=_("the strategy's own"),
        key="plan.epochs",
    )
    minutes = st.number_input(
        _("At most this many minutes"),
        min_value=0.1,
        max_value=10_000.0,
        value=None,
        placeholder=_("no limit"),
        key="plan.minutes",
    )
    patience = st.number_input(
        _("Stop after this many epochs without progress (patience; 0 never stops early)"),
        min_value=0,
        max_value=10_000,
        value=DEFAULT_PATIENCE,
        key="plan.patience",
    )
    return replace(
        place.request("train"),
        strategy=strategy,
        epochs=epochs,
        minutes=minutes,
        patience=patience,
    )


def race(place: Place) -> RunSpec:
    """Return what to run where one would rather see the strategies compete than choose."""
    return replace(
        place.request("race"), strategies=DEFAULT_STRATEGIES, minutes=DEFAULT_MINUTES
    )  # fmt: skip


def candidates_table(advice: Advice) -> list[dict[str, str]]:
    """Return one row per strategy, the recommended one first and in bold."""
    rows = []
    for candidate in advice.candidates:
        row = {
            _("Strategy"): text.strategy(candidate.strategy),
            _("Expected accuracy"): wording.percent_interval(candidate.accuracy),
            _("Time"): wording.duration(60 * candidate.minutes),
            _("Of the network trained"): text.escape(
                measures.share_trained(candidate.trainable_share)
            ),
        }
        if candidate.strategy == advice.recommendation.strategy:
            row = {key: f"**{value}**" for key, value in row.items()}
        rows.append(row)
    return rows


def strip(advice: Advice, picked: str = AUTO) -> None:
    """Draw what is to change: of the strategy chosen by hand, else of the recommended one."""
    strategy = advice.recommendation.strategy if picked == AUTO else picked
    stages = advice.evidence.stages
    cut, note = _change(strategy, advice)
    cells = []
    for number, stage in enumerate(stages):
        state: State = "frozen" if number < cut else "thawed"
        is_noted = number >= cut or cut == len(stages)
        is_bare = strategy == "lora" and number == 0  # the first convolution takes no adapter
        told = note if is_noted and not is_bare else ""
        cells.append(StripCell(stage.name, stage.name, state, told, stage.cost))
    cells.append(StripCell("head", _("head"), "head"))
    drawing.draw(strip_svg(cells, alt=_strip_alt(strategy, len(stages) - cut, len(stages))),
                 key="strip")  # fmt: skip


def _change(strategy: str, advice: Advice) -> tuple[int, str]:
    """Return the first stage to thaw, and what to say below stages; all are frozen at the end."""
    everything = len(advice.evidence.stages)
    if strategy == "gradual_unfreezing":
        return thaw.expected_cut(advice.evidence), _("while it pays")
    words = {
        "multi_stage_probe": (everything, _("read")),
        "lora": (everything, _("+ LoRA")),
        "full_fine_tune": (0, ""),
        "from_scratch": (0, _("anew")),
    }
    return words.get(strategy, (everything, ""))


def _strip_alt(strategy: str, thawed: int, stages: int) -> str:
    if strategy == "multi_stage_probe":
        return _("All stages stay frozen; the head is learned, and reads every one of them.")
    if strategy == "lora":
        return _(
            "All stages stay frozen; small additions beside their weights learn, and the head."
        )
    if strategy == "from_scratch":
        return _("All stages are learned anew, without what the base knows.")
    if not thawed:
        return _("All stages stay frozen; only the head is learned.")
    return ngettext(
        "Of {all} stages the last {n} is to thaw.",
        "Of {all} stages the last {n} are to thaw.",
        thawed,
    ).format(all=stages, n=thawed)


def compared(advice: Advice) -> None:
    """Say how the runner-up compares, and what else is worth doing."""
    st.caption(text.escape(advice.comparison), help=terms.told("frontier"))
    if advice.recommendation.also:
        st.write(_(BESIDE[advice.recommendation.also]))


def basis_table(advice: Advice) -> list[dict[str, str]]:
    """Return what learns under each strategy, and what its expected accuracy rests on."""
    by_id = {candidate.strategy: candidate for candidate in advice.candidates}
    rows = []
    for strategy in STRATEGIES:
        found = by_id[strategy]
        source = load_sources()[found.source].citation if found.source else ""
        rows.append(
            {
                _("Strategy"): text.strategy(strategy),
                _("Parameters that learn"): wording.count(found.trainable_parameters),
                _("The accuracy is"): _(KNOWN[found.known]),
                _("Resting on"): text.escape(source) or "–",
            }
        )
    return rows


def why(advice: Advice) -> None:
    """Say what the recommendation rests on, what the rule of thumb says, what would change it."""
    told = advice.recommendation
    st.markdown("\n".join(f"- {_reason(r.text, r.citation)}" for r in told.reasons))
    st.markdown(
        _("**Rule of thumb.** {text} Measurements may overrule it.").format(
            text=text.escape(_sentence(advice.prior.text))
        )
    )
    st.markdown(_("**What would change this:**"))
    st.markdown("\n".join(f"- {text.escape(line)}" for line in told.what_would_change))
    st.caption(_(CONFIDENCE[told.confidence]))


def _reason(words: str, citation: str) -> str:
    cited = f" :small[:gray[{text.escape(citation)}]]" if citation else ""
    return text.escape(words) + cited


def _sentence(words: str) -> str:
    return f"{text.begun(words)}{'' if words.endswith('.') else '.'}"


def resolved(spec: RunSpec, advice: Advice | None) -> RunSpec:
    """Return `spec` with the strategy that `auto` stands for, for showing the command."""
    if spec.strategy == AUTO and advice is not None:
        return replace(spec, strategy=advice.recommendation.strategy)
    return spec
