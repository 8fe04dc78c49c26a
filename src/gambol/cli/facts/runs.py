"""The trainings in a folder, side by side on the terminal."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.table import Table

from gambol.cli.tables import NONE, empty_table, number

Facts = Mapping[str, Any]


def runs(facts: Facts) -> Table:
    """One line for each training."""
    table = empty_table(f"{len(facts['runs'])} runs in {facts['path']}", ("run", "pipeline", "state"),
                        ("labels", "minutes", "mAP", "median", "95 %", "missed"), ())
    for run in facts["runs"]:
        figures = run["accuracy"].get("test") or run["accuracy"].get("val") or {}
        error, frames = figures.get("error_px", {}), run["labels"].get("train") or {}
        table.add_row(
            Path(run["path"]).relative_to(facts["path"]).as_posix(), str(run["pipeline"]), run["state"],
            str(frames.get("frames", NONE)), number(run["minutes"], 1), number(figures.get("oks", {}).get("mAP"), 3),
            number(error.get("median"), 2), number(error.get("p95"), 1), str(figures.get("missed_instances", NONE)))
    table.caption = "mAP, errors in px and missed animals on the test frames of each run, or its validation frames."
    table.caption_justify = "left"
    return table
