"""Actions on a run at work: each has its effect, tells it, and survives a kill exactly once."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.engine.handmade import EDGE, STAGES, Told
from tl_core.actions import ACTIONS, MOST_AUGMENTATION, MOST_PULL, Asked
from tl_core.data.dataset import Dataset
from tl_core.engine import caches, checkpoint, ladder, opening, retention, steering, steps
from tl_core.engine.ladder import Verdict
from tl_core.engine.modality import Variation
from tl_core.engine.modality.vision import MIN_CROP_SCALES, Pictures
from tl_core.engine.record import Run
from tl_core.engine.strategies import Phase
from tl_core.engine.train import advance, open_run, summary
from tl_core.spec import RunSpec

HEAD = Phase("head", 1, head_steps=(2,))


def rung(stage: int, epochs: int = 2, *, must_pay: bool = False) -> Phase:
    return Phase(
        f"thaw:{STAGES[stage]}",
        epochs,
        STAGES[stage:],
        head_lr=1e-3,
        body_lr=1e-3,
        decay=1.3,
        must_pay=must_pay,
    )


LADDER = (HEAD, rung(7, must_pay=True), rung(5))
WISHES = {
    "nothing": (),
    "thaw_next": ((2, "thaw_next"),),
    "rollback": ((2, "thaw_next"), (3, "rollback")),
    "lower_lr": ((2, "lower_lr"),),
    "more_regularisation": ((2, "more_regularisation"),),
}
"""Each comes when so many epochs are done, and the first batch of the next one too."""


class People:
    """Ask for actions: each when so many epochs are done, and batches of the next one."""

    def __init__(self, *wishes: tuple[int, str], batches: int = 0) -> None:
        self.told = Told()
        self.run: Run | None = None
        self.batches = batches
        self.wishes = [
            (epoch, Asked(f"{number}-{action}", action))
            for number, (epoch, action) in enumerate(wishes)
        ]

    def __call__(self) -> tuple[Asked, ...]:
        if self.run is None:
            return ()
        now = self.run.progress.epoch, self.run.progress.step
        return tuple(asked for epoch, asked in self.wishes if now >= (epoch, self.batches))


@dataclass(frozen=True)
class Steered:
    """A run that people have steered, at its end."""

    run: Run
    told: Told
    folder: Path


@pytest.fixture(scope="module", autouse=True)
def _quick() -> Iterator[None]:
    """Three batches to an epoch; what is found out before the first one is tested elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "BATCH", 8)
        patch.setattr(opening, "_cuts", lambda *ignored: (7, 5))
        patch.setattr(opening, "_safe_ways", lambda run: ("mirror",))
        patch.setattr(retention, "L2_SP", 1.0)  # strong enough to be seen in a few steps
        patch.setattr(ladder, "judge", lambda before, after: Verdict(True, 0.1, 0.05, 2.0, 6))
        yield


GRADUAL = RunSpec("train", dataset="drawn", size=EDGE, strategy="gradual_unfreezing", patience=0)


def opened(
    spec: RunSpec,
    dataset: Dataset,
    folder: Path,
    people: People,
    plan: Sequence[Phase] = LADDER,
    ask: Callable[[], bool] = lambda: True,
) -> Run:
    folder.mkdir(exist_ok=True)
    people.run = open_run(spec, dataset, spec.strategy, folder, people.told, ask, people, plan=plan)
    return people.run


def steer(
    dataset: Dataset,
    folder: Path,
    *wishes: tuple[int, str],
    spec: RunSpec = GRADUAL,
    plan: Sequence[Phase] = LADDER,
    batches: int = 0,
) -> Steered:
    """Run a plan to its end with the wishes of people on the way."""
    people = People(*wishes, batches=batches)
    run = opened(spec, dataset, folder, people, plan)
    assert advance(run)
    return Steered(run, people.told, folder)


@pytest.fixture(scope="module")
def whole(unsettled: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Steered]:
    """What an undisturbed run with these wishes gives; computed once."""

    @cache
    def of(name: str) -> Steered:
        return steer(unsettled, tmp_path_factory.mktemp(name), *WISHES[name], batches=1)

    return of


def answers(told: Told) -> list[tuple[str, bool]]:
    return [(e["action"], e["applied"]) for e in told.of("action")]


def phases(told: Told) -> list[str]:
    return [e["phase"] for e in told.of("epoch")][1:]


