"""Facts about files and folders as lines and tables on the terminal, one file for each kind of thing."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table

from gambol.cli.facts.project import project
from gambol.cli.facts.run import run
from gambol.cli.facts.runs import runs
from gambol.cli.facts.unfinished import progress_of, unfinished
from gambol.cli.facts.video import video

Facts = Mapping[str, Any]


def shown(facts: Facts) -> Iterator[str | Table]:
    """What `gather.everything` found, for people; of a folder of runs it also needs their `comparison`."""
    if facts["kind"] == "video":
        yield from video(facts)
    elif facts["kind"] == "run":
        yield from run(facts)
    elif facts["kind"] == "runs":
        yield from runs(facts)
    elif facts["kind"] == "unfinished":
        yield unfinished(facts)
    else:
        yield from project(facts)
        if facts.get("unfinished"):
            yield f"A prediction that is to replace this file: {progress_of(facts['unfinished'])}"
