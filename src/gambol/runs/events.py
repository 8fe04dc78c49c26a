"""The diary of a run: append-only, one JSON object a line, readable while it is written."""

import json
import math
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from gambol.errors import OutputError
from gambol.storage import unwritable

Kind = Literal[
    "phase", "finding", "step", "epoch", "best", "warning", "stopped", "stalled", "resumed", "finished", "cancelled",
    "failed"]


@dataclass(frozen=True)
class Event:
    """Something that happened: what, in which stage, when (seconds since 1970), and its figures.

    phase: {phase, done, total}, of a stage's `build` also {number, of} · finding: what `findings.Finding` holds · step:
    {step, epoch, loss, losses (all since the last `step`), rate (learning rate), progress (share of the budget, 0..1),
    seconds, waited} · epoch: {epoch, step, train_loss, val_loss, accuracy…, progress, seconds, waited, epoch_seconds,
    rate, best_epoch, best_loss, plateau (epochs since the best), patience, left (seconds to come, estimated)} · best:
    {epoch, val_loss} · stopped: {text}, the stage ends early as it was asked to · stalled: {text, seconds, threads},
    nothing happens · resumed: {seconds}, something does again · warning, cancelled, failed: {text} · finished: what the
    run or stage made. Epochs and steps count from 0; seconds: training time of the stage until then; waited: of it, for
    data.
    """

    kind: Kind
    stage: str | None = None
    data: dict[str, Any] = field(default_factory=dict)
    at: float = field(default_factory=time.time)

    def line(self) -> str:
        """The event as a line of the diary."""
        facts = {"kind": self.kind, "stage": self.stage, "time": round(self.at, 3), **self.data}
        return json.dumps(_finite(facts), allow_nan=False)


class Diary:
    """Writes events to a run's `events.jsonl`; each line is on its way to the disk before the next event happens."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._file = path.open("a+b")
        self._drop_half_line()

    def _drop_half_line(self) -> None:
        """A run that was killed while it wrote leaves half a line, which the next event must not be glued to."""
        self._file.seek(0)
        self._file.truncate(self._file.read().rfind(b"\n") + 1)

    def write(self, event: Event) -> None:
        """Append one event. Raises `OutputError` if the disk is full."""
        try:
            self._file.write(f"{event.line()}\n".encode())
            self._file.flush()
        except OSError as error:
            raise unwritable(self._path, error) from error

    def try_to_write(self, event: Event) -> None:
        """Append one event if the disk lets it; for those that come from beside the training, or at its end."""
        with suppress(OutputError, ValueError):  # a full disk may be what they tell of; closed: it was about to end
            self.write(event)

    def close(self) -> None:
        """No more events will come."""
        with suppress(OSError):  # what the disk refused before is still on its way
            self._file.close()


def read_events(path: Path) -> Iterator[dict[str, Any]]:
    """All whole lines of a diary; a last line that is still being written is left for the next reading."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.endswith("\n"):
                yield json.loads(line)


def _finite(value: Any) -> Any:
    """The same, with null for numbers that JSON has no word for: a figure of nothing (NaN), a loss that exploded."""
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
