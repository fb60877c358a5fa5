"""What a run says of itself as a base is read with suspicion, and every run before it is needed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tuned_runs import RUN, kept_run
from tl_core import files
from tl_core.catalog import tuned
from tl_core.errors import InputError, RunFailed

OLDER, OLDEST = "20250101-120000-older-0a1b", "20240101-120000-oldest-0a1b"


def problem(run: str) -> str:
    with pytest.raises(InputError) as caught:
        tuned.line(run)
    (issue,) = caught.value.issues
    assert issue.field == "base"
    assert issue.fix
    return issue.message


def test_a_record_reads_back_as_it_was_written(thaw_home: Path) -> None:
    kept_run(classes=7)
    found = tuned.read(RUN)
    assert (found.run, found.classes, found.inherits) == (RUN, 7, True)
    assert tuned.run_ids() == (RUN,)
    assert tuned.trusted_weights(found) == thaw_home / "runs" / RUN / "checkpoints" / (
        "best.safetensors"
    )


def test_while_a_run_goes_on_it_is_no_base(thaw_home: Path) -> None:
    kept_run()
    folder = files.runs_dir() / RUN
    (folder / "spec.json").write_text(json.dumps({"kind": "train"}))
    for _twice in range(2):
        tuned.withdraw(folder)
    assert tuned.run_ids() == ()
    assert "has not come to its end" in problem(RUN)


@pytest.mark.parametrize(
    ("kind", "said"),
    [("race", "each of its runs"), ("import", "trained nothing"), (None, "nothing")],
)
def test_other_jobs_are_no_bases(thaw_home: Path, kind: str | None, said: str) -> None:
    folder = files.runs_dir() / RUN
    folder.mkdir(parents=True)
    if kind:
        (folder / "spec.json").write_text(json.dumps({"kind": kind}))
    assert said in problem(RUN)


@pytest.mark.parametrize("name", ["", "..", "../x", "nobody", "a/b", "x" * 300, "A-1"])
def test_names_of_no_run_are_refused(thaw_home: Path, name: str) -> None:
    files.runs_dir().mkdir(parents=True)
    assert "There is no run" in problem(name)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"origin": 3}', "null", '{"version": 99}'])
def test_a_damaged_record_is_told(thaw_home: Path, content: str) -> None:
    kept_run()
    (files.runs_dir() / RUN / "artifacts" / "base.json").write_text(content)
    assert "cannot be read" in problem(RUN)


def test_lost_weights_are_told(thaw_home: Path) -> None:
    kept_run()
    tuned.weights_path(tuned.read(RUN)).unlink()
    assert "are not on this computer" in problem(RUN)


def test_changed_weights_are_never_loaded(thaw_home: Path) -> None:
    kept_run()
    found = tuned.read(RUN)
    tuned.weights_path(found).write_bytes(b"others")
    with pytest.raises(RunFailed) as caught:
        tuned.trusted_weights(found)
    assert caught.value.code == "bad_weights"


def test_a_run_that_has_changed_nothing_points_to_its_base(thaw_home: Path) -> None:
    kept_run(is_changed=False)
    assert "has left its base as it was" in problem(RUN)


def test_a_line_of_runs_is_followed_to_its_beginning(thaw_home: Path) -> None:
    sha = tuned.read(kept_run(OLDEST).removeprefix("run:")).sha256
    kept_run(OLDER, origin=f"run:{OLDEST}", origin_sha256=sha)
    kept_run(RUN, origin=f"run:{OLDER}", origin_sha256=sha)
    assert [one.run for one in tuned.line(RUN)] == [RUN, OLDER, OLDEST]
    tuned.weights_path(tuned.read(OLDEST)).unlink()
    assert OLDER in problem(RUN)


def test_a_run_whose_beginning_has_changed_since_is_refused(thaw_home: Path) -> None:
    kept_run(OLDER)
    kept_run(RUN, origin=f"run:{OLDER}", origin_sha256="of other weights")
    assert "began from run:" in problem(RUN)


def test_what_inherits_nothing_needs_no_weights_before_it(thaw_home: Path) -> None:
    kept_run(OLDER)
    kept_run(RUN, origin=f"run:{OLDER}", origin_sha256="others", strategy="from_scratch")
    assert len(tuned.line(RUN)) == 2


def test_a_circle_is_noticed(thaw_home: Path) -> None:
    sha = tuned.read(kept_run(OLDER, origin=f"run:{RUN}").removeprefix("run:")).sha256
    files.write_json(
        files.runs_dir() / OLDER / "artifacts" / "base.json",
        json.loads((files.runs_dir() / OLDER / "artifacts" / "base.json").read_text())
        | {"origin_sha256": sha},
    )
    kept_run(RUN, origin=f"run:{OLDER}", origin_sha256=sha)
    assert "began from" in problem(RUN)
