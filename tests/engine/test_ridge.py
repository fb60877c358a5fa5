"""The closed form against refitting by hand: every fold, every shape, and scikit-learn."""

from __future__ import annotations

import pytest
import torch

from tl_core.engine import ridge

SHAPES = {"wide": (24, 60), "long": (80, 12), "square": (30, 30)}
CLASSES = 3


def task(n: int, d: int) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(n + d)
    labels = torch.arange(n) % CLASSES
    centres = torch.randn(CLASSES, d)
    return ridge.standardised(centres[labels] + 2 * torch.randn(n, d)), labels


def refitted(
    x: torch.Tensor, labels: torch.Tensor, rows: torch.Tensor, penalty: float
) -> torch.Tensor:
    """Return scores of `rows` by a fit without them; the mean of all labels stays."""
    x = x.double() / x.shape[1] ** 0.5
    onehot = torch.nn.functional.one_hot(labels, CLASSES).double()
    share = onehot.mean(0)
    rest = torch.ones(len(x), dtype=torch.bool)
    rest[rows] = False
    inner = x[rest].T @ x[rest] + penalty * torch.eye(x.shape[1], dtype=torch.double)
    weights = torch.linalg.solve(inner, x[rest].T @ (onehot - share)[rest])
    return x[rows] @ weights + share


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("penalty", [0.1, 10.0])
def test_leaving_one_out_is_refitting_without_it(shape: str, penalty: float) -> None:
    x, labels = task(*SHAPES[shape])
    found = ridge.fit(x, labels, CLASSES, penalties=(penalty,))
    expected = [refitted(x, labels, torch.tensor([row]), penalty) for row in range(len(x))]
    torch.testing.assert_close(found.scores.double(), torch.cat(expected), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("penalty", [0.1, 10.0])
def test_leaving_a_fold_out_is_refitting_without_it(shape: str, penalty: float) -> None:
    x, labels = task(*SHAPES[shape])
    folds = torch.randperm(len(x)).chunk(4)
    found = ridge.fit(x, labels, CLASSES, folds, penalties=(penalty,))
    for fold in folds:
        expected = refitted(x, labels, fold, penalty)
        torch.testing.assert_close(
            found.scores[fold].double(), expected, rtol=1e-4, atol=1e-5
        )  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_weights_are_those_of_scikit_learn(shape: str) -> None:
    from sklearn.linear_model import Ridge

    x, labels = task(*SHAPES[shape])
    found = ridge.fit(x, labels, CLASSES, penalties=(2.0,))
    onehot = torch.nn.functional.one_hot(labels, CLASSES).double().numpy()
    theirs = Ridge(alpha=2.0 * x.shape[1]).fit(x.double().numpy(), onehot)
    torch.testing.assert_close(
        found.weights, torch.tensor(theirs.coef_).float(), atol=1e-5, rtol=1e-3
    )
    torch.testing.assert_close(
        found.bias, torch.tensor(theirs.intercept_).float(), atol=1e-5, rtol=1e-3
    )


def test_the_penalty_kept_has_the_smallest_held_out_error() -> None:
    x, labels = task(*SHAPES["wide"])
    onehot = torch.nn.functional.one_hot(labels, CLASSES)

    def error(penalty: float) -> float:
        scores = ridge.fit(x, labels, CLASSES, penalties=(penalty,)).scores
        return float((scores - onehot).square().mean())

    found = ridge.fit(x, labels, CLASSES)
    assert found.penalty == min(ridge.PENALTIES, key=error)
    assert torch.equal(found.predicted, found.scores.argmax(1))


def test_noise_is_held_down_and_clear_classes_are_found() -> None:
    torch.manual_seed(0)
    labels = torch.arange(60) % CLASSES
    noise = ridge.fit(ridge.standardised(torch.randn(60, 40)), labels, CLASSES)
    assert noise.penalty >= 10
    clear = torch.nn.functional.one_hot(labels, 40).float() * 5 + torch.randn(60, 40) / 10
    found = ridge.fit(ridge.standardised(clear), labels, CLASSES)
    assert torch.equal(found.predicted, labels)
    assert found.penalty < noise.penalty


def test_constant_columns_carry_nothing() -> None:
    x = torch.randn(20, 5)
    x[:, 2] = 0.3
    standard = ridge.standardised(x)
    assert standard[:, 2].abs().max() < 1e-6
    torch.testing.assert_close(standard.std(0, correction=0)[0], torch.tensor(1.0))
    found = ridge.fit(standard, torch.arange(20) % 2, 2)
    assert torch.isfinite(found.scores).all()
    assert found.weights[:, 2].abs().max() < 1e-6


def test_the_temperature_makes_held_out_scores_probable() -> None:
    torch.manual_seed(0)
    labels = torch.arange(400) % 2
    logits = torch.randn(400, 2)
    flip = torch.rand(400) < logits.softmax(1)[torch.arange(400), labels]
    truth = torch.where(flip, labels, 1 - labels)  # drawn with just these probabilities

    def loss(factor: float) -> float:
        return float(torch.nn.functional.cross_entropy(logits / 8 * factor, truth))

    found = ridge.temperature(logits / 8, truth)
    assert found in ridge.TEMPERATURES
    assert all(loss(found) <= loss(factor) for factor in ridge.TEMPERATURES)
    assert found in (4.0, 8.0, 16.0)
    certain = torch.nn.functional.one_hot(labels, 2).float()
    assert ridge.temperature(certain, labels) >= 16


def test_several_divisions_at_once_are_each_fitted_as_alone_at_the_firsts_penalty() -> None:
    x, labels = task(24, 60)
    divided = [[torch.arange(start, 24, 4) for start in range(4)], None]
    found = ridge.fit_each(x, labels, CLASSES, divided)
    assert found[0].penalty == ridge.fit(x, labels, CLASSES, divided[0]).penalty
    for held_out, together in zip(divided, found, strict=True):
        alone = ridge.fit(x, labels, CLASSES, held_out, penalties=(found[0].penalty,))
        torch.testing.assert_close(together.scores, alone.scores)
        torch.testing.assert_close(together.weights, alone.weights)
    assert not torch.equal(found[0].scores, found[1].scores)
