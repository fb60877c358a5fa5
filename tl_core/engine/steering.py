"""Actions of people on a run at work: each a small change of its plan, its optimizer or its data.

What an action changes is written with the checkpoint, and so is that it was answered: a run that is
killed between the two does it again from where it stood before, and one killed later never does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

from tl_core.actions import IGNORED_EPOCHS, Asked, Situation, refusal
from tl_core.engine import opening, together
from tl_core.engine.phase import ROLLED_BACK, is_held, pull_of
from tl_core.engine.record import Run, save
from tl_core.engine.strategies import Phase
from tl_core.i18n import _

SLOWER = 10.0
ASKED = "asked"
"""Why a phase is over after which somebody asked to go on."""

Plan = Sequence[Phase]


def heed(run: Run) -> None:
    """Answer the actions that wait at this batch border: apply them, or say why not.

    After one that ends the phase the others wait for the next border, where they meet the phase
    that follows.
    """
    for asked in run.asked:
        _answer(run, asked)
        if run.progress.phase_over:
            break
    run.asked = ()
    save(run)


def _answer(run: Run, asked: Asked) -> None:
    """Do what was asked, or refuse it; either way it is told."""
    epoch, step, phase = run.progress.epoch, run.progress.step, run.phase.name
    reason = refusal(asked.action, situation(run))
    text = reason or _DOING[asked.action](run)
    run.progress.actions = (*run.progress.actions, asked.id)
    run.emit(
        "action",
        id=asked.id,
        action=asked.action,
        alarm=asked.alarm,
        by="person",
        epoch=epoch,
        step=step,
        phase=phase,
        applied=not reason,
        text=text,
    )


def situation(run: Run) -> Situation:
    """Return what decides which actions make sense at this moment."""
    progress, now = run.progress, run.phase
    return Situation(
        thaws=run.strategy == "gradual_unfreezing",
        has_next=progress.phase + 1 < len(run.plan),
        can_undo=(
            bool(now.thawed)
            and not now.learns_statistics
            and list(now.thawed) != progress.entry.get("thawed")
        ),
        moves=any(not later.cached for later in run.plan[progress.phase :]),
        inherits=run.frozen is not None,
        varies=run.bench.train.examples.varies,
        augmentation=len(progress.stronger_from),
        pull=progress.pulls + is_held(run),
    )


def cut(plan: Plan, at: int, done: int) -> tuple[Phase, ...]:
    """Return a plan whose phase `at` ends after the epochs done, whatever it has brought."""
    now = plan[at]
    ended = replace(now, epochs=done, left=now.epochs - done, must_pay=False)
    return (*plan[:at], ended, *plan[at + 1 :])


def undone(plan: Plan, at: int, done: int) -> tuple[Phase, ...]:
    """Return a plan in which phase `at` was undone after the epochs done: nothing deeper follows.

    The phase before goes on if it was cut short; one that had come to its end has nothing to add.
    """
    ended = replace(plan[at], epochs=done, must_pay=False)
    before = plan[at - 1] if at else ended
    if not before.left:
        return (*plan[:at], ended)
    rest = before.head_steps[min(before.epochs, len(before.head_steps) - 1) :]
    again = replace(before, epochs=before.left, left=0, must_pay=False, head_steps=rest)
    return (*plan[:at], ended, again)


def slower(plan: Plan, at: int) -> tuple[Phase, ...]:
    """Return a plan with lower learning rates from phase `at` on."""
    later = [
        replace(part, head_lr=part.head_lr / SLOWER, body_lr=part.body_lr / SLOWER)
        for part in plan[at:]
    ]
    return (*plan[:at], *later)


def _set_plan(run: Run, plan: tuple[Phase, ...]) -> None:
    run.plan = plan
    run.progress.plan = tuple(asdict(part) for part in plan)


def _stop_keep_best(run: Run) -> str:
    """Do nothing: the wish to stop came with it."""
    return _("It ends here; the best epoch so far, {epoch}, is kept.").format(
        epoch=run.progress.best["epoch"]
    )


def _thaw_next(run: Run) -> str:
    """End this phase; the next one begins from the best weights, whether or not this one paid."""
    progress = run.progress
    _set_plan(run, cut(run.plan, progress.phase, progress.phase_epoch))
    progress.phase_over = ASKED
    first = run.plan[progress.phase + 1].thawed[0]
    return _("Stage {stage} and all later ones learn now, from the best epoch so far.").format(
        stage=first
    )


def _rollback(run: Run) -> str:
    """Go back to the best epoch before this phase, whose stages are frozen again."""
    progress, stage = run.progress, run.phase.thawed[0]
    _set_plan(run, undone(run.plan, progress.phase, progress.phase_epoch))
    progress.best, progress.best_losses = dict(progress.entry), progress.entry_losses
    progress.rung = dict(progress.entry)
    progress.phase_over = ROLLED_BACK
    kept, thawed = progress.entry["epoch"], list(progress.entry.get("thawed") or ())
    run.emit("rollback", epoch=progress.epoch, stage=stage, thawed=thawed, kept=kept)
    goes_on = len(run.plan) > progress.phase + 1
    text = (
        _("The weights of epoch {epoch} are back, and training goes on as before that thaw.")
        if goes_on
        else _("The weights of epoch {epoch} are back; what learned then had learned to its end, "
               "so training ends with them.")
    )  # fmt: skip
    return text.format(epoch=kept)


def _lower_lr(run: Run) -> str:
    """Divide the rates of this phase and of all that follow."""
    _set_plan(run, slower(run.plan, run.progress.phase))
    for group in run.optimizer.param_groups:
        if "peak" in group:
            group["peak"] /= SLOWER
    return _("From here on every learning rate is a tenth of what was planned.")


def _more_augmentation(run: Run) -> str:
    """Vary examples more from the next epoch on: the one at work is drawn already."""
    progress = run.progress
    first = progress.epoch + 2
    progress.stronger_from = (*progress.stronger_from, first)
    if together.rank() == 0:
        opening.show(run, progress.ways, len(progress.stronger_from))
    text = (
        _("From epoch {epoch} on the examples are varied more, in smaller crops. What the frozen "
          "part makes of them is computed anew, so that an epoch takes longer for a while.")
        if run.source.start
        else _("From epoch {epoch} on the examples are varied more, in smaller crops.")
    )  # fmt: skip
    return text.format(epoch=first)


def _more_regularisation(run: Run) -> str:
    """Hold the weights nearer to the base from the next batch on."""
    was_held = run.progress.pulls + is_held(run)
    run.progress.pulls += 1
    run.pull = pull_of(run)
    if was_held:
        return _("The pull of the weights towards the base (L2-SP) is ten times as strong.")
    return _("Weights that learn are pulled towards those of the base (L2-SP).")


def _ignore(run: Run) -> str:
    """Do nothing here: whoever raises alarms reads it in the log."""
    return _("Until epoch {epoch} it raises no such alarm.").format(
        epoch=run.progress.epoch + IGNORED_EPOCHS
    )


_DOING: dict[str, Callable[[Run], str]] = {
    "stop_keep_best": _stop_keep_best,
    "thaw_next": _thaw_next,
    "rollback": _rollback,
    "lower_lr": _lower_lr,
    "more_augmentation": _more_augmentation,
    "more_regularisation": _more_regularisation,
    "ignore": _ignore,
}
