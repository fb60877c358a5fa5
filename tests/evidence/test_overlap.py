"""LEEP and its classifier against a direct computation."""

from __future__ import annotations

import math

import pytest
import torch

from tl_core.evidence.overlap import overlap


def test_leep_agrees_with_its_definition() -> None:
    torch.manual_seed(0)
    logits, labels = torch.randn(20, 6), torch.arange(20) % 3
    theta = logits.double().softmax(1)
    joint = torch.stack([theta[labels == y].sum(0) / 20 for y in range(3)])
    given = joint / joint.sum(0)
    leep = sum(math.log(float(given[labels[i]] @ theta[i])) for i in range(20)) / 20
    assert overlap(logits, labels, 3).leep_per_log_c == pytest.approx(leep / math.log(3), abs=1e-4)


def test_the_free_classifier_leaves_each_example_out() -> None:
    torch.manual_seed(1)
    logits, labels = torch.randn(12, 4) * 3, torch.arange(12) % 2
    theta = logits.double().softmax(1)
    right = 0
    for i in range(12):
        others = [j for j in range(12) if j != i]
        joint = torch.stack(
            [sum((theta[j] for j in others if labels[j] == y), torch.zeros(4)) for y in range(2)]
        )
        votes = (joint / joint.sum(0)) @ theta[i]
        right += int(votes.argmax() == labels[i])
    assert overlap(logits, labels, 2).zero_training.value == pytest.approx(right / 12, abs=1e-4)


def test_a_source_class_of_its_own_for_each_class_solves_the_task() -> None:
    labels = torch.arange(30) % 3
    logits = torch.nn.functional.one_hot(labels, 5).float() * 20
    found = overlap(logits, labels, 3)
    assert found.zero_training.value == 1
    assert found.leep_per_log_c == pytest.approx(0, abs=1e-3)
    assert found.source_confidence == pytest.approx(1, abs=1e-3)
    assert found.source_entropy == pytest.approx(0, abs=1e-3)


def test_a_classifier_that_says_the_same_to_all_tells_nothing() -> None:
    labels = torch.arange(30) % 3
    found = overlap(torch.zeros(30, 5), labels, 3)
    assert found.leep_per_log_c == pytest.approx(-1, abs=1e-3)
    assert found.source_confidence == pytest.approx(0.2, abs=1e-4)
    assert found.source_entropy == pytest.approx(1, abs=1e-4)


def test_answers_of_one_kind_are_told_from_answers_of_many() -> None:
    labels = torch.arange(32) % 2
    narrow = torch.nn.functional.one_hot(labels, 8).float() * 20
    wide = torch.nn.functional.one_hot(torch.arange(32) % 8, 8).float() * 20
    assert overlap(narrow, labels, 2).source_spread == pytest.approx(1 / 3, abs=1e-3)
    assert overlap(wide, labels, 2).source_spread == pytest.approx(1, abs=1e-3)
