"""Following a run from outside: its diary as it grows. Any number may follow, leave, and come back."""

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from gambol.runs.layout import RunFolder
from gambol.storage import writer_of

ENDS = ("finished", "cancelled", "failed")  # of a run, not of a stage


def follow(run: Path, seconds: float = 0.5) -> Iterator[dict[str, Any]]:
    """The events of a run, those that were and those that come, until it ends or the process that was at it is gone.

    seconds: between two looks for more. A line is given when it is whole. Waits for a diary that is not there yet as
    long as somebody is at the run; gives nothing if nobody is. Lines that nobody can read are left out.
    """
    path, read = RunFolder(run).events, 0
    while True:
        at_it = writer_of(run.resolve()) is not None  # asked first: what was written before it was gone is still read
        with suppress(FileNotFoundError), path.open("rb") as file:
            file.seek(read)
            lines, _, _ = file.read().rpartition(b"\n")
            read += len(lines) + bool(lines)
            for line in lines.splitlines():
                with suppress(ValueError):
                    event: dict[str, Any] = json.loads(line)
                    yield event
                    if event["kind"] in ENDS and event["stage"] is None:
                        at_it = at_it and event["kind"] != "finished"
        if not at_it:
            return
        time.sleep(seconds)
