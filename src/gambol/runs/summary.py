"""What came of a training, read from its run folder: whether it ended, what was trained, how good it is.

Everything comes from the files that the run left; a file that is missing or damaged costs only what it would have said.
"""

import math
from pathlib import Path
from typing import Any

from gambol.runs.layout import PARTS, RunFolder
from gambol.runs.reading import events_of, json_of, yaml_of
from gambol.runs.scored import part_facts
from gambol.runs.stages import stage_facts, stage_names
from gambol.storage import writer_of

JUDGING = ("val", "test")  # parts whose frames have to be the same where runs are compared


def run_facts(path: Path) -> dict[str, Any]:
    """All about a run, ready for JSON.

    state: finished, running (a process is at it now), cancelled, failed (`why` says it) or unfinished (its process
    ended without a word); `reached` is what it was doing, `continue_with` the command that goes on. asked: the job as
    it was written. minutes: training time of all stages. accuracy, nodes: the figures of each part, and of its nodes,
    the worst first. speed, prediction: as `RunFolder` tells. labels: counts by part, and a fingerprint of those that
    judge.
    """
    folder = RunFolder(path)
    resolved = yaml_of(folder.resolved) or yaml_of(folder.job)
    events = events_of(folder.events)
    state, why = _state(folder, events)
    stages = [stage_facts(folder, name, events) for name in stage_names(folder, resolved)]
    pipeline = resolved.get("pipeline")
    metrics = {part: figures for part in PARTS if (figures := json_of(folder.metrics(part)))}
    return {
        "kind": "run", "path": path.as_posix(), "state": state, "why": why,
        "reached": _reached(events) if state != "finished" else None,
        "continue_with": f"gambol train --resume {path}" if state not in ("finished", "running") else None,
        "pipeline": pipeline.get("kind") if isinstance(pipeline, dict) else pipeline,
        "project": resolved.get("labels"), "validation": resolved.get("validation"), "split": resolved.get("split"),
        "asked": yaml_of(folder.job),
        "labels": {part: part_facts(folder.labels(part), metrics.get(part, {}), part in JUDGING)
                   for part in PARTS if folder.labels(part).is_file()},
        "budget": {name: resolved[name] for name in ("minutes", "epochs") if resolved.get(name) is not None},
        "began": events[0].get("time") if events else None, "ended": events[-1].get("time") if events else None,
        "minutes": round(sum(stage["minutes"] or 0 for stage in stages), 4), "stages": stages,
        "accuracy": {part: {name: value for name, value in figures.items() if name != "nodes"}
                     for part, figures in metrics.items()},
        "nodes": {part: _nodes(figures.get("nodes")) for part, figures in metrics.items()},
        "speed": json_of(folder.speed) or None, "prediction": json_of(folder.prediction) or None,
        "environment": json_of(folder.environment),
        "warnings": [" ".join(filter(None, (event.get("text"), event.get("remedy")))) for event in events
                     if "warning" in (event.get("kind"), event.get("level"))]}


def _state(folder: RunFolder, events: list[dict[str, Any]]) -> tuple[str, str | None]:
    if folder.complete:
        return "finished", None
    holder = writer_of(folder.path.resolve())
    if holder is not None:
        return "running", holder
    last = events[-1] if events else {}
    if last.get("kind") not in ("failed", "cancelled"):
        return "unfinished", None
    return str(last["kind"]), str(last.get("text"))


def _reached(events: list[dict[str, Any]]) -> str | None:
    """What the run was doing when it was last heard of."""
    stage = None
    for event in reversed(events):
        stage = stage or event.get("stage")
        if event.get("kind") in ("step", "epoch", "best"):
            return f"training {event.get('stage')}, epoch {event.get('epoch', 0) + 1}"
        if event.get("kind") == "finished":
            return f"after {event.get('stage')} was trained"
        if event.get("kind") == "phase" and event.get("phase") != "resume":
            done = f", {event['done']} of {event['total']} frames" if "total" in event else ""
            return f"{event.get('phase')}{f' of {stage}' if stage else ''}{done}"
    return None


def _nodes(figures: Any) -> list[dict[str, Any]]:
    """The nodes of a part, by name: those that were never found first, then those that are furthest off."""
    if not isinstance(figures, dict):
        return []
    nodes = [{"node": name, **own} for name, own in figures.items()]
    return sorted(nodes, key=_how_bad, reverse=True)


def _how_bad(node: dict[str, Any]) -> float:
    median = (node.get("error_px") or {}).get("median")
    return float(median) if median is not None else math.inf if node.get("visible") else -math.inf
