"""Figures as tables on the terminal."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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


def headline(facts: Mapping[str, Any], what: str) -> str:
    """The line above all that is told of a path."""
    return f"{facts['path']}: {what}"


def pairs(rows: Iterable[tuple[str, str]]) -> Table:
    """Names and what they stand for, side by side."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(name, value)
    return table


def empty_table(title: str, left: Sequence[str], right: Sequence[str], last: Sequence[str]) -> Table:
    """An empty table whose columns of figures, in the middle, are right-aligned."""
    table = Table(title=title, **NARROW)
    for name in (*left, *right, *last):
        table.add_column(name, justify="right" if name in right else "left", overflow="fold")
    return table


def thousands(count: int | None) -> str:
    """A large number as a person says it: 950, 12k, 1.9M."""
    if count is None or count < 1000:
        return NONE if count is None else str(count)
    return f"{count / 1000:.0f}k" if count < 999_500 else f"{count / 1e6:.1f}M"


def plain_settings(settings: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Settings within settings as the words of --set: `optimizer.learning_rate`, and its value."""
    for name, value in settings.items():
        if isinstance(value, Mapping) and value:
            yield from plain_settings(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


def in_words_of_prediction(counts: Mapping[str, Any]) -> str:
    """What came of a prediction that followed a training, in one sentence or two."""
    lost = f" {counts['frames_lost']} frames could not be decoded." if counts["frames_lost"] else ""
    return (
        f"Predicted {counts['frames']} frames ({counts['on']}): {counts['instances']} animals in "
        f"{counts['frames_with_animals']} of them, {counts['frames_without_animals']} without any.{lost} "
        f"They are in {counts['out']}")


def in_bytes(count: int) -> str:
    """A size as a person says it: 512 bytes, 1.2 MB."""
    size, units = float(count), iter(("bytes", "kB", "MB", "GB", "TB"))
    unit = next(units)
    while size >= 1000 and unit != "TB":
        size, unit = size / 1000, next(units)
    return f"{size:.0f} {unit}" if unit == "bytes" or size >= 100 else f"{size:.1f} {unit}"
