"""How accuracy grows with the number of labelled frames, on the terminal."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table

from gambol.cli.tables import empty_table, number

Facts = Mapping[str, Any]


def learning(curves: Facts) -> Iterator[str | Table]:
    """The table behind a learning curve. curves: what `runs.learning.learning_curves` gives."""
    part = {"val": "validation", "test": "test"}[curves["part"]]
    table = empty_table("Accuracy against labelled frames", ("pipeline", "backbone"),
                        ("labelled", "runs", "median", "mAP"), ())
    for curve in curves["curves"]:
        for point in curve["points"]:
            table.add_row(curve["pipeline"], curve["backbone"], str(point["labels"]), str(point["runs"]),
                          number(point["median"], 2), number(point["mAP"], 3))
    yield table
    told = [f"All on the same {curves['frames']} {part} frames; median errors in px, of several runs the middle one."]
    if curves["left_out"]:
        told.append(f"Left out, for they were scored on other frames or not at all: {', '.join(curves['left_out'])}.")
    yield "\n".join(told)