def test_thaw_next_ends_the_phase_and_enters_the_next_from_the_best(
    whole: Callable[[str], Steered],
) -> None:
    found = whole("thaw_next")
    told = found.told
    assert answers(told) == [("thaw_next", True)]
    assert phases(told) == ["head", "thaw:7", "thaw:5", "thaw:5"]
    assert [(e["epoch"], e["stage"]) for e in told.of("thaw")] == [(1, "7"), (2, "5")]
    assert not told.of("rung"), "whom a person moves on is not judged"
    (event,) = told.of("action")
    assert (event["epoch"], event["by"], event["id"]) == (2, "person", "0-thaw_next")
    assert "Stage 5" in event["text"]
    assert [(p.epochs, p.left) for p in found.run.plan] == [(1, 0), (1, 1), (2, 0)]
    assert told.of("epoch")[-1]["epochs_max"] == 4
    assert [e["stage"] for e in whole("nothing").told.of("rung")] == ["7"]


def test_thaws_asked_for_at_once_each_find_their_own_phase(
    tmp_path: Path, unsettled: Dataset
) -> None:
    found = steer(unsettled, tmp_path / "run", *[(0, "thaw_next")] * 3)
    assert answers(found.told) == [("thaw_next", True)] * 2 + [("thaw_next", False)]
    assert phases(found.told) == ["thaw:5"] * 2
    assert "nothing left to thaw" in found.told.of("action")[-1]["text"]


def test_rollback_brings_the_weights_before_the_thaw_back_bit_for_bit(
    tmp_path: Path, unsettled: Dataset
) -> None:
    found = steer(unsettled, tmp_path / "run", (2, "rollback"))
    run = found.run
    assert phases(found.told) == ["head", "thaw:7"]
    assert run.progress.stop_reason == "rolled_back"
    result = summary(run)
    assert result["best_phase"] == "head"
    (mark,) = found.told.of("rollback")
    assert (mark["stage"], mark["thawed"], mark["kept"]) == ("7", [], result["best"]["epoch"])
    state = run.bench.learner.state_dict()
    for name, value in run.bench.initial.items():
        assert torch.equal(state[f"body.{name}"], value)
    for name, value in checkpoint.load_best(found.folder, mark["kept"]).items():
        assert torch.equal(state[name], value)


def test_after_a_rollback_a_phase_that_was_cut_short_goes_on(
    whole: Callable[[str], Steered],
) -> None:
    found = whole("rollback")
    assert answers(found.told) == [("thaw_next", True), ("rollback", True)]
    assert phases(found.told) == ["head", "thaw:7", "thaw:5", "thaw:7"]
    assert found.run.progress.stop_reason == "epochs"
    (mark,) = found.told.of("rollback")
    assert (mark["stage"], mark["epoch"]) == ("5", 3)
    assert mark["kept"] <= 2
    assert found.told.of("epoch")[-1]["thawed"] == ["7"]


def test_a_lower_rate_counts_now_and_later(whole: Callable[[str], Steered]) -> None:
    plain, found = whole("nothing"), whole("lower_lr")
    before = {e["epoch"]: e["lr"] for e in plain.told.of("epoch")}
    after = {e["epoch"]: e["lr"] for e in found.told.of("epoch")}
    assert after[2] == before[2] > 0
    for epoch in (3, 4, 5):
        assert after[epoch] == pytest.approx(before[epoch] / 10)
    assert found.run.optimizer.param_groups[0]["peak"] == pytest.approx(1e-4)
    assert [p.head_lr for p in found.run.plan[1:]] == pytest.approx([1e-4, 1e-4])
    assert found.told.val_losses[2] == pytest.approx(plain.told.val_losses[2], abs=1e-6)
    assert found.told.val_losses[3] != pytest.approx(plain.told.val_losses[3], abs=1e-6)


def test_what_is_refused_or_only_ignores_alarms_changes_no_number(
    tmp_path: Path, unsettled: Dataset, whole: Callable[[str], Steered]
) -> None:
    found = steer(unsettled, tmp_path / "run", (0, "rollback"), (2, "ignore"))
    assert answers(found.told) == [("rollback", False), ("ignore", True)]
    assert "Nothing has thawed" in found.told.of("action")[0]["text"]
    assert "Until epoch 7" in found.told.of("action")[1]["text"]
    assert found.run.progress.plan == ()
    assert found.told.val_losses == pytest.approx(whole("nothing").told.val_losses, abs=1e-6)


