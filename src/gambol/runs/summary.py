"""What came of a training, read from its run folder: whether it ended, what was trained, how good it is.

Everything comes from the files that the run left; a file that is missing or damaged costs only what it would have said.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from gambol.errors import LabelsError
from gambol.formats import load
from gambol.runs.events import read_events
from gambol.runs.layout import PACKAGE_MANIFEST, PARTS, RunFolder
from gambol.storage import writer_of

MODEL, WEIGHTS = "model.yaml", "weights.safetensors"
DEPTHS = ("*", "*/*", "*/*/*")


def is_run(path: Path) -> bool:
    """Whether a folder is that of a training that has at least begun."""
    if (path / PACKAGE_MANIFEST).is_file():
        return False
    return RunFolder(path).job.is_file() or RunFolder(path).resolved.is_file()


def runs_in(folder: Path) -> list[Path]:
    """The runs in a folder and up to two folders further down, in the order of their names."""
    return sorted(place for depth in DEPTHS for place in folder.glob(depth) if place.is_dir() and is_run(place))


def run_facts(path: Path) -> dict[str, Any]:
    """All about a run, ready for JSON.

    state: finished, running (a process is at it now), failed (it says why), cancelled or unfinished; `continue_with` is
    the command that goes on with the last three. minutes: training time of all stages. accuracy: the figures of each
    part.
    """
    folder = RunFolder(path)
    resolved = _yaml(folder.resolved) or _yaml(folder.job)
    events = _events(folder)
    state, why = _state(folder, events)
    stages = [_stage(folder, name, events) for name in _stage_names(folder, resolved)]
    pipeline = resolved.get("pipeline")
    facts = {
        "kind": "run", "path": path.as_posix(), "state": state, "why": why,
        "continue_with": f"gambol train --resume {path}" if state in ("failed", "cancelled", "unfinished") else None,
        "pipeline": pipeline.get("kind") if isinstance(pipeline, dict) else pipeline,
        "project": resolved.get("labels"), "labels": {part: _labels(folder, part) for part in PARTS
                                                      if folder.labels(part).is_file()},
        "budget": {name: resolved[name] for name in ("minutes", "epochs") if resolved.get(name) is not None},
        "began": events[0].get("time") if events else None, "ended": events[-1].get("time") if events else None,
        "minutes": round(sum(stage["minutes"] or 0 for stage in stages), 4), "stages": stages,
        "accuracy": {part: figures for part in PARTS if (figures := _figures(folder.metrics(part)))},
        "environment": _json(folder.environment),
    }
    return facts | {"warnings": [event.get("text") for event in events if event.get("kind") == "warning"]}


def _state(folder: RunFolder, events: list[dict[str, Any]]) -> tuple[str, str | None]:
    if folder.complete:
        return "finished", None
    holder = writer_of(folder.path.resolve())
    if holder is not None:
        return "running", holder
    last = events[-1] if events else {}
    if last.get("kind") in ("failed", "cancelled"):
        return str(last["kind"]), str(last.get("text"))
    return "unfinished", None


def _stage_names(folder: RunFolder, resolved: dict[str, Any]) -> list[str]:
    """The stages in the order of training: as they were planned, else as their folders say."""
    planned = resolved.get("stages")
    if isinstance(planned, list):
        names = [str(plan["stage"]["name"]) for plan in planned if isinstance(plan, dict) and "stage" in plan]
        return [name for name in names if name.isidentifier()]  # another one could lead out of the run
    return sorted(file.parent.name for file in folder.path.glob(f"*/{MODEL}"))


def _stage(folder: RunFolder, name: str, events: list[dict[str, Any]]) -> dict[str, Any]:
    own = [event for event in events if event.get("stage") == name]
    steps = [event for event in own if event.get("kind") == "step"]
    epochs = [event for event in own if event.get("kind") == "epoch"]
    best = [event for event in own if event.get("kind") == "best"]
    ended = [event for event in own if event.get("kind") == "finished"]
    model, weights = _yaml(folder.stage(name) / MODEL), folder.stage(name) / WEIGHTS
    seconds = next((event["seconds"] for event in reversed(own) if event.get("seconds") is not None), None)
    return {
        "name": name, "finished": bool(ended), "backbone": model.get("backbone"), "view": model.get("view"),
        "channels": model.get("channels"), "heads": list(model.get("heads") or ()),
        "minutes": round(float(seconds) / 60, 4) if seconds is not None else None,
        "steps": max((event["step"] for event in (*steps, *epochs) if "step" in event), default=None),
        "epochs": epochs[-1]["epoch"] + 1 if epochs else None,
        "best_epoch": best[-1]["epoch"] + 1 if best else None, "val_loss": best[-1].get("val_loss") if best else None,
        "weights": weights.as_posix() if weights.is_file() else None,
        "weights_bytes": weights.stat().st_size if weights.is_file() else None,
        "engine": (folder.stage(name) / "engine").is_dir()}


def _labels(folder: RunFolder, part: str) -> dict[str, int] | None:
    """How many frames and animals a part of the split has."""
    figures = _json(folder.metrics(part))
    if "frames" in figures and "instances" in figures:
        return {"frames": figures["frames"], "animals": figures["instances"]}
    with suppress(LabelsError):
        columns = load(folder.labels(part))
        return {"frames": len(columns), "animals": len(columns.kinds)}
    return None


def _figures(path: Path) -> dict[str, Any]:
    """The figures of a part, without those of single nodes."""
    return {name: value for name, value in _json(path).items() if name != "nodes"}


def _events(folder: RunFolder) -> list[dict[str, Any]]:
    """The diary as far as it can be read."""
    return list(_as_far_as_possible(folder.events))


def _as_far_as_possible(path: Path) -> Iterator[dict[str, Any]]:
    with suppress(OSError, ValueError):
        yield from read_events(path)


def _json(path: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        content = json.loads(path.read_text(encoding="utf-8"))
        return content if isinstance(content, dict) else {}
    return {}


def _yaml(path: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError, yaml.YAMLError):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return content if isinstance(content, dict) else {}
    return {}
