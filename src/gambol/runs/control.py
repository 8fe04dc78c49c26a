"""What a running training is asked: to end its stage early, or to stop altogether. A file in its folder, so that
anyone can ask: a terminal, an app, another machine that sees the folder.
"""

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Literal

from gambol.runs.layout import RunFolder
from gambol.storage import write_text

Request = Literal["stop", "cancel"]
SECONDS_BETWEEN_LOOKS = 0.2


def request(run: Path, what: Request) -> None:
    """Ask the training in a run folder to end its stage now and go on (`stop`), or to stop altogether (`cancel`).

    Raises `OutputError` if the folder may not be written to.
    """
    write_text(RunFolder(run).control, json.dumps({"request": what, "time": time.time()}))


class Cancelled(KeyboardInterrupt):
    """The training was asked to stop altogether. What it has learnt is kept, and it can be gone on with."""


class Control:
    """The requests that come in while a training runs.

    stop: the stage that is being trained is to end now. Whoever tells the events calls `listen` with each of them.
    """

    def __init__(self, folder: RunFolder) -> None:
        """What was asked before was meant for another process."""
        self._file = folder.control
        self._looked = 0.0
        self._seen = self._stamp()
        self.stop = False

    def forget(self) -> None:
        """A stage begins: a stop that was asked for until now was not about it. Raises `Cancelled` as `listen` does."""
        self._looked = 0.0
        self.listen()
        self.stop = False

    def listen(self) -> None:
        """Look for a request; the disk is asked five times a second at most. Raises `Cancelled` if that is what it is.

        A file that says nothing known is let be.
        """
        if time.monotonic() - self._looked < SECONDS_BETWEEN_LOOKS:
            return
        self._looked, before = time.monotonic(), self._seen
        self._seen = self._stamp()
        if self._seen in (None, before):
            return
        with suppress(OSError, ValueError, AttributeError):
            what = json.loads(self._file.read_text(encoding="utf-8")).get("request")
            self.stop = self.stop or what == "stop"
            if what == "cancel":
                raise Cancelled("cancelled as it was asked to")

    def _stamp(self) -> tuple[int, int] | None:
        """What tells one request from the next: each is a file of its own that takes the place of the one before."""
        with suppress(OSError):
            status = self._file.stat()
            return status.st_ino, status.st_mtime_ns
        return None
