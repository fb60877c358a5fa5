"""What a record says of the choice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.dossier.conftest import Ended
from tests.pages.handmade import evidence_of
from tl_core.data import measured
from tl_core.dossier import about_plan
from tl_core.report.card import Facts, Points, Table, Text
from tl_core.spec import DEFAULT_VAL_FRACTION

ACCURACY = {"value": 0.9, "low": 0.85, "high": 0.95}
ADVICE: dict[str, Any] = {
    "answer": "Train small matrices.",
    "recommendation": {
        "strategy": "lora",
        "blocked": False,
        "reasons": [
            {"rule": "few", "text": "There are few.", "citation": "Hu et al."},
            {"rule": "far", "text": "They are far.", "outweighed": True},
        ],
        "what_would_change": ["With 1,000 examples: everything."],
    },
    "candidates": [
        {"strategy": "lora", "accuracy": ACCURACY, "minutes": 2.0},
        {"strategy": "linear_probe", "accuracy": ACCURACY, "minutes": 1.0},
    ],
}


def test_the_base_comes_with_licence_and_hash(ended: Callable[..., Ended]) -> None:
    (facts,) = about_plan.base(ended().run)
    assert isinstance(facts, Facts)
    told = dict(facts.rows)
    assert told["licence of the weights"] == "Apache-2.0"
    assert len(told["SHA-256 of the weights"]) == 64


def test_a_control_is_said_to_inherit_nothing(ended: Callable[..., Ended]) -> None:
    blocks = about_plan.base(ended(strategy="from_scratch").run)
    assert "none of its weights" in blocks[-1].text  # type: ignore[union-attr]


def test_evidence_is_told_where_there_is_any(ended: Callable[..., Ended]) -> None:
    made = ended()
    (nothing,) = about_plan.evidence(made.run, made.dataset)
    assert "not measured" in nothing.text  # type: ignore[union-attr]
    measured.write_evidence(
        made.dataset, evidence_of(made.dataset), val_fraction=DEFAULT_VAL_FRACTION
    )
    distance, table = about_plan.evidence(made.run, made.dataset)
    assert isinstance(distance, Text)
    assert isinstance(table, Table)
    assert table.rows[0][1] == "80 % (75 to 84)"


def test_advice_is_told_as_it_was_given(ended: Callable[..., Ended]) -> None:
    told = about_plan.advice(ended(("plan", {"strategy": "lora", "advice": ADVICE})).run)
    answer, reasons, table, _change, changes = told
    assert answer == Text("Train small matrices.")
    assert reasons == Points(("There are few. Source: Hu et al.", "They are far. (outweighed)"))
    assert isinstance(table, Table)
    assert [row[-1] for row in table.rows] == ["chosen", ""]
    assert changes == Points(("With 1,000 examples: everything.",))


def test_without_advice_a_person_chose(ended: Callable[..., Ended]) -> None:
    assert about_plan.advice(ended().run)[0] == Text("A person chose: Parameter-efficient (LoRA).")


def test_a_promise_is_held_against_the_result(ended: Callable[..., Ended]) -> None:
    assert "Nothing was foretold" in about_plan.promise(ended().run)[0].text  # type: ignore[union-attr]
    plan = ("plan", {"strategy": "lora", "advice": ADVICE})
    (told,) = about_plan.promise(ended(plan).run)
    assert "85 to 95 %" in told.text  # type: ignore[union-attr]


def test_an_accuracy_may_be_missing() -> None:
    assert about_plan.share_of(None) is None
    assert about_plan.share_of(ACCURACY | {"n": 4}).n == 4  # type: ignore[union-attr]


def test_a_base_that_is_gone_is_said_to_be(ended: Callable[..., Ended], monkeypatch: Any) -> None:
    run = ended().run
    monkeypatch.setattr(about_plan, "find_base", lambda _run: None)
    assert "not on this computer" in about_plan.base(run)[0].text  # type: ignore[union-attr]
