"""Which folders are runs."""

from pathlib import Path

from gambol.runs.layout import PACKAGE_MANIFEST, RunFolder

DEPTHS = ("*", "*/*", "*/*/*")


def is_run(path: Path) -> bool:
    """Whether a folder is that of a training that has at least begun."""
    if (path / PACKAGE_MANIFEST).is_file():
        return False
    return RunFolder(path).job.is_file() or RunFolder(path).resolved.is_file()


def runs_in(folder: Path) -> list[Path]:
    """The runs in a folder and up to two folders further down, in the order of their names."""
    return sorted(place for depth in DEPTHS for place in folder.glob(depth) if place.is_dir() and is_run(place))
