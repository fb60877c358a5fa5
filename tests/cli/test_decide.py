from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import evidence
from tests.tuned_runs import RUN, kept_run
from tl_core import catalog, data, files, spec
from tl_core.catalog import learned
from tl_core.data.faults import look
from tl_core.data.split import split
from tl_core.runs import store
from tl_core.spec import STRATEGIES, Hits, RunSpec

ACC = {"value", "low", "high", "n"}


def test_probe_has_the_keys_of_the_contract(
    thaw: Callable[..., Any], jobs: dict[str, Any], tiny_pictures: Path
) -> None:
    told = thaw("probe", tiny_pictures, "--json").json
    assert set(told) >= {"dataset", "base", "evidence", "ranking", "seconds"}
    assert set(told["dataset"]) >= {"n", "classes", "per_class_min", "duplicates", "leak"}
    evidence = told["evidence"]
    assert set(evidence["shift"]) == {"early", "middle", "late"}
    assert evidence["distance"] in ("near", "middling", "far")
    assert set(evidence) >= {"source_confidence", "leep_per_log_c", "stage_probes"}
    for key in ("knn", "linear_probe"):
        assert set(evidence[key]) == ACC
    assert evidence["multi_stage_probe"] is None
    assert set(evidence["controls"]) >= {"pixels", "random_init"}
    (ranked,) = told["ranking"]
    assert set(ranked) == {"base", "linear_probe", "seconds", "forward_per_second", "static_rank",
                           "p_vs_best", "p_holm", "is_tied", "is_recommended"}  # fmt: skip
    assert (ranked["static_rank"], ranked["is_tied"], ranked["is_recommended"]) == (1, False, True)
    assert ranked["p_vs_best"] is None


def test_probe_ranks_several_bases_and_tells_about_the_first(
    thaw: Callable[..., Any], jobs: dict[str, Any], tiny_pictures: Path
) -> None:
    bases = "tf_efficientnet_lite0, tf_efficientnet_lite1,tf_efficientnet_lite0"
    told = thaw("probe", tiny_pictures, "--bases", bases, "--json").json
    assert told["base"] == "tf_efficientnet_lite0"
    assert [r["base"] for r in told["ranking"]] == [
        "tf_efficientnet_lite1",
        "tf_efficientnet_lite0",
    ]
    out = thaw("probe", tiny_pictures, "--bases", "all").out
    assert all(base in out for base in catalog.offline_ids("picture"))
    assert catalog.default_base("text") not in out
    assert "that tie on your data" in out
    assert "tied first" in out


def test_bases_are_tested_in_pairs_on_the_same_examples(
    thaw: Callable[..., Any], jobs: dict[str, Any], tiny_pictures: Path
) -> None:
    def measured(request: RunSpec, folder: Path, emit: Callable[..., None]) -> None:
        right = {"tf_efficientnet_lite0": 60, "tf_efficientnet_lite2": 84}.get(request.base, 90)
        found = replace(
            evidence(request.dataset, request.base, right / 100),
            probe_hits=Hits("same", "1" * right + "0" * (100 - right)),
        )
        files.write_json(folder / "artifacts" / "evidence.json", spec.to_dict(found))
        emit("finished", stop_reason="done")

    jobs["evidence"] = measured
    first, second, third = thaw("probe", tiny_pictures, "--bases", "all", "--json").json["ranking"]
    assert first["base"] == "tf_efficientnet_lite1"
    assert first["is_recommended"]
    assert second["p_vs_best"] == second["p_holm"] == pytest.approx(0.03125)
    assert third["p_vs_best"] == pytest.approx(2 * 0.5**30)
    assert third["p_holm"] == pytest.approx(4 * 0.5**30)
    assert not any(row["is_tied"] for row in (first, second, third))
    out = thaw("probe", tiny_pictures, "--bases", "all").out
    assert "finds it better than each of the others" in out


def test_a_finished_run_is_measured_like_any_base(
    thaw: Callable[..., Any], jobs: dict[str, Any], tiny_pictures: Path
) -> None:
    made = kept_run()
    told = thaw("probe", tiny_pictures, "--base", made, "--json").json
    assert told["base"] == told["ranking"][0]["base"] == made
    told = thaw("probe", tiny_pictures, "--bases", "all", "--json").json
    assert {row["base"] for row in told["ranking"]} == {*catalog.offline_ids("picture"), made}
    out = thaw("probe", tiny_pictures, "--base", made).out
    assert "EfficientNet-Lite0, tuned on signs" in out


