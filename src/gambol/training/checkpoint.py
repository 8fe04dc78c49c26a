"""Checkpoints: all that the training of a stage needs to go on as if it had never stopped.

Each is one safetensors file whose header also holds the plain facts, as JSON. One file is whole or not there,
whenever the power goes, so there is no moment at which tensors and facts belong to different steps.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from gambol.runs.layout import RunFolder
from gambol.storage import replacing, write_text

KEPT = 2  # the last one, and the one before in case the last is damaged


@dataclass(frozen=True)
class Checkpoint:
    """Tensors by name, contiguous and on the CPU, and facts that JSON can say; both as they were after one step."""

    tensors: Mapping[str, Tensor]
    facts: dict[str, Any]


class Damaged(Exception):
    """A checkpoint that is not what was written; the text says in a few words what is wrong with it."""


class Checkpoints:
    """The checkpoints of one stage of a run: the last ones, or a note that the stage is finished."""

    def __init__(self, folder: RunFolder, stage: str) -> None:
        self._folder = folder.checkpoint(stage)
        self._finished = folder.finished(stage)
        self._start = folder.start(stage)

    def write(self, step: int, checkpoint: Checkpoint) -> None:
        """Put a checkpoint on the disk, then remove all but the last ones.

        Raises `OutputError` if the disk is full or refuses; those that were there before are then still there.
        """
        facts = json.dumps(checkpoint.facts)
        notes = {"facts": facts, "checksum": _checksum(checkpoint.tensors, facts)}
        with replacing(self._folder / f"{step:010}.safetensors") as temporary:
            save_file(dict(checkpoint.tensors), temporary, metadata=notes)
        for path in self.paths()[KEPT:]:
            path.unlink()

    def paths(self) -> list[Path]:
        """The files of the checkpoints, the last one first."""
        return sorted(self._folder.glob("*.safetensors"), reverse=True)

    def finish(self, figures: Mapping[str, Any]) -> None:
        """Note that the stage is finished, and remove its checkpoints, which nobody needs any more."""
        write_text(self._finished, json.dumps(figures, indent=1))
        for path in (*self.paths(), self._start):
            path.unlink(missing_ok=True)


def read(path: Path) -> Checkpoint:
    """One checkpoint from its file. Raises `Damaged` if it is not whole, or not what was written."""
    try:
        with safe_open(path, "pt") as file:
            notes, names = file.metadata() or {}, file.keys()
            tensors = {name: file.get_tensor(name) for name in names}
        if notes["checksum"] != _checksum(tensors, notes["facts"]):
            raise Damaged("its content is not what was written")
        return Checkpoint(tensors, json.loads(notes["facts"]))
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise Damaged(str(error).partition("\n")[0]) from error


def _checksum(tensors: Mapping[str, Tensor], facts: str) -> str:
    """A number that tells of bits which changed on the disk."""
    total = zlib.crc32(facts.encode())
    for name in sorted(tensors):
        total = zlib.crc32(name.encode(), total)
        total = zlib.crc32(tensors[name].reshape(-1).numpy().tobytes(), total)
    return f"{total:08x}"
