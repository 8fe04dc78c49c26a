"""File formats of labels and poses: a table of readers and writers, loaded when one is needed.

To add a format: 1. write a module here with `read(path) -> Columns` and `write(columns, path, embed) -> None`;
2. add its row to FORMATS; 3. add a round trip to `tests/formats`.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gambol.errors import LabelsError

if TYPE_CHECKING:
    from gambol.labels.columns import Columns


class Format(NamedTuple):
    """A row of the table: what a person calls it, how its files end, the module that reads and writes it."""

    name: str
    suffixes: tuple[str, ...]
    module: str


FORMATS = (Format("SLEAP project", (".slp",), "gambol.formats.slp"),)


def load(path: Path) -> "Columns":
    """The labels of a file as columns; the file's name says in which format.

    Raises `LabelsError` if the format is not known or the file is missing or damaged.
    """
    columns: Columns = _module(path).read(Path(path))
    return columns


def save(columns: "Columns", path: Path, embed: bool = False) -> None:
    """Write columns to a file, atomically, in the format that its name says; `embed` puts the images in as well.

    Raises `LabelsError` if the format is not known, `OutputError` if the file cannot be written.
    """
    _module(path).write(columns, Path(path), embed)


def _module(path: Path) -> Any:
    for row in FORMATS:
        if Path(path).name.lower().endswith(row.suffixes):
            return import_module(row.module)
    known = ", ".join(suffix for row in FORMATS for suffix in row.suffixes)
    raise LabelsError(
        f"{path} is of no format that gambol reads or writes. "
        "Its name tells the format, and a guess could misread every point. "
        f"Use a file that ends in {known}.")