def test_a_run_that_is_no_base_is_refused_with_the_reason(
    thaw: Callable[..., Any], jobs: dict[str, Any], tiny_pictures: Path
) -> None:
    unchanged = kept_run("20260101-120000-frozen-0a1b", is_changed=False)
    text = kept_run("20260101-120000-texts-0a1b", origin=catalog.default_base("text"))
    for command in ("probe", "advise", "train", "race"):
        for base, why in (
            (unchanged, "has left its base as it was"),
            ("run:20260101-120000-nobody-0a1b", "There is no run"),
            (text, "has only ever read texts"),
        ):
            outcome = thaw(command, tiny_pictures, "--base", base, "--json")
            assert outcome.code == 2
            (issue,) = outcome.json["issues"]
            assert issue["field"] == "base"
            assert why in issue["message"]


def test_a_run_is_not_measured_on_what_it_has_learned_by_heart(
    thaw: Callable[..., Any], jobs: dict[str, Any], tiny_pictures: Path
) -> None:
    dataset = thaw("data", "add", tiny_pictures, "--json").json["dataset"]["id"]
    own = kept_run(dataset=dataset)
    outcome = thaw("probe", tiny_pictures, "--bases", f"tf_efficientnet_lite0,{own}", "--json")
    assert outcome.code == 2
    assert "examples that would judge it" in outcome.json["issues"][0]["message"]
    told = thaw("probe", tiny_pictures, "--bases", "all", "--json").json
    assert own not in {row["base"] for row in told["ranking"]}
    whole = data.load(dataset)
    seen = split(whole, val_fraction=0.2, seed=0).train
    learned.write(files.runs_dir() / RUN, (look(whole.examples[row]) for row in seen))
    other = thaw("train", tiny_pictures, "--base", own, "--seed", 1, "--json")
    assert "--seed 0 --val 0.2" in other.json["issues"][0]["fix"]
    further = thaw("train", tiny_pictures, "--base", own, "--strategy", "lora", "--json")
    assert further.code == 0


def test_probe_names_every_unknown_base(
    thaw: Callable[..., Any], jobs: dict[str, Any], tiny_pictures: Path
) -> None:
    outcome = thaw("probe", tiny_pictures, "--bases", "nobody,nothing", "--json")
    assert outcome.code == 2
    assert len(outcome.json["issues"]) == 2


def test_advise_has_the_keys_of_the_contract(
    thaw: Callable[..., Any], jobs: dict[str, Any], tiny_pictures: Path
) -> None:
    told = thaw("advise", tiny_pictures, "--json").json
    assert told["evidence"]["base"] == "tf_efficientnet_lite0"
    recommendation = told["recommendation"]
    assert recommendation["strategy"] in STRATEGIES
    assert set(recommendation) >= {"base", "also", "reasons", "what_would_change", "confidence"}
    assert set(recommendation["reasons"][0]) >= {"rule", "fact", "value", "text", "source"}
    for candidate in told["candidates"]:
        assert set(candidate) >= {"strategy", "accuracy", "minutes", "trainable_parameters"}
        assert set(candidate["accuracy"]) == {"value", "low", "high"}


def test_advise_in_words_gives_reasons_and_what_would_change_it(
    thaw: Callable[..., Any], jobs: dict[str, Any], tiny_pictures: Path
) -> None:
    out = thaw("advise", tiny_pictures, "--priority", "speed").out
    for text in ("Near:", "Why:", "What would change this:", "Confidence:"):
        assert text in out


def test_an_unknown_priority_is_named_with_the_other_problems(
    thaw: Callable[..., Any], jobs: dict[str, Any]
) -> None:
    outcome = thaw("advise", "nowhere", "--priority", "beauty", "--json")
    assert outcome.code == 2
    assert [i["field"] for i in outcome.json["issues"]] == ["priority", "data"]


