"""What came of the stages of a training: their networks, how long they learnt, how well."""

import json
import math
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

from gambol.runs.layout import RunFolder
from gambol.runs.reading import yaml_of

MODEL, WEIGHTS = "model.yaml", "weights.safetensors"


def stage_names(folder: RunFolder, resolved: dict[str, Any]) -> list[str]:
    """The stages in the order of training: as they were planned, else as their folders say."""
    planned = resolved.get("stages")
    if isinstance(planned, list):
        names = [str(plan["stage"]["name"]) for plan in planned if isinstance(plan, dict) and "stage" in plan]
        return [name for name in names if name.isidentifier()]  # another one could lead out of the run
    return sorted(file.parent.name for file in folder.path.glob(f"*/{MODEL}"))


def stage_facts(folder: RunFolder, name: str, events: list[dict[str, Any]]) -> dict[str, Any]:
    """All about one stage, ready for JSON. events: the lines of the diary.

    curve: epoch (from 1), loss in training, loss on validation frames. parameters: how many numbers the network learnt.
    """
    own = [event for event in events if event.get("stage") == name]
    steps = [event for event in own if event.get("kind") == "step"]
    epochs = [event for event in own if event.get("kind") == "epoch"]
    best = [event for event in own if event.get("kind") == "best"]
    ended = [event for event in own if event.get("kind") == "finished"]
    model, weights = yaml_of(folder.stage(name) / MODEL), folder.stage(name) / WEIGHTS
    seconds = next((event["seconds"] for event in reversed(own) if event.get("seconds") is not None), None)
    return {
        "name": name, "finished": bool(ended), "backbone": model.get("backbone"), "view": model.get("view"),
        "channels": model.get("channels"), "heads": list(model.get("heads") or ()),
        "minutes": round(float(seconds) / 60, 4) if seconds is not None else None,
        "steps": max((event["step"] for event in (*steps, *epochs) if "step" in event), default=None),
        "epochs": epochs[-1]["epoch"] + 1 if epochs else None,
        "best_epoch": best[-1]["epoch"] + 1 if best else None, "val_loss": best[-1].get("val_loss") if best else None,
        "curve": _curve(epochs), "parameters": _parameters(weights),
        "weights": weights.as_posix() if weights.is_file() else None,
        "weights_bytes": weights.stat().st_size if weights.is_file() else None,
        "engine": (folder.stage(name) / "engine").is_dir()}


def _curve(epochs: list[dict[str, Any]]) -> list[list[Any]]:
    """The losses of each epoch; one that was told again after an interruption counts as it was told last."""
    losses = {event["epoch"] + 1: [event.get("train_loss"), event.get("val_loss")] for event in epochs}
    return [[epoch, *losses[epoch]] for epoch in sorted(losses)]


def _parameters(weights: Path) -> int | None:
    """How many numbers a safetensors file holds, by its header: its length in 8 bytes, then JSON."""
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError, struct.error), weights.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(min(length, weights.stat().st_size)))
        return sum(int(math.prod(tensor["shape"])) for name, tensor in header.items() if name != "__metadata__")
    return None
