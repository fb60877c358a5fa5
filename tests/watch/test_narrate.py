"""The narrator: one sentence for every status and every moment, held word for word."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from tl_core.spec import RunSpec
from tl_core.watch.narrate import narrate, status_line

Make = Callable[..., Any]
VAL = [2.3, 1.2, 0.8, 0.62, 0.53, 0.5]
ACCURACY = [0.12, 0.67, 0.8, 0.86, 0.9, 0.91]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"status": "queued", "waiting": True},
            "It waits for its turn behind another job and starts by itself.",
        ),
        ({"status": "queued"}, "It is about to start."),
        ({}, "It is getting ready: the base model is being loaded."),
        (
            {
                "phase": "prepare",
                "what": "Reading your pictures",
                "progress": {"what": "pictures read", "done": 120, "total": 1437},
            },
            "Reading your pictures: 120 of 1,437 pictures read.",
        ),
        ({"phase": "probe", "what": "Testing the base"}, "Testing the base."),
        ({"status": "paused"}, "It is paused; nothing is lost."),
        ({"status": "stopping"}, "It is stopping."),
        ({"status": "stopped"}, "You stopped it before there was a result."),
        (
            {"status": "interrupted"},
            "It was interrupted before the first epoch; you can resume it.",
        ),
        (
            {"status": "failed", "error": {"message": "The disk is full.", "fix": "Free space."}},
            "The disk is full. Free space.",
        ),
        ({"status": "failed"}, "It could not go on."),
        ({"status": "finished"}, "It is finished, without a result."),
        ({"status": "finished", "spec": RunSpec(kind="import")}, "Your data are in."),
        ({"status": "finished", "spec": RunSpec(kind="evidence")}, "Your data are measured."),
        (
            {"status": "finished", "spec": RunSpec(kind="pilot")},
            "The short trial thaw has ended; the plan uses what it showed.",
        ),
    ],
)
def test_before_there_are_epochs(state: Make, changes: dict[str, Any], sentence: str) -> None:
    assert narrate(state(**changes)) == sentence


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("leak", "also from examples that judge it, so that what it gets will flatter (a leak)."),
        ("domain_mismatch", "far from what the base knows (domain mismatch)."),
        ("negative_transfer", "though the base may not help here (negative transfer)."),
    ],
)
def test_what_the_evidence_warned_of_is_said_at_the_start(
    state: Make, epochs: Make, kind: str, words: str
) -> None:
    alert = {"epoch": 0, "kind": kind, "text": "…"}
    told = narrate(state(epochs=epochs([2.3], accuracy=[0.12]), alerts=[alert]))
    assert told.startswith("Before any training it is right on 12 %")
    assert told.endswith(words)


@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        (
            1,
            "Before any training it is right on 12 % of the validation examples (7 to 16); "
            "it begins to learn now.",
        ),
        (
            2,
            "It is learning: after 1 epoch it is right on 67 % of the validation examples "
            "(62 to 71), before training on 12.",
        ),
        (
            3,
            "It is learning: after 2 epochs it is right on 80 % of the validation examples "
            "(75 to 84), before training on 12.",
        ),
        (
            6,
            "It is still getting better: after epoch 5 it is right on 91 % of the validation "
            "examples (86 to 95).",
        ),
    ],
)
def test_learning(state: Make, epochs: Make, count: int, sentence: str) -> None:
    told = epochs(VAL[:count], accuracy=ACCURACY[:count])

    assert narrate(state(epochs=told)) == sentence


def test_the_usual_ups_and_downs_are_no_news(state: Make, epochs: Make) -> None:
    told = epochs([*VAL, 0.52, 0.51])

    assert narrate(state(epochs=told)) == (
        "It is still learning: epoch 5 is the best so far, right on 90 % of the validation "
        "examples (85 to 94)."
    )


def test_flat(state: Make, epochs: Make) -> None:
    told = epochs([*VAL, 0.51, 0.505, 0.51, 0.505])

    assert narrate(state(epochs=told)) == (
        "It has not become better since epoch 5, which is right on 90 % of the validation "
        "examples (85 to 94); it is not getting worse either."
    )


@pytest.mark.parametrize("waited", [1, 4])
def test_more_right_answers_at_a_higher_loss_are_told_as_both(
    state: Make, epochs: Make, waited: int
) -> None:
    told = epochs([*VAL, *[0.51] * waited])
    told[-1]["val_accuracy"] = 0.93

    assert narrate(state(epochs=told)) == (
        "It is right more often now, on 93 %, but its loss has not fallen since epoch 5, which is "
        "still the best and right on 90 % of the validation examples (85 to 94)."
    )


def test_a_rise_within_chance_is_told_as_such(state: Make, epochs: Make) -> None:
    told = epochs([*VAL, 0.52, 0.51, 0.53, 0.54])

    assert narrate(state(epochs=told)) == (
        "It has not become better since epoch 5, which is right on 90 % of the validation "
        "examples (85 to 94); it seems to get worse, but that may still be chance."
    )


def test_an_alert_from_before_the_best_is_history(state: Make, epochs: Make) -> None:
    alert = {"epoch": 3, "kind": "overfitting", "text": "…"}

    assert narrate(state(epochs=epochs(VAL), alerts=[alert])).startswith("It is still getting")


def test_trouble_comes_before_all_else(state: Make, epochs: Make) -> None:
    run = state(epochs=epochs([*VAL, 0.6, 0.8, 1.1]), thaws=[{"epoch": 8, "stage": "7"}])

    assert narrate(run).startswith("The learning rate is too high: since epoch 5 even")


def test_a_fresh_thaw_is_given_time(state: Make, epochs: Make) -> None:
    told = epochs(VAL)

    one = narrate(state(epochs=told, thaws=[{"epoch": 5, "stage": "7"}]))
    whole = narrate(state(epochs=told, thaws=[{"epoch": 5, "stage": "all"}]))
    past = narrate(state(epochs=told, thaws=[{"epoch": 4, "stage": "7"}]))

    assert one == (
        "Stage 7 has just been thawed, after epoch 5; a few epochs will show whether it gets "
        "beyond epoch 5, right on 90 % of the validation examples (85 to 94)."
    )
    assert whole == (
        "The whole network learns along since epoch 5; a few epochs will show whether it gets "
        "beyond epoch 5, right on 90 % of the validation examples (85 to 94)."
    )
    assert past.startswith("It is still getting better")


def test_the_first_epochs_after_a_thaw_warm_up(state: Make, epochs: Make) -> None:
    told = epochs([*VAL, 0.7])

    assert narrate(state(epochs=told, thaws=[{"epoch": 5, "stage": "7"}])) == (
        "It is warming up: what has thawed after epoch 5 gets larger steps only little by little. "
        "The best is still epoch 5, right on 90 % of the validation examples (85 to 94)."
    )
    later = narrate(state(epochs=told, thaws=[{"epoch": 4, "stage": "7"}]))
    assert later.startswith("It is still learning: epoch 5 is the best so far")


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("paused", "It is paused after epoch 5; nothing is lost."),
        ("stopping", "It is stopping and keeps the best, epoch 5."),
        (
            "stopped",
            "You stopped it; the best, epoch 5, is kept and is right on 91 % of the validation "
            "examples (86 to 95).",
        ),
        (
            "interrupted",
            "It was interrupted; everything up to epoch 5 is kept, and you can resume it.",
        ),
    ],
)
def test_not_running(state: Make, epochs: Make, status: str, sentence: str) -> None:
    told = epochs(VAL, accuracy=ACCURACY)

    assert narrate(state(status=status, epochs=told)) == sentence


@pytest.mark.parametrize(
    ("stop_reason", "why"),
    [
        ("patience", " It stopped early because nothing had improved for 2 epochs."),
        ("epochs", " It ended because all 7 epochs are done."),
        ("time", " It ended because its time was up."),
        ("no_gain", " It ended because thawing more did not pay and was undone."),
        ("converged", " It ended because the new last layer had learned all it can."),
        (
            "nan",
            " It stopped early because in epoch 8 the loss was no longer a number, after epoch 7 "
            "it was 0.53; epoch 5 is kept.",
        ),
        ("done", ""),
    ],
)
def test_finished(state: Make, epochs: Make, stop_reason: str, why: str) -> None:
    told = epochs([*VAL, 0.52, 0.53], accuracy=[*ACCURACY, 0.9, 0.9])
    run = state(status="finished", stop_reason=stop_reason, epochs=told, finished={})

    assert narrate(run) == "It is right on 91 % of the validation examples (86 to 95)." + why


def test_there_is_a_sentence_for_every_moment(state: Make, epochs: Make) -> None:
    statuses = (
        "queued", "running", "paused", "stopping", "stopped", "failed", "interrupted", "finished",
    )  # fmt: skip
    reasons = (None, "patience", "epochs", "time", "no_gain", "converged", "person", "done")
    for status, reason, count in itertools.product(statuses, reasons, range(7)):
        run = state(status=status, stop_reason=reason, epochs=epochs(VAL[:count]))
        for text in (narrate(run), status_line(run)):
            assert "{" not in text
            assert "None" not in text
            assert "!" not in text
        assert narrate(run).endswith(".")


def test_status_line_while_running(state: Make, epochs: Make) -> None:
    told = epochs([*VAL, 0.51, 0.52, 0.53, 0.54], accuracy=[*ACCURACY, 0.9, 0.9, 0.9, 0.9])

    assert status_line(state(epochs=told)) == (
        "epoch 9 of at most 20 · best 0.91 (0.86 to 0.95) at epoch 5 · "
        "4 of 6 epochs of patience used · 3 minutes so far · about 50 s left"
    )
    told[-1]["examples_per_second"] = 123.4
    assert status_line(state(epochs=told)).endswith("about 50 s left · 123 examples a second")


def test_status_line_at_the_end(state: Make, epochs: Make) -> None:
    run = state(status="finished", epochs=epochs(VAL, accuracy=ACCURACY))

    assert status_line(run) == (
        "epoch 5 of at most 20 · best 0.91 (0.86 to 0.95) at epoch 5 · took 3 minutes"
    )


def test_status_line_says_only_what_is_known(state: Make, epochs: Make) -> None:
    (told,) = epochs([2.3], accuracy=[0.12])
    bare = told | {"epochs_max": None, "patience": 0, "eta_seconds": None}

    assert status_line(state()) == ""
    assert (
        status_line(state(epochs=[bare], seconds=0.0))
        == "epoch 0 · best 0.12 (0.07 to 0.16) at epoch 0"
    )
    progress = {"what": "pictures read", "done": 3, "total": 9}
    assert status_line(state(phase="prepare", progress=progress)) == "3 of 9 pictures read"