def test_what_was_measured_is_not_measured_again(
    thaw: Callable[..., Any],
    jobs: dict[str, Any],
    tiny_pictures: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from tl_core.data import load, write_evidence
    from tl_core.spec import Evidence, from_dict

    told = thaw("probe", tiny_pictures, "--json").json
    assert len(store.list_runs()) == 1
    write_evidence(
        load(told["dataset"]["id"]), from_dict(Evidence, told["evidence"]), val_fraction=0.2
    )
    thaw("probe", tiny_pictures, "--json")
    assert len(store.list_runs()) == 1


def test_a_measurement_that_was_stopped_gives_no_evidence(
    thaw: Callable[..., Any], jobs: dict[str, Any], tiny_pictures: Path
) -> None:
    jobs["evidence"] = lambda request, folder, emit: emit("stopped", stop_reason="person")
    outcome = thaw("probe", tiny_pictures, "--json")
    assert outcome.code == 1
    assert outcome.json["error"]["message"]


PILOT = {"gain", "low", "high", "likely_low", "likely_high", "n", "folds", "epochs", "seconds",
         "stopped_early"}  # fmt: skip


def test_a_trial_thaw_is_tried_only_where_it_is_asked_for(
    thaw: Callable[..., Any], jobs: dict[str, Any], tiny_pictures: Path
) -> None:
    assert thaw("probe", tiny_pictures, "--json").json["evidence"]["pilot"] is None
    told = thaw("probe", tiny_pictures, "--pilot", "--minutes", "3", "--json").json
    assert set(told["evidence"]["pilot"]) >= PILOT
    asked = [(run.spec.kind, run.spec.minutes) for run in store.list_runs()]
    assert asked == [("pilot", 3.0), ("evidence", None)]


def test_of_several_bases_the_first_is_tried(
    thaw: Callable[..., Any], jobs: dict[str, Any], tiny_pictures: Path
) -> None:
    bases = "tf_efficientnet_lite0,tf_efficientnet_lite1"
    thaw("probe", tiny_pictures, "--bases", bases, "--pilot", "--json")
    asked = {run.spec.base: run.spec.kind for run in store.list_runs()}
    assert asked == {"tf_efficientnet_lite0": "pilot", "tf_efficientnet_lite1": "evidence"}


def test_the_advice_after_a_trial_says_what_it_showed(
    thaw: Callable[..., Any], jobs: dict[str, Any], tiny_pictures: Path
) -> None:
    told = thaw("advise", tiny_pictures, "--pilot", "--json").json
    assert set(told["evidence"]["pilot"]) >= PILOT
    assert "R15" in [reason["rule"] for reason in told["recommendation"]["reasons"]]
    out = thaw("advise", tiny_pictures, "--pilot").out
    assert "A short trial thaw got 4 points more than the frozen base (1 to 7), on 300" in out
    assert "Trying" not in out


def test_a_trial_that_had_too_little_time_says_so(
    thaw: Callable[..., Any], jobs: dict[str, Any], tiny_pictures: Path
) -> None:
    jobs["pilot"] = jobs["evidence"]
    assert "too short for a trial thaw" in thaw("advise", tiny_pictures, "--pilot").out


def test_a_trial_is_not_repeated_unless_it_was_short_and_more_time_is_given(
    thaw: Callable[..., Any], jobs: dict[str, Any], tiny_pictures: Path
) -> None:
    from tl_core.data import load, write_evidence
    from tl_core.spec import Evidence, from_dict

    told = thaw("probe", tiny_pictures, "--pilot", "--json").json
    dataset, found = load(told["dataset"]["id"]), from_dict(Evidence, told["evidence"])
    write_evidence(dataset, found, val_fraction=0.2)
    for options in ((), ("--minutes", "9")):
        thaw("probe", tiny_pictures, "--pilot", *options, "--json")
    assert len(store.list_runs()) == 1
    assert found.pilot
    short = replace(found, pilot=replace(found.pilot, stopped_early=True))
    write_evidence(dataset, short, val_fraction=0.2)
    thaw("probe", tiny_pictures, "--pilot", "--json")
    assert len(store.list_runs()) == 1
    thaw("probe", tiny_pictures, "--pilot", "--minutes", "9", "--json")
    assert len(store.list_runs()) == 2
