"""The sign of life of a run: `heartbeat.json`, written anew every two seconds while a process is at it."""

import json
import os
import platform
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, Self

from gambol.runs.events import Event
from gambol.runs.layout import RunFolder
from gambol.storage import writer_of

SECONDS = 2.0
LATE = 10.0  # seconds after which a heartbeat is late: the machine is busy, or asleep

Life = Literal["alive", "busy", "dead"]


class Heartbeat:
    """Tells every two seconds that the process lives, and what it is doing; use it as a context.

    each: called with every beat, for whoever wants to look after the training as regularly.
    """

    def __init__(self, folder: RunFolder, each: Callable[[], None] | None = None, seconds: float = SECONDS) -> None:
        self._file, self._each, self._seconds = folder.heartbeat, each, seconds
        self._doing: dict[str, Any] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="gambol-heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        with suppress(OSError):
            self._file.unlink(missing_ok=True)

    def doing(self, event: Event) -> None:
        """Take from an event what the process is doing now."""
        told = {"stage": event.stage, "kind": event.kind}
        known = ("phase", "step", "epoch", "done", "total")
        self._doing = told | {name: event.data[name] for name in known if name in event.data}

    def _beat(self) -> None:
        while True:
            self._write()
            if self._each is not None:
                self._each()
            if self._over.wait(self._seconds):
                return

    def _write(self) -> None:
        """Not synced, and no error on a full disk: a sign of life is worth nothing a moment later."""
        facts = {"time": round(time.time(), 3), "pid": os.getpid(), "host": platform.node(), **self._doing}
        temporary = self._file.with_name(f".{self._file.name}.{os.getpid()}.tmp")
        with suppress(OSError):
            temporary.write_text(json.dumps(facts), encoding="utf-8")
            temporary.replace(self._file)


def read_heartbeat(run: Path) -> dict[str, Any] | None:
    """The last sign of life of a run, and under `life` what it says: None if no process is or was at it.

    alive: a process is at it · busy: one is, but its sign is late · dead: there is none any more, so the run can be
    taken up by another. A process on another machine counts as alive as long as its sign is not late.
    """
    try:
        facts = json.loads(RunFolder(run).heartbeat.read_text(encoding="utf-8"))
        late = time.time() - float(facts["time"]) > LATE
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return {**facts, "life": _life(run, facts, late)}


def _life(run: Path, facts: dict[str, Any], late: bool) -> Life:
    if facts.get("host") != platform.node():
        return "dead" if late else "alive"
    if writer_of(run.resolve()) is None and facts.get("pid") != os.getpid():
        return "dead"
    return "busy" if late else "alive"
