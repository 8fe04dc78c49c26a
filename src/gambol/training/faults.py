"""A training that leads nowhere: how that is noticed, and what is said of it. It is begun again once, more slowly."""

import math
from collections.abc import Callable

from gambol.errors import JobError
from gambol.training.state import Reached

SLOWER = 0.25  # times the learning rate, when a stage is begun again
RETRIES = 1
PATIENT = 600  # steps in which a network may find nothing
NOTHING = 0.95  # times the loss of empty maps: not better than nothing

RAN_AWAY = "ran away: its loss is no longer a number"
FINDS_NOTHING = "finds nothing: it has learnt to leave all maps empty"


def ran_away(reached: Reached) -> bool:
    """Whether the last step's loss is no number, or after the end of an epoch that on the validation frames."""
    last = reached.losses[-1] if reached.losses else reached.log[-1]["val_loss"] if reached.log else 0.0
    return not math.isfinite(last)


def finds_nothing(reached: Reached, loss_of_nothing: Callable[[], float]) -> bool:
    """Whether the network has learnt to draw nothing, where there is something: its loss is that of empty maps.

    loss_of_nothing: the validation loss of empty maps; only asked for if nothing was found after many steps.
    """
    row = reached.log[-1]
    if row.get("accuracy_found", 1) > 0 or reached.step - reached.since < PATIENT:
        return False
    empty = loss_of_nothing()
    return empty > 0 and bool(row["val_loss"] > NOTHING * empty)


def require_another_try(name: str, fault: str, reached: Reached) -> None:
    """Raise `JobError` if the stage has been begun again already."""
    if reached.retries >= RETRIES:
        raise JobError(
            f"The training of '{name}' {fault} (epoch {reached.epoch + 1}), also at a lower learning rate. "
            "Weights that are learnt from here on would find nothing. "
            "Lower the learning rate, for example --set optimizer.learning_rate=0.0002, or look whether labels are "
            f"misplaced and animals large enough (pipeline.{name}.scale and .sigma), and train again.")


def begun_again(name: str, fault: str, epoch: int, best: bool) -> str:
    """Three sentences for the user; best: it goes on from its best weights, not from fresh ones."""
    return (
        f"The training of '{name}' {fault} (epoch {epoch}). "
        "Going on like this would lead nowhere. "
        f"It goes on from {'the best weights so far' if best else 'fresh weights'} at {SLOWER:g} times the learning "
        "rate; nothing needs to be done.")
