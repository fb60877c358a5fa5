"""What runs were asked to do, side by side, and what they are called by it."""

from __future__ import annotations

from dataclasses import replace

from tl_core.report.settings import (
    SETTINGS,
    Column,
    differing,
    names,
    results_table,
    settings_table,
    values,
)
from tl_core.spec import RunSpec

SPEC = RunSpec(kind="train", dataset="d", strategy="lora")
ONE = Column("A", SPEC, "lora", "bees", when="today")


def other(letter: str = "B", strategy: str = "lora", **changed: object) -> Column:
    return Column(letter, replace(SPEC, **changed), strategy, "bees", when="later")  # type: ignore[arg-type]


def test_every_setting_has_words() -> None:
    told = values(ONE)
    assert set(told) == set(SETTINGS)
    assert all(told.values())
    assert told["minutes"] == "no limit"
    assert values(other(minutes=2.5))["minutes"] == "2.5"
    assert values(other(patience=0))["patience"] == "never stops early"


def test_what_people_did_on_the_way_is_a_difference() -> None:
    done = [
        {"action": "lower_lr", "epoch": 3, "applied": True},
        {"action": "lower_lr", "epoch": 5, "applied": True},
        {"action": "thaw_next", "epoch": 5, "applied": False},
    ]
    steered = replace(ONE, letter="B", actions=done)
    assert differing([ONE, steered]) == ("actions",)
    assert values(steered)["actions"] == "rate ÷ 10 (×2)"


def test_only_what_differs_or_everything() -> None:
    pair = [ONE, other(seed=1, size=96)]
    assert differing(pair) == ("size", "seed")
    table = settings_table(pair, only_differences=True)
    assert table.to_dict("list") == {
        "setting": ["picture edge, or most tokens", "seed"],
        "A": ["the base's own", "0"],
        "B": ["96", "1"],
    }
    assert len(settings_table(pair, only_differences=False)) == len(SETTINGS)
    assert settings_table([ONE, replace(ONE, letter="B")], only_differences=True).empty


def test_names_say_no_more_than_it_takes() -> None:
    full = other(strategy="full_fine_tune", seed=1)
    assert names([ONE, full]) == ("Parameter-efficient (LoRA)", "Full fine-tuning")
    assert names([ONE, other(seed=1)])[1] == "Parameter-efficient (LoRA), seed 1"
    assert names([ONE, other(epochs=9)]) == (
        "Parameter-efficient (LoRA), the strategy's own",
        "Parameter-efficient (LoRA), at most 9 epochs",
    )
    assert names([ONE, other()])[1] == "Parameter-efficient (LoRA), later"
    elsewhere = replace(other(), dataset="ants")
    assert names([ONE, elsewhere])[1] == "Parameter-efficient (LoRA), ants"


def test_results_leave_open_what_is_not_known() -> None:
    share = {"value": 0.9, "low": 0.8, "high": 0.95, "n": 48}
    ended = replace(
        ONE,
        letter="B",
        best={"epoch": 4, "val_loss": 0.3, "val_accuracy": share},
        finished={"test_accuracy": share, "retention": {"agreement": 0.7}},
        seconds=9.0,
    )
    table = results_table([ONE, ended], {"A": "one", "B": "other"})
    assert list(table["run"]) == ["A  one", "B  other"]
    assert table["right on held-out"][1] == table["right on test"][1] == "90 % (80 to 95)"
    assert table["still agrees with the base"][1] == "70 %"
    assert table.iloc[0, 1:].isna().all()
