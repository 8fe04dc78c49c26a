"""Figures as tables on the terminal."""

from collections.abc import Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

NARROW: dict[str, Any] = {"title_justify": "left", "box": SIMPLE_HEAD, "collapse_padding": True, "pad_edge": False}
NONE = "–"


def summary_table(results: Mapping[str, Mapping[str, Any]]) -> Table:
    """One row for each set of frames, from the JSON form of its evaluation."""
    table = Table(title="Accuracy (errors in px)", **NARROW)
    columns = ("frames", "animals", "missed", "extra", "median", "mean", "95 %", "<5 px", "mAP")
    table.add_column("")
    for column in columns:
        table.add_column(column, justify="right")
    for name, figures in results.items():
        error = figures["error_px"]
        table.add_row(
            name, str(figures["frames"]), str(figures["instances"]), str(figures["missed_instances"]),
            str(figures["extra_instances"]), number(error["median"], 2), number(error["mean"], 2),
            number(error["p95"], 1), number(figures["pck"]["5"], 3), number(figures["oks"]["mAP"], 3),
        )
    return table


def node_table(nodes: Mapping[str, Any]) -> Table:
    """One row for each node."""
    table = Table(title="Nodes (errors in px)", **NARROW)
    table.add_column("node")
    for column in ("visible", "missed", "extra", "median", "mean", "95 %", "<5 px"):
        table.add_column(column, justify="right")
    for name, figures in nodes.items():
        error = figures["error_px"]
        table.add_row(
            name, str(figures["visible"]), str(figures["missed"]), str(figures["extra"]), number(error["median"], 2),
            number(error["mean"], 2), number(error["p95"], 1), number(figures["pck"]["5"], 3),
        )
    return table


def number(value: float | None, digits: int) -> str:
    """A figure with so many digits behind the point, a dash for none."""
    return NONE if value is None or value != value else f"{value:.{digits}f}"
