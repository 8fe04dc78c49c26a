"""What came of a training, read from its run folder: whether it ended, what was trained, how good it is.

Everything comes from the files that the run left; a file that is missing or damaged costs only what it would have said.
"""

from contextlib import suppress
from pathlib import Path
from typing import Any

from gambol.errors import LabelsError
from gambol.formats import load
from gambol.runs.layout import PARTS, RunFolder
from gambol.runs.reading import events_of, json_of, yaml_of
from gambol.runs.stages import stage_facts, stage_names
from gambol.storage import writer_of


def run_facts(path: Path) -> dict[str, Any]:
    """All about a run, ready for JSON.

    state: finished, running (a process is at it now), failed (it says why) or unfinished; `continue_with` is the
    command that goes on with the last two. minutes: training time of all stages. accuracy: the figures of each part.
    """
    folder = RunFolder(path)
    resolved = yaml_of(folder.resolved) or yaml_of(folder.job)
    events = events_of(folder.events)
    state, why = _state(folder, events)
    stages = [stage_facts(folder, name, events) for name in stage_names(folder, resolved)]
    pipeline = resolved.get("pipeline")
    facts = {
        "kind": "run", "path": path.as_posix(), "state": state, "why": why,
        "continue_with": f"gambol train --resume {path}" if state in ("failed", "unfinished") else None,
        "pipeline": pipeline.get("kind") if isinstance(pipeline, dict) else pipeline,
        "project": resolved.get("labels"), "labels": {part: _labels(folder, part) for part in PARTS
                                                      if folder.labels(part).is_file()},
        "budget": {name: resolved[name] for name in ("minutes", "epochs") if resolved.get(name) is not None},
        "began": events[0].get("time") if events else None, "ended": events[-1].get("time") if events else None,
        "minutes": round(sum(stage["minutes"] or 0 for stage in stages), 4), "stages": stages,
        "accuracy": {part: figures for part in PARTS if (figures := _figures(folder.metrics(part)))},
        "environment": json_of(folder.environment),
    }
    return facts | {"warnings": [event.get("text") for event in events if event.get("kind") == "warning"]}


def _state(folder: RunFolder, events: list[dict[str, Any]]) -> tuple[str, str | None]:
    if folder.complete:
        return "finished", None
    holder = writer_of(folder.path.resolve())
    if holder is not None:
        return "running", holder
    last = events[-1] if events else {}
    return ("failed", str(last.get("text"))) if last.get("kind") == "failed" else ("unfinished", None)


def _labels(folder: RunFolder, part: str) -> dict[str, int] | None:
    """How many frames and animals a part of the split has."""
    figures = json_of(folder.metrics(part))
    if "frames" in figures and "instances" in figures:
        return {"frames": figures["frames"], "animals": figures["instances"]}
    with suppress(LabelsError):
        columns = load(folder.labels(part))
        return {"frames": len(columns), "animals": len(columns.kinds)}
    return None


def _figures(path: Path) -> dict[str, Any]:
    """The figures of a part, without those of single nodes."""
    return {name: value for name, value in json_of(path).items() if name != "nodes"}
