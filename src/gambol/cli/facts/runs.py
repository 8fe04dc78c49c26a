"""The trainings in a folder, side by side on the terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.table import Table

from gambol.cli.tables import NONE, empty_table, number, thousands

Facts = Mapping[str, Any]

WIDTH = 100  # columns at most, so that it fits beside other things
DIGITS = {"mAP": 3, "median": 2, "p95": 1, "speed": 1}
MARK = "*"
FRAMES = {"val": "validation frames", "test": "test frames"}


def runs(facts: Facts) -> Iterator[str | Table]:
    """One line for each training; the best figures are marked, and what cannot be compared is kept apart."""
    compared = facts["comparison"]
    yield _table(facts, compared)
    yield "\n".join(_notes(compared))


def _table(facts: Facts, compared: Facts) -> Table:
    apart = not compared["comparable"]
    count = len(facts["runs"])
    table = empty_table(
        f"{count} run{'' if count == 1 else 's'} in {facts['path']}", ("run", "pipeline", "backbone"),
        ("labels", "min", *(("on",) if apart else ()), "mAP ", "median ", "95 % ", "frames/s "), ())
    for row in compared["rows"]:
        size = f" {thousands(row['parameters'])}" if row["parameters"] else ""
        table.add_row(
            row["run"], str(row["pipeline"] or NONE), f"{row['backbone']}{size}" or NONE, str(row["labels"] or NONE),
            number(row["minutes"], 1), *((row["group"] or NONE,) if apart else ()),
            *(_marked(row, column, compared["best"][column]) for column in DIGITS),
            style="dim" if row["group"] is None else None)
    return table


def _marked(row: Facts, column: str, best: Sequence[str]) -> str:
    """A figure, with a mark behind it if it is the best one; all end at the same place."""
    return number(row[column], DIGITS[column]) + (MARK if row["run"] in best else " ")


def _notes(compared: Facts) -> Iterator[str]:
    frames = FRAMES.get(compared["part"], "frames")
    if compared["comparable"]:
        if compared["groups"]:
            yield (f"All figures are of the same {compared['groups'][0]['frames']} {frames}; median and 95 % are "
                   f"errors in px. {MARK} marks the best.")
    else:
        yield (f"These runs were scored on different {frames}, so figures can only be compared within one letter; "
               f"{MARK} marks the best there.")
        for group in compared["groups"]:
            count = len(group["runs"])
            yield f"  {group['group']}: {group['frames']} {frames}, {count} run{'' if count == 1 else 's'}"
        yield "Train with the same --val VALIDATION.slp, or on the same labels with the same split, to compare them."
    if len(compared["devices"]) > 1:
        yield f"Speeds were measured on {' and on '.join(compared['devices'])}, so compare them only within one device."
    open_ones = [f"{row['run']} ({row['state']})" for row in compared["rows"] if row["state"] != "finished"]
    if open_ones:
        yield f"Not finished: {', '.join(open_ones)}. gambol inspect RUN says why, and how to go on."
