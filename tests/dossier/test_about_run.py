"""What a record says of the run."""

from __future__ import annotations

import shlex
from collections.abc import Callable

from tests.dossier.conftest import Ended
from tl_core.dossier import about_run
from tl_core.report.card import Code, Drawing, Facts, Points, Table, Text


def test_the_result_is_told_with_interval_and_per_class(ended: Callable[..., Ended]) -> None:
    test = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 90}
    blocks = about_run.result(ended(test_accuracy=test).run)
    facts, table = blocks[0], blocks[-1]
    assert isinstance(facts, Facts)
    assert isinstance(table, Table)
    assert dict(facts.rows)["right on test examples, used once"] == "50 % (40 to 60), n = 90"
    assert table.rows == (("dark", "2", "1", "1"),)


def test_curves_are_drawn_and_listed(ended: Callable[..., Ended]) -> None:
    loss, accuracy, table = about_run.curves(ended().run)
    assert isinstance(loss, Drawing)
    assert isinstance(accuracy, Drawing)
    assert isinstance(table, Table)
    assert len(table.rows) == 4


def test_alarms_and_decisions_are_told(ended: Callable[..., Ended]) -> None:
    assert isinstance(about_run.decisions(ended().run)[0], Text)
    alarm = ("alert", {"epoch": 2, "kind": "plateau", "text": "It no longer gets better."})
    (told,) = about_run.decisions(ended(alarm).run)
    assert told == Points(("Epoch 2, alarm: It no longer gets better.",))


def test_limits_follow_from_what_is_known(ended: Callable[..., Ended]) -> None:
    made = ended()
    (told,) = about_run.limits(made.run, made.dataset)
    assert isinstance(told, Points)
    said = " ".join(told.items)
    assert "2 classes" in said
    assert "48 validation examples only" in said
    assert "no test part" in said
    tested = ended(test_accuracy={"value": 0.5, "low": 0.4, "high": 0.6, "n": 90}).run
    assert "no test part" not in " ".join(about_run.limits(tested, None)[0].items)  # type: ignore[union-attr]


def test_versions_and_hashes_name_exactly_what_it_was(ended: Callable[..., Ended]) -> None:
    made = ended(precision="bf16")
    (facts,) = about_run.versions(made.run, made.dataset)
    assert isinstance(facts, Facts)
    told = dict(facts.rows)
    assert (told["torch"], told["number format"]) == ("2.14.1", "bf16")
    assert told["SHA-256 of the data and their split"] == made.dataset.fingerprint
    assert len(told["SHA-256 of what was learned"]) == 64


def test_the_commands_repeat_the_run(ended: Callable[..., Ended]) -> None:
    run = ended().run
    train, export = [b.text for b in about_run.again(run) if isinstance(b, Code)]
    words = shlex.split(train)
    assert words[:3] == ["thaw", "train", run.spec.dataset]
    assert words[words.index("--strategy") + 1] == "lora"
    assert shlex.split(export) == ["thaw", "export", run.id, "--format", "script"]
