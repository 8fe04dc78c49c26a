"""Exported networks: where they are kept, and whether they still fit the weights that they were made from."""

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from gambol.errors import OutputError
from gambol.inference.engines.base import EngineUnavailable
from gambol.inference.engines.openvino import load_openvino
from gambol.pipelines.saved import find_stages, read_stage, stage_hash
from gambol.pipelines.stage import StageConfig
from gambol.storage import replacing, write_text

FOLDER, GRAPH, WEIGHTS, NOTE = "engine", "network.xml", "network.bin", "engine.json"
LAYOUT = 1  # of what is exported; a change of it makes earlier exports anew


@dataclass(frozen=True)
class Exported:
    """A network in OpenVINO's own format: the graph as XML, and its weights."""

    graph: bytes
    weights: bytes


def exported(folder: Path, stage: StageConfig) -> Exported:
    """The exported network of a stage's folder; it is made, which needs torch, and kept if none fits the weights.

    Raises `EngineUnavailable` if it cannot be made, `ModelError` if the weights are missing or damaged.
    """
    key = _key(folder)
    for place in _places(folder, key):
        found = _read(place, key)
        if found is not None:
            return found
    from gambol.inference.engines.export import export

    made = export(folder, stage)
    for place in _places(folder, key):
        with suppress(OutputError):  # a run that may not be written to; without a place it is made each time
            _write(place, made, key)
            break
    return made


def export_run(run: Path) -> None:
    """Export every stage of a run that was just trained, so that no prediction has to wait for it.

    What cannot be exported here, or has no place to be kept, is left for later.
    """
    for folder in find_stages([run]).values():
        with suppress(EngineUnavailable):
            exported(folder, read_stage(folder))


def _key(folder: Path) -> str:
    """What an export depends on. The precision is not part of it: it is chosen when the network is loaded."""
    load_openvino()
    parts = [LAYOUT, version("gambol"), version("openvino"), stage_hash(folder)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _places(folder: Path, key: str) -> Iterator[Path]:
    """Where the export may lie: in the run, else in the user's own cache."""
    yield folder / FOLDER
    with suppress(RuntimeError):  # a user without a home
        yield user_cache() / "engines" / key[:32]


def user_cache() -> Path:
    """The folder in which this system expects programs to keep what they can make again."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "gambol" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "gambol"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gambol"


def _read(place: Path, key: str) -> Exported | None:
    """What lies there, if it is whole and was made for this key."""
    try:
        note = json.loads((place / NOTE).read_text(encoding="utf-8"))
        found = Exported((place / GRAPH).read_bytes(), (place / WEIGHTS).read_bytes())
    except (OSError, ValueError):
        return None
    return found if note == _note(found, key) else None


def _write(place: Path, made: Exported, key: str) -> None:
    """Write each file atomically, the note that vouches for them last."""
    for name, content in ((GRAPH, made.graph), (WEIGHTS, made.weights)):
        with replacing(place / name) as temporary:
            temporary.write_bytes(content)
    write_text(place / NOTE, json.dumps(_note(made, key), indent=1) + "\n")


def _note(one: Exported, key: str) -> dict[str, str]:
    return {"key": key, GRAPH: hashlib.sha256(one.graph).hexdigest(), WEIGHTS: hashlib.sha256(one.weights).hexdigest()}
