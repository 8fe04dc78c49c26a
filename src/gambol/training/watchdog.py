"""A training that hangs says so, and where: its own watchdog notices that nothing has come for too long."""

import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from gambol.runs.events import Event

LEAST = 60.0  # seconds without a word that are no cause for alarm
USUAL = 20  # nor are so many times the usual pause between two words
OWN = str(Path(__file__).resolve().parents[1])


class Watchdog:
    """Notices when the events of a training stop coming. `look` is called now and then, from another thread."""

    def __init__(self, tell: Callable[[Event], None], least: float = LEAST) -> None:
        """tell: gets a `stalled` event when nothing came for too long, once, and `resumed` when it goes on."""
        self._tell, self._least = tell, least
        self._last, self._usual = time.monotonic(), 0.0
        self._stage: str | None = None
        self._stalled = False
        self._main = threading.get_ident()

    def saw(self, event: Event) -> None:
        """An event came."""
        now = time.monotonic()
        pause, self._last, self._stage = now - self._last, now, event.stage
        self._usual = max(pause, 0.9 * self._usual) if not self._stalled else self._usual
        if self._stalled:
            self._stalled = False
            self._tell(Event("resumed", event.stage, {"seconds": round(pause, 1)}))

    def look(self) -> None:
        """Say that nothing happens, if it is time to."""
        silent = time.monotonic() - self._last
        if self._stalled or silent < max(self._least, USUAL * self._usual):
            return
        self._stalled = True
        places = where_threads_are(self._main)
        text = (
            f"Nothing has happened for {silent:.0f} s: the training hangs at {next(iter(places.values()), '?')}. "
            "It may wait for a disk, a network drive or a graphics card that no longer answers, and learns nothing. "
            "Wait if you know the cause; else cancel it and go on by gambol train --resume.")
        logging.getLogger("gambol").warning(text)
        self._tell(Event("stalled", self._stage, {"text": text, "seconds": round(silent, 1), "threads": places}))


def where_threads_are(main: int) -> dict[str, str]:
    """For each thread, that with the identity `main` first, the innermost place: in gambol's own code if it is there.

    A place reads `data/frames.py:91 in filling`.
    """
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    frames = sorted(sys._current_frames().items(), key=lambda pair: pair[0] != main)
    return {
        names.get(thread, str(thread)): _place(frame) for thread, frame in frames if thread != threading.get_ident()}


def _place(frame: FrameType) -> str:
    stack = [entry for entry, _ in traceback.walk_stack(frame)]
    own = next((entry for entry in stack if entry.f_code.co_filename.startswith(OWN)), None)
    shown = own or stack[0]
    name = shown.f_code.co_filename
    short = Path(name).relative_to(OWN).as_posix() if own else Path(name).name
    inner = "" if shown is stack[0] else f" (in {stack[0].f_code.co_name})"
    return f"{short}:{shown.f_lineno} in {shown.f_code.co_name}{inner}"
