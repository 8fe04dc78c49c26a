"""Files that are either whole or not there: written beside their place, synced, then renamed into it."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gambol.errors import OutputError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path to write to; when the block ends well, it takes the place of `path`.

    If the block fails, `path` is as it was before and nothing is left beside it.
    Missing parent folders are made. Raises `OutputError` if the disk is full or refuses.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        sync(temporary)
        temporary.replace(path)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        with suppress(OSError):  # a folder that refuses to be written in may refuse this too
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a whole text file, atomically."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def sync(path: Path) -> None:
    """Ask the system to put the file's content on the disk now."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def refuse_existing(path: Path, overwrite: bool, folder: bool = False) -> None:
    """Raise `OutputError` if something stands at `path` already that must not be replaced.

    folder: whether a folder is to be made there; a file never takes the place of one.
    """
    if path.is_dir() and not folder:
        raise OutputError(
            f"{path} is a folder, but a file should be written there. "
            "Nothing was written, because a folder cannot be replaced by a file. "
            "Choose another name for the output.")
    if path.exists() and not overwrite:
        raise OutputError(
            f"{path} exists already. "
            "It was left as it is, so that no earlier result is lost. "
            "Choose another name, or pass --overwrite to replace it.")


def unwritable(path: Path, error: OSError) -> OutputError:
    """The error for a file that could not be written, with the system's reason in words."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return OutputError(
            f"The disk is full: {path} could not be written. "
            "Nothing half-written was left behind, but the result is not there either. "
            "Free some space or choose another folder, then run the same command again.")
    return OutputError(
        f"{path} could not be written ({error.strerror or error}). "
        "The result would be lost, so gambol stopped. "
        "Choose a folder in which you may write.")
