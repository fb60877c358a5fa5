"""Who is better: paired tests, a ranking, who stays in a race, and the verdict."""

from __future__ import annotations

from math import comb
from pathlib import Path

import numpy as np
import pytest

from tl_core.engine import compare
from tl_core.engine.compare import Entry, Standing
from tl_core.spec import STRATEGIES, Accuracy

N = 200


def rights(wrong: int, shift: int = 0) -> compare.Rights:
    """Return which of 200 examples are right: all but `wrong` from `shift` on."""
    found = np.ones(N, bool)
    found[shift : shift + wrong] = False
    return found


def entry(strategy: str, wrong: int, shift: int = 0, loss: float = 0.5) -> Entry:
    return Entry(strategy, rights(wrong, shift), loss, 60.0)


def standing(strategy: str, value: float, p: float | None) -> Standing:
    return Standing(strategy, Accuracy(value, value - 0.05, value + 0.04, N), p, 90.0)


def test_mcnemar_is_the_exact_binomial_test() -> None:
    a, b = rights(2, 0), rights(10, 50)
    exact = 2 * sum(comb(12, k) for k in range(3)) / 2**12
    assert compare.mcnemar_p(a, b) == pytest.approx(exact)
    assert compare.mcnemar_p(b, a) == pytest.approx(exact)


def test_equal_answers_and_equal_numbers_of_errors_tell_nothing() -> None:
    assert compare.mcnemar_p(rights(10), rights(10)) == 1.0
    assert compare.mcnemar_p(rights(10), rights(10, 50)) == 1.0


def test_holm_by_hand() -> None:
    assert compare.holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert compare.holm([]) == []


def test_the_ranking_is_by_accuracy_then_loss_and_tests_against_the_first() -> None:
    ranked = compare.rank(
        [
            entry("full_fine_tune", 10, loss=0.4),
            entry("lora", 60, shift=100),
            entry("linear_probe", 10, loss=0.3),
        ]
    )
    assert [one.strategy for one in ranked] == ["linear_probe", "full_fine_tune", "lora"]
    assert ranked[0].p_vs_best is None
    assert ranked[1].p_vs_best == 1.0
    assert ranked[2].is_told_apart
    assert ranked[0].accuracy.value == 0.95
    assert ranked[0].accuracy.n == N
    assert compare.rank([]) == ()


def losses(mean: float, seed: int = 0) -> list[float]:
    """Return losses that vary from example to example, around a mean."""
    noise = np.random.default_rng(seed).normal(0, 0.1, N)
    return (mean + noise - noise.mean()).tolist()


def test_the_better_half_stays() -> None:
    raced = {"linear_probe": 0.9, "lora": 0.2, "full_fine_tune": 0.3, "gradual_unfreezing": 0.7}
    told = {name: losses(mean, seed) for seed, (name, mean) in enumerate(raced.items())}
    assert compare.surviving(told) == ("lora", "full_fine_tune")


def test_who_cannot_be_told_from_the_half_stays_too() -> None:
    raced = {"linear_probe": 0.301, "lora": 0.2, "full_fine_tune": 0.3, "multi_stage_probe": 0.9}
    told = {name: losses(mean, seed) for seed, (name, mean) in enumerate(raced.items())}
    assert compare.surviving(told) == ("linear_probe", "lora", "full_fine_tune")


def test_the_control_takes_nobody_s_place() -> None:
    told = {"from_scratch": losses(0.1, 1), "linear_probe": losses(0.5, 2), "lora": losses(0.7, 3)}
    assert compare.surviving(told) == ("from_scratch", "linear_probe")
    told["from_scratch"] = losses(0.9, 1)
    assert compare.surviving(told) == ("linear_probe",)


def test_a_clear_winner_is_called() -> None:
    said = compare.verdict(
        [standing("full_fine_tune", 0.93, None), standing("linear_probe", 0.8, 0.002)]
    )
    assert said.startswith("Full fine-tuning does best. It is right on 93 % (88 to 97)")
    assert "p at most 0.0020" in said
    assert "Too close" not in said


def test_what_no_test_tells_apart_is_too_close_to_call() -> None:
    said = compare.verdict(
        [
            standing("full_fine_tune", 0.93, None),
            standing("linear_probe", 0.92, 0.8),
            standing("lora", 0.7, 0.0001),
        ]
    )
    assert said.startswith("Too close to call: Full fine-tuning and Feature extraction. They")
    assert "93 % and 92 % of the 200 validation examples" in said
    assert "Feature extraction changes the base least and took 90 s" in said
    assert "Clearly behind: Parameter-efficient (LoRA)." in said


def test_the_control_says_whether_the_base_helps() -> None:
    alone = [standing("from_scratch", 0.93, None), standing("linear_probe", 0.8, 0.002)]
    assert "negative transfer" in compare.verdict(alone)
    level = [standing("from_scratch", 0.93, None), standing("linear_probe", 0.92, 0.5)]
    said = compare.verdict(level)
    assert "may not help" in said
    assert "Feature extraction changes the base least" in said


def test_one_result_or_none() -> None:
    assert "Only Feature extraction" in compare.verdict([standing("linear_probe", 0.9, None)])
    assert compare.verdict([]) == "No strategy came to a result."


def test_every_strategy_can_be_level() -> None:
    first, *rest = STRATEGIES
    told = [standing(first, 0.9, None), *(standing(name, 0.9, 1.0) for name in rest)]
    assert compare.verdict(told).count(" and ") >= 2
    assert compare.listed(["a", "b", "c"]) == "a, b and c"
    assert compare.listed(["a"]) == "a"


def written(folder: Path, *rows: str) -> Path:
    path = folder / compare.PREDICTIONS_FILE
    path.parent.mkdir(parents=True)
    path.write_text("\n".join(["key,name,label,predicted,probability", *rows]) + "\n")
    return folder


def test_rights_are_read_from_what_a_run_has_written(tmp_path: Path) -> None:
    written(tmp_path, 'a,"x,y.png",cat,cat,0.9', "b,z,cat,dog,0.6")
    assert compare.read_rights(tmp_path).tolist() == [True, False]


def test_two_runs_are_compared_on_the_same_examples_only(tmp_path: Path) -> None:
    first = written(tmp_path / "a", "a,x,cat,cat,0.9", "b,z,cat,dog,0.6")
    second = written(tmp_path / "b", "a,x,cat,cat,0.7", "b,z,cat,cat,0.6")
    others = written(tmp_path / "c", "b,z,cat,cat,0.6", "a,x,cat,cat,0.7")
    found = compare.read_paired(first, second)
    assert found is not None
    assert (found.only_first, found.only_second, found.p) == (0, 1, 1.0)
    assert compare.read_paired(first, others) is None


def test_a_pair_by_its_numbers() -> None:
    found = compare.paired(rights(2, 0), rights(12, 50))
    assert (found.first.value, found.second.value) == (0.99, 0.94)
    assert (found.only_first, found.only_second) == (12, 2)
    assert found.difference == pytest.approx(0.05)
    assert 0 < found.low < found.difference < found.high < 0.1
    assert found.p == compare.mcnemar_p(rights(12, 50), rights(2, 0)) < compare.ALPHA
