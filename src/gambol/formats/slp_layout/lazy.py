"""Rows that stay in their `.slp` until they are asked for, where the file lies in the order that `Columns` promises."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from gambol.errors import LabelsError
from gambol.formats.slp_layout import tables

CHUNK = 1 << 16  # records that are looked at a time


@dataclass(frozen=True)
class StoredRows:
    """The rows of a file, which is opened for each reading, so that it may be replaced meanwhile; that is noticed."""

    path: Path
    nodes: int
    track_count: int
    format_id: float
    identity: tuple[int, int]

    def __call__(self, rows: slice, points: bool) -> dict[str, Any]:
        """What the file says of a run of its rows; see `labels.lazy_columns`.

        Raises `LabelsError` if the file is gone, damaged, or another one by now.
        """
        try:
            if identity_of(self.path) != self.identity:
                raise LabelsError(
                    f"{self.path} was changed by another program while it was open. "
                    "What was read of it before and what is in it now would be mixed up. "
                    "Open it again.")
            with h5py.File(self.path, "r") as file:
                return self.of(file, rows, points)
        except (OSError, KeyError, ValueError, IndexError, TypeError, RuntimeError) as error:
            raise LabelsError(
                f"{self.path} cannot be read any more ({error}). "
                "It was removed, or is damaged where these animals are stored. "
                "Open it again, or take a backup copy.") from error

    def of(self, file: h5py.File, rows: slice, points: bool) -> dict[str, Any]:
        """The same from the open file; errors as they come."""
        instances = tables.read_table(file, "instances", rows)
        found = tables.read_rows(file, instances, self.nodes, self.format_id, points)
        if (found["track"] >= self.track_count).any():
            raise ValueError("it names tracks that it does not have")
        return found


def identity_of(path: Path) -> tuple[int, int]:
    """What tells a file from any that takes its place later."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def is_in_order(file: h5py.File, frames: Any, known: Mapping[str, Any]) -> bool:
    """Whether frames are sorted and their animals follow one another, numbered from 0: then a row is its record.

    frames: the table as stored; known: `frame_video`, `frame_index` and `row_start` as read from it.
    """
    steps, starts = np.diff(known["frame_video"]), known["row_start"]
    in_order = (steps > 0) | ((steps == 0) & (np.diff(known["frame_index"]) > 0))
    count = len(file["instances"])
    return bool(
        in_order.all() and starts[-1] == count
        and np.array_equal(frames["instance_id_start"], starts[:-1])
        and all(np.array_equal(_ids(file, first), np.arange(first, min(first + CHUNK, count)))
                for first in range(0, count, CHUNK)))


def _ids(file: h5py.File, first: int) -> Any:
    return tables.read_table(file, "instances", slice(first, first + CHUNK))["instance_id"]
