"""Confusion: counts, what each class comes to, pairs, and single mistakes."""

from __future__ import annotations

import pytest
from sklearn.metrics import confusion_matrix, precision_score, recall_score

from tests.analysis.handmade import answers_of
from tl_core.analysis import mistakes
from tl_core.shares import wilson

PAIRS = [(0, 0)] * 5 + [(0, 1)] * 2 + [(1, 1)] * 3 + [(1, 0)] + [(2, 1)] * 2
SURE = [0.9] * 5 + [0.6, 0.8] + [0.7] * 3 + [0.95] + [0.5, 0.55]


def test_the_matrix_is_that_of_scikit_learn() -> None:
    found = answers_of(PAIRS)
    expected = confusion_matrix(found.labels, found.given, labels=[0, 1, 2])
    assert mistakes.matrix(found).tolist() == expected.tolist()


def test_each_class_has_its_shares_with_intervals() -> None:
    found = answers_of(PAIRS)
    scores = mistakes.by_class(found)
    recalls = recall_score(found.labels, found.given, average=None)
    assert [s.recall.value for s in scores if s.recall] == pytest.approx(recalls.tolist())
    precisions = precision_score(found.labels, found.given, labels=[0, 1], average=None)
    told = [s.precision.value for s in scores if s.precision]
    assert told == pytest.approx(precisions.tolist())
    assert scores[2].precision is None, "nothing was taken for a wasp"
    assert scores[2].recall == wilson(0, 2)
    assert scores[0].recall == wilson(5 / 7, 7)


def test_pairs_are_told_the_commonest_first() -> None:
    pairs = mistakes.mixed_up(answers_of(PAIRS))
    told = [(p.label, p.given, p.count, p.of) for p in pairs]
    # Of equally common ones the larger share of its class comes first.
    assert told == [(2, 1, 2, 2), (0, 1, 2, 7), (1, 0, 1, 4)]
    assert mistakes.mixed_up(answers_of([(0, 0), (1, 1)])) == ()


def test_the_surest_mistakes_come_first() -> None:
    found = answers_of(PAIRS, SURE)
    places = mistakes.worst(found)
    assert found.sure[places] == pytest.approx([0.95, 0.8, 0.6, 0.55, 0.5])
    assert not found.is_right[places].any()


def test_a_cell_holds_its_examples() -> None:
    found = answers_of(PAIRS, SURE)
    assert mistakes.cell(found, 0, 1) == [6, 5]
    assert mistakes.cell(found, 2, 2) == []
    assert mistakes.cell(found, 0, None)[-2:] == [6, 5]
    assert len(mistakes.cell(found, None, None)) == len(PAIRS)
