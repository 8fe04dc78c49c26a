"""Ctrl-C in a terminal that trains: once, and the stage ends early; twice, and everything stops."""

import signal
import threading
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Self

from gambol.cli.progress import STAGES, TerminalProgress
from gambol.runs.control import request

if TYPE_CHECKING:
    from gambol.runs.events import Event


class CtrlC:
    """Within its context Ctrl-C ends the stage that is being trained. A second one, or one elsewhere, is the usual.

    Where Python lets nobody listen to signals, in a thread beside the main one, Ctrl-C is the usual one as well.
    """

    def __init__(self, progress: TerminalProgress) -> None:
        self._progress = progress
        self._run: Path | None = None
        self._stage: str | None = None
        self._asked = False
        self._before: Any = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._pressed)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def saw(self, event: "Event") -> None:
        """Keep in mind which run it is, and which stage is being trained."""
        if "run" in event.data:
            self._run = Path(event.data["run"])
        if event.kind == "step":
            self._stage = event.stage
        elif event.kind == "finished":
            self._stage, self._asked = None, False

    def _pressed(self, number: int, frame: FrameType | None) -> None:
        if self._run is None or self._stage is None or self._asked:
            raise KeyboardInterrupt
        self._asked = True
        request(self._run, "stop")
        self._progress.say(
            f"'{STAGES.get(self._stage, self._stage)}' ends early, and its best weights are kept. "
            "Press Ctrl-C once more to stop everything.", "yellow")
