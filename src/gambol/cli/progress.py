"""Progress on the terminal: a line for what is done, a bar for what is being done."""

from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn

if TYPE_CHECKING:
    from gambol.runs.events import Event

STAGES = {
    "single": "nodes of the animal",
    "centroid": "where animals are",
    "centered_instance": "nodes of each animal",
    "bottom_up": "nodes of all animals, and how they are connected",
}


def in_words(seconds: float) -> str:
    """A duration as a person says it: 45 s, 3:20 min, 2:05 h."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02} min"
    return f"{whole // 3600}:{whole % 3600 // 60:02} h"


class TerminalProgress:
    """Shows events as they come: one bar at a time, epochs and warnings as lines above it."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console()
        self.bars = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[note]}"),
            console=self.console, transient=True,
        )
        self._task: TaskID | None = None
        self._title = ""

    def __enter__(self) -> Self:
        self.bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bars.stop()

    def say(self, text: str, style: str | None = None) -> None:
        """A line that stays."""
        self.console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)

    def bar(self, title: str, done: float, total: float, note: str = "") -> None:
        """How far something is; another title begins another bar."""
        if title != self._title and self._task is not None:
            self.bars.remove_task(self._task)
            self._task = None
        if self._task is None:
            self._task, self._title = self.bars.add_task(title, note=note), title
        self.bars.update(self._task, completed=done, total=total, note=note)

    def show(self, event: "Event") -> None:
        """One event of a training."""
        data = event.data
        if event.kind == "phase":
            self._phase(event.stage, data)
        elif event.kind == "step":
            seconds, used = data["seconds"], data["progress"]
            left = f", {in_words(seconds / used * (1 - used))} left" if used > 0.01 else ""
            note = f"epoch {data['epoch'] + 1}, step {data['step']}, loss {data['loss']:.4f}{left}"
            self.bar(self._name(event.stage), used, 1, note)
        elif event.kind == "epoch":
            self.say(f"  epoch {data['epoch'] + 1}, step {data['step']}: {_epoch_in_words(data)}")
        elif event.kind == "finding":
            remedy = f" {data['remedy']}" if data["remedy"] else ""
            style = {"ok": "dim", "warning": "yellow"}.get(data["level"], "red")
            self.say(f"  {data['name']}: {data['text']}.{remedy}", style)
        elif event.kind in ("warning", "stopped"):
            self.say(str(data["text"]), "yellow")

    def _phase(self, stage: str | None, data: dict[str, Any]) -> None:
        if "total" in data:
            self.bar(data["phase"], data["done"], data["total"], f"{data['done']} of {data['total']} frames")
        elif data["phase"] == "build":
            which = f"{data['number']} of {data['of']}: " if data.get("of", 1) > 1 else ""
            self.say(f"{which}{self._name(stage)} ({stage})", "bold")
        elif data["phase"] == "resume" and stage is not None:
            self.say(f"  goes on at epoch {data['epoch'] + 1}, step {data['step']}")
        elif data["phase"] not in ("steps", "validation", "previews"):  # these come and go beside the bar of the stage
            self.bar(data["phase"], 0, 1)

    @staticmethod
    def _name(stage: str | None) -> str:
        return STAGES.get(stage or "", stage or "")


def _epoch_in_words(data: dict[str, Any]) -> str:
    text = f"loss {data['train_loss']:.4f}, on validation frames {data['val_loss']:.4f}"
    if "accuracy_median" in data:
        text += (
            f", median error {data['accuracy_median']:.2f} px, 95 % within {data['accuracy_p95']:.1f} px, "
            f"{data['accuracy_found']:.0%} found"
        )
    if data.get("plateau"):
        text += f"; best {data['best_loss']:.4f} in epoch {data['best_epoch'] + 1}, {data['plateau']} of " \
            f"{data['patience']} epochs without a better one"
    return text
