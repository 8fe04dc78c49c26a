"""What came of a training, on the terminal."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from rich.table import Table

from gambol.cli.tables import NONE, empty_table, headline, in_bytes, number, pairs, summary_table

Facts = Mapping[str, Any]


def run(facts: Facts) -> Iterator[str | Table]:
    """A training: its state, what was asked, its stages, its accuracy."""
    labels = [f"{counts['frames']} frames to {what}" for part, what in
              (("train", "learn from"), ("val", "validate with"), ("test", "test with"))
              if (counts := facts["labels"].get(part))]
    budget = ", ".join(f"{value:g} {name}" for name, value in facts["budget"].items())
    rows = [
        ("state", _state(facts)), ("pipeline", str(facts["pipeline"])), ("project", str(facts["project"])),
        ("labels", ", ".join(labels) or NONE),
        ("time", f"{facts['minutes']:.1f} min of training{f' ({budget} asked for each stage)' if budget else ''}"),
    ]
    rows += [("began", _when(facts["began"]))] if facts["began"] else []
    machine = facts["environment"]
    rows += [("machine", f"{machine.get('system')}, {machine.get('cores')} cores; gambol {machine.get('gambol')}, "
              f"torch {machine.get('torch')}")] if machine else []
    rows += [(stage["name"], _network(stage)) for stage in facts["stages"] if stage["backbone"]]
    rows += [("warning", text) for text in facts["warnings"]]
    yield headline(facts, "run")
    yield pairs(rows)
    yield _stages(facts["stages"])
    if facts["accuracy"]:
        yield summary_table(facts["accuracy"])


def _state(facts: Facts) -> str:
    text = {"running": f"running now ({facts['why']})", "failed": f"failed: {facts['why']}"}.get(
        facts["state"], str(facts["state"]))
    return text + (f"\nGo on with: {facts['continue_with']}" if facts["continue_with"] else "")


def _stages(stages: Iterable[Facts]) -> Table:
    table = empty_table("Stages", ("stage",), ("epochs", "best", "loss there", "minutes", "weights"), ())
    for stage in stages:
        weights = in_bytes(stage["weights_bytes"]) if stage["weights_bytes"] else NONE
        best = NONE if stage["best_epoch"] is None else f"{stage['best_epoch']}{'' if stage['finished'] else ' so far'}"
        table.add_row(stage["name"], str(stage["epochs"] or NONE), best, number(stage["val_loss"], 5),
                      number(stage["minutes"], 1), weights)
    return table


def _network(stage: Facts) -> str:
    backbone, view = stage["backbone"] or {}, stage["view"] or {}
    told = [str(backbone.get("kind"))]
    if "filters" in backbone:
        told.append(f"{backbone['filters']} filters x {backbone.get('filters_rate', 1):g} a level")
    if "max_stride" in backbone:
        told.append(f"stride {backbone['max_stride']} to {backbone.get('output_stride')}")
    size = f" of {view['size']} px" if view.get("size") else ""
    return f"{', '.join(told)}; sees a {view.get('kind')}{size} at scale {view.get('scale', 1):.2g}"


def _when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().isoformat(sep=" ", timespec="minutes")
