"""File formats of labels and poses: a table of readers and writers, loaded when one is needed.

To add a format: 1. write a module here with `read(path) -> Columns` and `write(columns, path, embed, progress)`;
2. add its row to FORMATS; 3. add a round trip to `tests/formats`.
"""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gambol.errors import LabelsError

if TYPE_CHECKING:
    from gambol.labels.columns import Columns


class Format(NamedTuple):
    """A row of the table: what a person calls it, how its files end, the module that reads and writes it.

    lazy: whether the module can also open a file without reading it, by `read_lazily(path) -> Columns`.
    """

    name: str
    suffixes: tuple[str, ...]
    module: str
    lazy: bool = False


FORMATS = (Format("SLEAP project", (".slp",), "gambol.formats.slp", lazy=True),)


def load(path: Path, lazy: bool = False) -> "Columns":
    """The labels of a file as columns; the file's name says in which format.

    lazy: if the format can do so, leave the animals in the file until they are asked for, which opens hours of
    predictions at once and in little memory; the file then has to stay as it is (see `labels.lazy_columns`).
    Raises `LabelsError` if the format is not known or the file is missing or damaged.
    """
    row = _row(path)
    module = import_module(row.module)
    columns: Columns = module.read_lazily(Path(path)) if lazy and row.lazy else module.read(Path(path))
    return columns


def save(
    columns: "Columns", path: Path, embed: bool = False, progress: Callable[[int, int], None] | None = None
) -> None:
    """Write columns to a file, atomically, in the format that its name says; `embed` puts the images in as well.

    progress: called with (images stored, images in all) while images are put in. Raises `LabelsError` if the format is
    not known, `OutputError` if the file cannot be written.
    """
    import_module(_row(path).module).write(columns, Path(path), embed, progress)


def _row(path: Path) -> Format:
    for row in FORMATS:
        if Path(path).name.lower().endswith(row.suffixes):
            return row
    known = ", ".join(suffix for row in FORMATS for suffix in row.suffixes)
    raise LabelsError(
        f"{path} is of no format that gambol reads or writes. "
        "Its name tells the format, and a guess could misread every point. "
        f"Use a file that ends in {known}.")
