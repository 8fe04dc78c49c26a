"""What came of a training, on the terminal: one screen."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from rich.table import Table

from gambol.cli.facts.unfinished import progress_of
from gambol.cli.sparkline import sparkline
from gambol.cli.tables import (
    NONE,
    empty_table,
    headline,
    in_words_of_prediction,
    number,
    pairs,
    plain_settings,
    summary_table,
    thousands,
)

Facts = Mapping[str, Any]

ELSEWHERE = ("labels", "validation", "out", "overwrite", "pipeline.kind", "minutes", "epochs", "device")  # in words
SETTINGS = 8  # told at most
WORST = 3     # nodes


def run(facts: Facts) -> Iterator[str | Table]:
    """A training: its state, what was asked, its stages, its accuracy, and how to use it."""
    yield headline(facts, f"run, {facts['state']}")
    yield pairs([row for row in _rows(facts) if row[1]])
    yield _stages(facts["stages"])
    if any(stage["curve"] for stage in facts["stages"]):
        yield pairs(_curves(facts["stages"]))
    if facts["accuracy"]:
        yield summary_table(facts["accuracy"])
    yield pairs([row for row in _afterwards(facts) if row[1]])


def _rows(facts: Facts) -> Iterator[tuple[str, str]]:
    began = datetime.fromtimestamp(facts["began"]).astimezone().isoformat(" ", "minutes") if facts["began"] else ""
    yield "state", _state(facts)
    yield "asked", _asked(facts)
    yield "project", str(facts["project"])
    yield "labels", _labels(facts) or NONE
    yield "time", f"{facts['minutes']:.1f} min of training{f', begun {began}' if began else ''}"
    machine = facts["environment"]
    yield "machine", machine and (
        f"{machine.get('system')}, {machine.get('cores')} cores; gambol {machine.get('gambol')}, "
        f"torch {machine.get('torch')}")
    for text in facts["warnings"]:
        yield "warning", str(text)


def _state(facts: Facts) -> str:
    told = {
        "finished": "finished", "running": f"running now ({facts['why']})",
        "unfinished": "unfinished: its process ended without a word, killed or cut off",
    }.get(facts["state"], f"{facts['state']}: {facts['why']}")
    told += f"\nIt was last heard of in: {facts['reached']}" if facts.get("reached") else ""
    return told + (f"\nGo on with: {facts['continue_with']}" if facts["continue_with"] else "")


def _asked(facts: Facts) -> str:
    budget = ", ".join(f"{value:g} {name}" for name, value in facts["budget"].items())
    settings = [f"{name}={value}" for name, value in plain_settings(facts["asked"]) if name not in ELSEWHERE]
    more = f", and {len(settings) - SETTINGS} more in job.yaml" if len(settings) > SETTINGS else ""
    told = f"{facts['pipeline']}{f', {budget} for each stage' if budget else ''}"
    return told + (f"; {', '.join(settings[:SETTINGS])}{more}" if settings else "")


def _labels(facts: Facts) -> str:
    told = [f"{counts['frames']} frames with {counts['animals']} animals to {what}" for part, what in
            (("train", "learn from"), ("val", "validate with"), ("test", "test with"))
            if (counts := facts["labels"].get(part))]
    split = facts["split"] or {}
    if facts["validation"]:
        told.append(f"those to validate with are of {facts['validation']}")
    elif told and split:
        told.append(f"split by {split.get('by')} with seed {split.get('seed')}")
    return ", ".join(told)


def _stages(stages: Iterable[Facts]) -> Table:
    table = empty_table("Stages", ("stage", "network", "input"), ("weights", "sees", "epochs", "best", "minutes"), ())
    for stage in stages:
        best = NONE if stage["best_epoch"] is None else f"{stage['best_epoch']}{'' if stage['finished'] else ' so far'}"
        table.add_row(
            stage["name"], _network(stage["backbone"] or {}), _input(stage["view"] or {}),
            thousands(stage["parameters"]), _sees(stage), str(stage["epochs"] or NONE), best,
            number(stage["minutes"], 1))
    return table


def _network(backbone: Facts) -> str:
    if not backbone:
        return NONE
    told = f"{backbone.get('kind')}{backbone.get('version', '')}"
    if "max_stride" in backbone:
        told += f", stride {backbone['max_stride']} to {backbone.get('output_stride')}"
    return told


def _input(view: Facts) -> str:
    size = f" {view['size']} px" if view.get("size") else ""
    return f"{view.get('kind')}{size}, scale {view.get('scale', 1):.2g}" if view else NONE


def _sees(stage: Facts) -> str:
    """How far a cell of the finest map sees, in pixels of the image."""
    field, scale = stage.get("receptive_field"), (stage["view"] or {}).get("scale") or 1
    return NONE if field is None else f"{field / scale:.0f} px"


def _curves(stages: Iterable[Facts]) -> Iterator[tuple[str, str]]:
    for stage in stages:
        losses = [validated for _, _, validated in stage["curve"] if validated is not None]
        if losses:
            bars = sparkline([validated for _, _, validated in stage["curve"]])
            yield f"{stage['name']} loss", f"{bars}  {losses[0]:.4g} to {min(losses):.4g}, on validation frames"


def _afterwards(facts: Facts) -> Iterator[tuple[str, str]]:
    yield "worst nodes", _worst(facts["nodes"])
    speed = facts["speed"]
    yield "speed", speed and (
        f"{speed['frames_per_second']:.1f} frames/s on {speed['device']} by {speed['engine']}: {speed['frames']} "
        f"frames of {speed['width']} x {speed['height']} with {speed['animals_per_frame']:.1f} animals, decoded before")
    yield "predicted", _predicted(facts)
    place = facts["path"]
    if any(stage["weights"] for stage in facts["stages"]):
        yield "files", (f"{place}: STAGE/weights.safetensors, STAGE/training_log.csv, labels.PART.slp, "
                        "predictions.PART.slp, metrics.PART.json, resolved.yaml with all settings, events.jsonl")
        so_far = "" if facts["state"] == "finished" else ", with the best weights so far, once each stage has some"
        yield "use it", f"gambol predict VIDEO -m {place}{so_far}"


def _worst(nodes: Mapping[str, list[Facts]]) -> str:
    """The nodes that are furthest off where the model had not seen the frames."""
    part = next((part for part in ("test", "val", "train") if nodes.get(part)), None)
    if part is None:
        return ""
    told = []
    for node in nodes[part][:WORST]:
        error, missed = node["error_px"], f", {node['missed']} of {node['visible']} missed" if node["missed"] else ""
        if error["median"] is not None:
            told.append(f"{node['node']} {error['median']:.2f} px (95 % within {error['p95']:.1f}{missed})")
        elif node["visible"]:
            told.append(f"{node['node']} never found")
    return "; ".join(told) + f", on {part} frames" if told else ""


def _predicted(facts: Facts) -> str:
    known = facts["prediction"] or {}
    if "frames" in known:
        return in_words_of_prediction(known)
    if "problem" in known:
        return f"{known['problem']}\nThe command: {known['by_hand']}"
    return progress_of(facts["unfinished"]) if facts.get("unfinished") else ""
