"""What was measured: which records know how far the data lie."""

from __future__ import annotations

from dataclasses import replace

from tl_core.measures import Accuracy, Controls, Evidence, Shift, Stage

ACC = Accuracy(0.9, 0.8, 0.95, 100)
EVIDENCE = Evidence(
    dataset="d",
    base="b",
    size=224,
    seed=0,
    n=100,
    classes=2,
    distance="middling",
    shift=None,
    shift_expected=None,
    source_confidence=None,
    leep_per_log_c=None,
    zero_training=None,
    knn=None,
    linear_probe=ACC,
    controls=Controls(),
    stages=(Stage("stem", 10, 1.0),),
    forward_per_second=10.0,
    train_per_second=None,
    seconds=1.0,
)


def test_one_sign_is_enough_to_know_the_distance() -> None:
    assert not EVIDENCE.knows_distance
    assert replace(EVIDENCE, shift=Shift(0.1, 0.1, 0.1)).knows_distance
    assert replace(EVIDENCE, leep_per_log_c=-0.5).knows_distance


def test_the_classifier_of_a_run_is_no_sign_of_distance() -> None:
    assert not replace(EVIDENCE, leep_per_log_c=-0.5, weights="ab").knows_distance