def test_more_augmentation_renews_the_views_that_are_kept(
    thaw_home: Path, tmp_path: Path, unsettled: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed: list[tuple[int, int]] = []
    plain = caches._compute

    def compute(backbone, examples, segment, path, shape, variation, progress) -> None:  # type: ignore[no-untyped-def]
        if variation:
            computed.append((variation.turn, variation.strength))
        plain(backbone, examples, segment, path, shape, variation, progress)

    monkeypatch.setattr(caches, "_compute", compute)
    found = steer(
        unsettled, tmp_path / "run", (2, "more_augmentation"), plan=(HEAD, rung(7, epochs=4))
    )
    assert answers(found.told) == [("more_augmentation", True)]
    assert found.run.progress.stronger_from == (4,)
    # Epoch 2 learns from the plain view, 3 as it was, 4 and 5 from views that are varied more.
    assert computed == [(1, 0), (3, 1), (1, 1)]
    text = found.told.of("action")[0]["text"]
    assert "From epoch 4 on" in text
    assert "computed anew" in text
    assert (found.folder / "artifacts" / "seen.jpg").is_file()


def test_where_nothing_is_kept_the_batches_themselves_vary_more(
    tmp_path: Path, unsettled: Dataset, spec: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: dict[int, set[int]] = {}
    plain = Pictures.augmented

    def augmented(self: Pictures, rows: Sequence[int], variation: Variation) -> torch.Tensor:
        drawn.setdefault(variation.turn, set()).add(variation.strength)
        return plain(self, rows, variation)

    monkeypatch.setattr(opening, "show", lambda *ignored: None)
    monkeypatch.setattr(Pictures, "augmented", augmented)
    found = steer(
        unsettled,
        tmp_path / "run",
        *[(1, "more_augmentation")] * (MOST_AUGMENTATION + 1),
        spec=replace(spec, strategy="full_fine_tune", patience=0),
        plan=(HEAD, Phase("full", 2, STAGES, head_lr=1e-3, body_lr=1e-4)),
    )
    assert [applied for _action, applied in answers(found.told)] == [True, True, False]
    assert "anew" not in found.told.of("action")[0]["text"]
    assert drawn == {2: {0}, 3: {2}}
    assert len(MIN_CROP_SCALES) == MOST_AUGMENTATION + 1
    assert list(MIN_CROP_SCALES) == sorted(MIN_CROP_SCALES, reverse=True)


def test_more_regularisation_keeps_the_weights_nearer_to_the_base(
    whole: Callable[[str], Steered],
) -> None:
    def distance(run: Run) -> float:
        now = dict(run.bench.learner.body.named_parameters())
        return sum(float((now[n] - run.bench.initial[n]).detach().square().sum()) for n in now)

    plain, found = whole("nothing"), whole("more_regularisation")
    assert answers(found.told) == [("more_regularisation", True)]
    assert found.run.progress.pulls == 1
    assert 0 < distance(found.run) < distance(plain.run)


@pytest.mark.parametrize(
    ("held", "weights"), [("none", [1.0, 10.0]), ("l2_sp", [9.0]), ("ldifs", [1.0, 10.0])]
)
def test_the_pull_grows_up_to_the_largest_weight_that_was_tried(
    tmp_path: Path,
    unsettled: Dataset,
    spec: RunSpec,
    monkeypatch: pytest.MonkeyPatch,
    held: str,
    weights: list[float],
) -> None:
    asked: list[float] = []
    plain = retention.pull

    def pull(learner: Any, start: Any, weight: float = 1.0) -> Any:
        if start is run.bench.initial:
            asked.append(weight)
        return plain(learner, start, weight)

    monkeypatch.setattr(retention, "pull", pull)
    people = People(*[(0, "more_regularisation")] * (MOST_PULL + 1))
    full = Phase("full", 1, STAGES, head_lr=1e-3, body_lr=1e-3)
    spec = replace(spec, strategy="full_fine_tune", patience=0, retention=held)
    run = opened(spec, unsettled, tmp_path / "run", people, (full,))
    assert advance(run)
    applied = [applied for _action, applied in answers(people.told)]
    assert applied == [True] * len(weights) + [False] * (MOST_PULL + 1 - len(weights))
    assert asked == pytest.approx(weights)
    assert ("ten times" in people.told.of("action")[0]["text"]) is (held == "l2_sp")
    assert (run.penalty is None) is (held == "none")


def test_a_probe_refuses_what_it_has_no_use_for(
    tmp_path: Path, drawn: Dataset, spec: RunSpec
) -> None:
    found = steer(
        drawn,
        tmp_path / "run",
        *((1, action) for action in ACTIONS),
        spec=spec,
        plan=(Phase("head", 2, head_steps=(1,)),),
    )
    assert {action for action, applied in answers(found.told) if applied} == {
        "stop_keep_best", "ignore"
    }  # fmt: skip
    assert [action for action, _applied in answers(found.told)] == list(ACTIONS)
    assert all(e["text"].endswith(".") for e in found.told.of("action"))
    assert len(phases(found.told)) == 2


def test_a_stop_is_told_before_the_run_ends_with_its_best(
    tmp_path: Path, unsettled: Dataset
) -> None:
    people = People((2, "stop_keep_best"))
    run = opened(GRADUAL, unsettled, tmp_path / "run", people, ask=lambda: not people())
    assert advance(run)
    result = summary(run)
    assert result["stop_reason"] == "person"
    assert answers(people.told) == [("stop_keep_best", True)]
    assert max(people.told.val_losses) == 2
    assert result["best"]["val_loss"] == min(people.told.val_losses[n] for n in (1, 2))


class Killed(BaseException):
    """Stands for a SIGKILL: nothing may catch it."""


@pytest.mark.parametrize(
    ("name", "moment"),
    [*((name, "saved") for name in WISHES if name != "nothing"), ("thaw_next", "told")],
)
def test_a_kill_right_at_an_action_neither_loses_nor_repeats_it(
    tmp_path: Path,
    unsettled: Dataset,
    whole: Callable[[str], Steered],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    moment: str,
) -> None:
    """The run, which saves each batch, is killed as it tells the last action or has saved it."""
    monkeypatch.setattr(steps, "SAVE_SECONDS", 0.0)
    wishes, expected = WISHES[name], whole(name)
    people = People(*wishes, batches=1)
    run = opened(GRADUAL, unsettled, tmp_path, people)
    with monkeypatch.context() as patch:
        if moment == "told":
            run.emit = killing(people.told, action=wishes[-1][1])
        else:
            patch.setattr(steering, "save", killing_after(steering.save, len(wishes)))
        with pytest.raises(Killed):
            advance(run)
    kept = checkpoint.load(tmp_path)
    assert kept is not None
    assert len(kept[0].actions) == len(wishes) - (moment == "told")
    again = People(*((-1, action) for _epoch, action in wishes))
    run = opened(GRADUAL, unsettled, tmp_path, again)
    assert advance(run)
    assert answers(again.told) == ([(wishes[-1][1], True)] if moment == "told" else [])
    assert run.plan == expected.run.plan
    assert run.progress.stop_reason == expected.run.progress.stop_reason
    best = expected.run.progress.best["val_loss"]
    assert run.progress.best["val_loss"] == pytest.approx(best, abs=1e-6)
    assert max(again.told.val_losses) == expected.run.progress.epoch
    for epoch, loss in again.told.val_losses.items():
        assert loss == pytest.approx(expected.told.val_losses[epoch], abs=1e-6)


def killing(told: Told, *, action: str) -> Callable[..., None]:
    """Return an `emit` that ends all when an action is told."""

    def emit(event: str, /, **fields: Any) -> None:
        if event == "action" and fields["action"] == action:
            raise Killed
        told(event, **fields)

    return emit


def killing_after(save: Callable[[Run], None], times: int) -> Callable[[Run], None]:
    """Return a `save` that ends all once it has been called so many times."""
    calls = itertools.count(1)

    def save_and_die(run: Run) -> None:
        save(run)
        if next(calls) == times:
            raise Killed

    return save_and_die


def test_what_follows_an_action_is_a_pure_change_of_the_plan() -> None:
    plan = (HEAD, rung(7, 3, must_pay=True), rung(5, 3))
    ended = steering.cut(plan, 1, 1)
    assert [(p.name, p.epochs, p.left) for p in ended] == [
        ("head", 1, 0), ("thaw:7", 1, 2), ("thaw:5", 3, 0)
    ]  # fmt: skip
    assert not ended[1].must_pay
    back = steering.undone(ended, 2, 2)
    assert [(p.name, p.epochs) for p in back] == [
        ("head", 1), ("thaw:7", 1), ("thaw:5", 2), ("thaw:7", 2)
    ]  # fmt: skip
    assert [p.name for p in steering.undone(plan, 1, 1)] == ["head", "thaw:7"]
    early = steering.cut((replace(HEAD, epochs=4, head_steps=(1, 2, 4, 9)), rung(7)), 0, 2)
    assert steering.undone(early, 1, 1)[-1].head_steps == (4, 9)
    slow = steering.slower(plan, 1)
    assert [p.body_lr for p in slow] == pytest.approx([0.0, 1e-4, 1e-4])
    assert slow[0] == plan[0]
