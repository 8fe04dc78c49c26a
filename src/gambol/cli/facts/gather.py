"""All facts about a path, with those that only networks' settings and unfinished predictions tell."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from gambol.inference.parts import folder_of, unfinished
from gambol.nn.backbones import AnyBackbone
from gambol.runs.layout import RunFolder
from gambol.runs.look import facts_of

PARTS = ".parts"


def everything(path: Path) -> dict[str, Any]:
    """What `facts_of` finds, and more, ready for JSON.

    Stages of runs also have `receptive_field`, the side of the square that a cell of the finest map sees, in input
    pixels. Predictions and runs also have `unfinished`: what `inference.parts.unfinished` tells of those that are being
    made, or that were interrupted. kind `unfinished`: nothing but these is there. Raises what `facts_of` raises.
    """
    if path.name.endswith(PARTS) and path.is_dir():
        path = path.with_name(path.name.removesuffix(PARTS))
    begun = unfinished(path) if folder_of(path).is_dir() else None
    if begun is not None and not path.exists():
        return {"kind": "unfinished", "path": path.as_posix(), "unfinished": begun}
    facts = facts_of(path)
    if facts["kind"] in ("predictions", "project"):
        facts["unfinished"] = begun
    for run in _runs(facts):
        run["unfinished"] = unfinished(RunFolder(Path(run["path"])).project_predictions)
        for stage in run["stages"]:
            stage["receptive_field"] = _receptive_field(stage["backbone"])
    return facts


def _runs(facts: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if facts["kind"] == "run":
        yield facts
    elif facts["kind"] == "runs":
        yield from facts["runs"]


def _receptive_field(backbone: Any) -> int | None:
    """How far a backbone sees, if its settings are those of this gambol and tell."""
    with suppress(ValidationError):
        return getattr(TypeAdapter(AnyBackbone).validate_python(backbone), "receptive_field", None)
    return None
