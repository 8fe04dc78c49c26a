"""Columns whose rows stay in their file until they are asked for: hours of predictions open at once, taking no room."""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Int

from gambol.labels.columns import ROW_FIELDS, Columns, empty_rows

POINT_FIELDS = ("points", "visible", "complete", "point_scores")
BLOCK = 1024  # rows that are read at a time

ReadRows = Callable[[slice, bool], dict[str, Any]]
"""What a file says of a run of its rows, keys as in ROW_FIELDS; without POINT_FIELDS if the second is False."""


class LazyColumns(Columns):
    """Columns that read rows when they are needed.

    Frames are in memory. What concerns some rows (`take`, and so `poses` of a frame and `select_frames`) reads only
    their surroundings; an array that is asked for by its name is read whole, and is an ordinary array from then on.
    """

    _read: ReadRows | None = None
    _last: tuple[int, dict[str, Any]] | None = None

    @classmethod
    def over(cls, read: ReadRows, **known: Any) -> "LazyColumns":
        """Columns of which `known` gives everything but the rows."""
        columns = cls(**known, **empty_rows(len(known["skeleton"])))
        for name in ROW_FIELDS:
            del columns.__dict__[name]
        columns._read = read
        return columns

    def __getattr__(self, name: str) -> Any:
        if name not in ROW_FIELDS or self._read is None:
            raise AttributeError(f"{type(self).__name__} has no attribute {name}")
        everything = self._read(slice(0, int(self.row_start[-1])), name in POINT_FIELDS)
        self.__dict__ = everything | self.__dict__  # what is in memory already may have been edited
        return everything[name]

    def take(self, rows: slice | Int[np.ndarray, " chosen"]) -> dict[str, Any]:
        """What is known of some animals, in the order asked for; keys as in ROW_FIELDS."""
        absent = [name for name in ROW_FIELDS if name not in self.__dict__]
        taken = {name: self.__dict__[name][rows] for name in ROW_FIELDS if name not in absent}
        if not absent:
            return taken
        count = int(self.row_start[-1])
        numbers = np.arange(*rows.indices(count)) if isinstance(rows, slice) else np.arange(count)[rows]
        order = np.argsort(numbers, kind="stable")
        ascending = numbers[order]
        found = empty_rows(len(self.skeleton), len(numbers))
        for block in np.unique(ascending // BLOCK):
            first = int(block) * BLOCK
            here = slice(*ascending.searchsorted((first, first + BLOCK)))
            known = self._block(int(block))
            for name in absent:
                found[name][order[here]] = known[name][ascending[here] - first]
        return taken | {name: found[name] for name in absent}

    def _block(self, number: int) -> dict[str, Any]:
        """A block of rows; the last one is kept at hand, since neighbours are asked for one after another."""
        assert self._read is not None
        if self._last is None or self._last[0] != number:
            end = min((number + 1) * BLOCK, int(self.row_start[-1]))
            self._last = number, self._read(slice(number * BLOCK, end), True)
        return self._last[1]
