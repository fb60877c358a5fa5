"""Watch: a run in each of its states."""

from __future__ import annotations

import json
from typing import Any

import pytest
from PIL import Image

from pages.ui import live, strips
from pages.ui.epochs import FOLD
from tests.pages.conftest import Make, Open
from tests.pages.handmade import best_of, epoch, keys, said, stages_event
from tl_core.data.dataset import Dataset
from tl_core.runs import control, store
from tl_core.spec import RunSpec

Told = list[tuple[str, dict[str, Any]]]


def spec_of(dataset: Dataset) -> RunSpec:
    return RunSpec(kind="train", dataset=dataset.id, strategy="gradual_unfreezing")


def epochs(count: int) -> Told:
    return [stages_event(), *(("epoch", epoch(n)) for n in range(count))]


def finished(last: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "finished", {
        "stop_reason": "patience",
        "best": best_of(last),
        "test_accuracy": None,
        "retention": {"agreement": None},
        "seconds": 42.0,
        "images_per_second": 50.0,
        "trainable_parameters": 5124,
    }


def test_without_a_run_it_offers_the_runs_there_are(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    assert "Nothing has been trained yet" in said(open_page("watch"))
    run = make_run(spec_of(shapes), *epochs(3))
    app = open_page("watch")
    assert "Which run?" in said(app)
    assert any(f"run={run}" in link.proto.query_string for link in app.page_link)


def test_a_queued_run_says_that_it_waits(open_page: Open, shapes: Dataset) -> None:
    run = store.new_run(spec_of(shapes))
    app = open_page("watch", run=run)
    assert app.progress
    assert "watch.stop" in keys(app)


def test_a_running_run_has_curves_and_can_be_paused_and_stopped(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    run = make_run(spec_of(shapes), *epochs(4), alive=True)
    app = open_page("watch", run=run)
    assert not app.error
    assert len(app.get("bidi_component")) >= 3
    assert app.button(key="watch.stop").label == "Stop and keep the best (epoch 3)"
    assert not app.dataframe
    app.session_state[FOLD] = True
    app.run()
    assert len(app.dataframe[0].value) == 4
    app.button(key="watch.pause").click().run()
    assert control.read_want(store.run_dir(run)) == "pause"
    app.button(key="watch.stop").click().run()
    assert control.read_want(store.run_dir(run)) == "stop"
    assert "watch.stopping" in keys(app)


def test_the_probe_of_the_evidence_is_the_line_to_beat(
    open_page: Open, measured_shapes: Dataset, make_run: Make
) -> None:
    live._probe.clear()
    run = store.read_run(make_run(spec_of(measured_shapes), *epochs(4), alive=True))
    found = live.reference(run)
    assert found is not None
    assert (found.value, found.source) == (0.8, "cross-validated before training")


def test_without_evidence_the_head_alone_is_the_line(shapes: Dataset, make_run: Make) -> None:
    live._probe.clear()
    told = [*epochs(4), ("epoch", epoch(4) | {"phase": "thaw:7"})]
    found = live.reference(store.read_run(make_run(spec_of(shapes), *told)))
    assert found is not None
    assert found.source == "the new last layer alone, epoch 3"
    few = make_run(spec_of(shapes), *epochs(4))
    assert live.reference(store.read_run(few)) is None


def test_batches_are_drawn_beyond_the_last_epoch_only(shapes: Dataset, make_run: Make) -> None:
    steps = [
        ("step", {"what": "batches", "done": n, "total": 4, "epoch": 4, "loss": 0.5})
        for n in (1, 2)
    ]
    run = make_run(spec_of(shapes), *epochs(4), *steps, alive=True)
    assert [one["at"] for one in live.batches(store.read_run(run))] == [3.25, 3.5]
    over = make_run(spec_of(shapes), *epochs(4), *steps, ("epoch", epoch(4)), alive=True)
    assert live.batches(store.read_run(over)) == []


def test_the_tab_tells_the_state_and_the_sentence_is_said(
    open_page: Open, shapes: Dataset, make_run: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    titles: list[str] = []
    said_aloud: list[str] = []
    monkeypatch.setattr(
        live.st, "set_page_config", lambda **told: titles.append(told["page_title"])
    )
    monkeypatch.setattr(live.announce, "politely", lambda words, key: said_aloud.append(words))
    run = make_run(spec_of(shapes), *epochs(4), alive=True)
    open_page("watch", run=run)
    assert titles[-1] == "Epoch 3, 59 % · Thaw"
    assert said_aloud[-1].startswith("It is still getting better: after epoch 3")


def test_a_paused_run_can_go_on(open_page: Open, shapes: Dataset, make_run: Make) -> None:
    run = make_run(spec_of(shapes), *epochs(4), ("paused", {}), alive=True)
    control.write_want(store.run_dir(run), "pause")
    app = open_page("watch", run=run)
    app.button(key="watch.unpause").click().run()
    assert control.read_want(store.run_dir(run)) == "run"


def test_an_interrupted_run_can_be_resumed(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    run = make_run(spec_of(shapes), *epochs(4))
    app = open_page("watch", run=run)
    assert store.read_run(run).status == "interrupted"
    app.button(key="watch.resume").click().run()
    assert store.read_run(run).status == "queued"


def test_a_finished_run_gives_its_verdict(open_page: Open, shapes: Dataset, make_run: Make) -> None:
    told = epochs(5)
    run = make_run(spec_of(shapes), *told, finished(told[-1][1]))
    app = open_page("watch", run=run)
    assert "How did it go?" in said(app)
    assert app.metric[0].value == "62 % (52 to 72)"
    assert "it trained the new last layer alone for 4 epochs." in said(app)
    assert "Before training it was right on 50 %, at its best on 62 % (52 to 72)." in said(app)
    assert keys(app) & {"watch.stop", "watch.pause", "watch.resume"} == set()
    app.button(key="watch.again").click().run()
    assert app.query_params["data"] == shapes.id
    assert "How much of it should change?" in said(app)


def test_at_the_end_the_strip_shows_what_was_kept(
    shapes: Dataset, make_run: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(strips.drawing, "draw", lambda svg, key: drawn.append(svg))
    thaw = ("thaw", {"epoch": 3, "stage": "6", "thawed": ["6", "7"]})
    told = [*epochs(4), thaw, ("epoch", epoch(4) | {"thawed": ["6", "7"]})]
    running = make_run(spec_of(shapes), *told, alive=True)
    kind, end = finished(told[3][1])
    put_back = make_run(spec_of(shapes), *told, (kind, end | {"thawed": []}))
    kept = make_run(spec_of(shapes), *told, (kind, end | {"thawed": ["6", "7"]}))
    for run in (running, put_back, kept):
        strips.live(store.read_run(run))
    assert [svg.count('data-state="thawed"') for svg in drawn] == [2, 0, 2]
    assert ["put back" in svg for svg in drawn] == [False, True, False]
    assert "In the model that is kept, 0 of" in drawn[1]
    assert "In the model that is kept, 2 of" in drawn[2]


def test_a_failed_run_says_what_happened_and_what_to_do(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    failed = {"code": "disk_full", "message": "The disk is full.", "fix": "Make room."}
    run = make_run(spec_of(shapes), *epochs(2), ("failed", failed))
    app = open_page("watch", run=run)
    assert "The disk is full. Make room." in said(app)
    assert "watch.resume" in keys(app)


def test_a_run_that_failed_early_offers_to_resume_only(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    failed = {"code": "internal", "message": "It broke.", "fix": "Resume it."}
    run = make_run(spec_of(shapes), ("failed", failed))
    app = open_page("watch", run=run)
    assert "It broke. Resume it." in said(app)
    assert {"watch.resume", "watch.again"} <= keys(app)
    assert not [key for key in keys(app) if key.startswith("jobs.")]


def test_what_happens_is_said_once_in_a_toast(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    spec = spec_of(shapes)
    first = ("thaw", {"epoch": 2, "stage": "7"})
    run = make_run(spec, *epochs(3), first, alive=True)
    app = open_page("watch", run=run)
    assert not app.toast, "what was there before is not news"
    writer_told(run, "thaw", epoch=3, stage="6")
    app.run()
    assert [toast.value for toast in app.toast] == ["Epoch 3: stage 6 has thawed."]
    app.run()
    assert not app.toast


def writer_told(run: str, kind: str, **fields: Any) -> None:
    from tl_core.runs import events

    with events.EventWriter(store.run_dir(run) / events.FILE) as writer:
        writer.emit(kind, **fields)


@pytest.mark.parametrize("bad", ["nonsense", "../x", "20260101-000000-x-0000", "<b>"])
def test_an_unknown_run_is_told_with_a_way_out(open_page: Open, bad: str) -> None:
    app = open_page("watch", run=bad)
    assert "There is no run" in said(app)
    assert "Go to Start" in said(app)


def test_a_job_of_another_kind_is_shown_where_it_belongs(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    run = make_run(RunSpec(kind="evidence", dataset=shapes.id))
    app = open_page("watch", run=run)
    assert app.query_params["data"] == shapes.id
    assert "How far is your task" in said(app)


def test_the_recorded_run_can_be_watched_without_its_data(open_page: Open) -> None:
    app = open_page("watch")
    app.button(key="watch.recorded").click().run()
    assert app.query_params["run"] in {run.id for run in store.list_runs()}
    assert "How did it go?" in said(app)
    assert not app.error
    assert "watch.again" not in keys(app), "its data are not here"


def test_what_was_decided_on_the_way_is_told_with_the_pictures_as_seen(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    told = epochs(4)
    rung = {"epoch": 3, "stage": "6", "paid": False, "gain": 0.01, "low": -0.1, "z": 0.3, "n": 48,
            "before": 1, "after": 3, "accuracy_before": 0.8, "accuracy_after": 0.8}  # fmt: skip
    run = make_run(spec_of(shapes), *told, ("rung", rung), finished(told[-1][1]))
    sheet = store.run_dir(run) / "artifacts" / "seen.jpg"
    sheet.parent.mkdir(exist_ok=True)
    Image.new("RGB", (40, 20)).save(sheet)
    app = open_page("watch", run=run)
    assert not app.error
    assert "a fall by more than one is asked for): it is undone" in said(app)
    assert len(app.get("image")) == 1
    bare = make_run(spec_of(shapes), *told, finished(told[-1][1]))
    assert not open_page("watch", run=bare).get("image")


def test_words_that_counted_are_marked_and_untrusted_ones_stay_letters(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    told = epochs(4)
    run = make_run(spec_of(shapes), *told, finished(told[-1][1]))
    weighed = [
        {
            "name": "line 3", "label": "good", "predicted": "bad", "probability": 0.93,
            "words": [{"text": "**dull**", "weight": 0.4}, {"text": "but", "weight": 0.01},
                      {"text": "fine]", "weight": -0.3}],
            "rest": "<b>end</b>",
        }
    ]  # fmt: skip
    path = store.run_dir(run) / "artifacts" / "words.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(weighed))
    app = open_page("watch", run=run)
    assert not app.error
    (drawn,) = [m.value for m in app.markdown if "dull" in m.value]
    assert drawn == (
        r":blue-background[+ \*\*dull\*\*] but :orange-background[− fine\]] \<b\>end\<\/b\>"
    )
    assert "taken for bad, 93 % sure, but labelled good" in said(app).replace("\\", "")
    path.write_text("[torn")
    assert not open_page("watch", run=run).error


def alert(kind: str, number: int) -> tuple[str, dict[str, Any]]:
    return "alert", {"epoch": number, "kind": kind, "text": f"It shows [{kind}]."}


def thawed(number: int) -> tuple[str, dict[str, Any]]:
    return "thaw", {"epoch": number, "stage": "7", "thawed": ["7"]}


def flat(first: int, last: int) -> Told:
    """Epochs that are no better than those before."""
    return [("epoch", epoch(n, improved=False, thawed=["7"])) for n in range(first, last)]


def test_an_alarm_offers_what_fits_it_with_the_reason(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    told = [*epochs(4), thawed(3), *flat(4, 9), alert("overfitting", 8)]
    run = make_run(spec_of(shapes), *told, alive=True)
    app = open_page("watch", run=run)
    assert not app.error
    assert "It shows [overfitting]." in said(app)
    assert "With fewer stages learning, less can be learned by heart." in said(app)
    wanted = ["stop_keep_best", "rollback", "more_augmentation", "more_regularisation", "ignore"]
    shown = [b.key.split(".")[2] for b in app.button if (b.key or "").startswith("steer.over")]
    assert shown == wanted
    app.button(key="steer.overfitting.more_regularisation").click().run()
    (asked,) = control.read_actions(store.run_dir(run))
    assert asked.action == "more_regularisation"
    assert app.button(key="steer.overfitting.more_regularisation").disabled
    assert "Asked for: Hold the weights nearer" in said(app)
    app.button(key="steer.overfitting.ignore").click().run()
    assert control.read_actions(store.run_dir(run))[1].alarm == "overfitting"


def test_before_a_thaw_no_alarm_offers_to_undo_one(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    told = [*epochs(4), *(("epoch", epoch(n, improved=False)) for n in range(4, 8))]
    run = make_run(spec_of(shapes), *told, alert("overfitting", 7), alive=True)
    shown = keys(open_page("watch", run=run))
    assert "steer.overfitting.stop_keep_best" in shown
    assert "steer.overfitting.rollback" not in shown


def test_an_ignored_alarm_and_one_from_before_the_best_do_not_stand(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    ignore = {"id": "a", "action": "ignore", "alarm": "plateau", "epoch": 6, "applied": True,
              "text": "Until epoch 11."}  # fmt: skip
    told = [*epochs(2), alert("overfitting", 1), *epochs(4)[3:], *flat(4, 7), alert("plateau", 6)]
    run = make_run(spec_of(shapes), *told, ("action", ignore), alive=True)
    app = open_page("watch", run=run)
    assert not [key for key in keys(app) if key.startswith(("steer.plateau", "steer.over"))]
    assert "You asked after epoch 6: Ignore for five epochs. Until epoch 11." in said(app)


def test_a_running_run_can_be_steered_as_far_as_it_makes_sense(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    run = make_run(spec_of(shapes), *epochs(4), alive=True)
    app = open_page("watch", run=run)
    shown = {key for key in keys(app) if key.startswith("steer.any.")}
    assert "steer.any.thaw_next" in shown
    assert "steer.any.rollback" not in shown, "nothing has thawed yet"
    app.button(key="steer.any.thaw_next").click().run()
    (asked,) = control.read_actions(store.run_dir(run))
    assert (asked.action, asked.alarm) == ("thaw_next", "")
    probe = make_run(
        RunSpec(kind="train", dataset=shapes.id, strategy="linear_probe"), *epochs(4), alive=True
    )
    shown = {key for key in keys(open_page("watch", run=probe)) if key.startswith("steer.")}
    assert shown == {"steer.any.stop_keep_best", "steer.any.ignore"}


def test_a_run_that_has_ended_cannot_be_steered(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    told = [*epochs(4), thawed(3), *flat(4, 9), alert("overfitting", 8)]
    run = make_run(spec_of(shapes), *told, finished(told[4][1]))
    assert not [key for key in keys(open_page("watch", run=run)) if key.startswith("steer.")]
