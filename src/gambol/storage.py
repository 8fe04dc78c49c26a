"""Files that are either whole or not there: written beside their place, synced, then renamed into it. And locks."""

import errno
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from gambol.errors import OutputError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

BEYOND_TEXT = 1 << 20  # Windows bars others from the byte that it locks, so it is none of those that are read
FULL = (errno.ENOSPC, errno.EDQUOT)
TAKEN = (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK)  # what systems say if another process has the lock


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
        sync_folder(path.parent)
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


def sync_folder(folder: Path) -> None:
    """Ask the system to put the folder's names on the disk now, where it knows how to (Windows does so by itself)."""
    if sys.platform != "win32":
        with suppress(OSError):  # some network file systems refuse
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep other processes from writing `path` until the block ends; if this process dies, the system lets go.

    A hidden file beside `path` holds the lock; one that a killed process left is taken over. Where the file system
    knows no locks there is none. Raises `OutputError` naming the process that is at it, or if the folder refuses.
    """
    place = path.with_name(f".{path.name}.lock")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        file = _lock(place)
    except OSError as error:
        raise unwritable(path, error) from error
    if file is None:
        raise OutputError(
            f"{path} is being written already, by {_holder(place)}. "
            "Two at once would spoil each other's result. "
            "Wait until it is done, stop it, or choose another name for the output.")
    try:
        yield
    finally:
        if sys.platform == "win32":
            file.close()  # an open file cannot be removed there
        with suppress(OSError):
            place.unlink(missing_ok=True)
        file.close()


def writer_of(path: Path) -> str | None:
    """Who is writing `path` now under `locked`, such as "process 123 on my-machine"; None if nobody is."""
    place = path.with_name(f".{path.name}.lock")
    try:
        with place.open("rb+") as file:
            return None if _acquire(file) else _holder(place)
    except OSError:
        return None


def _lock(place: Path) -> BinaryIO | None:
    """The lock's file, open and locked, with this process's name in it; None if another process has it."""
    while True:
        file = place.open("a+b")
        if not _acquire(file):
            file.close()
            return None
        if _is_at(file, place):
            break
        file.close()  # whoever had it removed it just now, so this lock would bar nobody
    with suppress(OSError):  # on a full disk it locks as well
        file.truncate(0)
        file.write(f"{os.getpid()} on {platform.node()}".encode())
        file.flush()
    return file


def _acquire(file: BinaryIO) -> bool:
    """Whether the lock was free and is ours now; true also where the file system knows no locks."""
    try:
        if sys.platform == "win32":
            file.seek(BEYOND_TEXT)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in TAKEN
    return True


def _is_at(file: BinaryIO, place: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), place.stat())
    except FileNotFoundError:
        return False


def _holder(place: Path) -> str:
    with suppress(OSError):
        name = place.read_text(encoding="utf-8", errors="replace").strip()
        return f"process {name}" if name else "another process"
    return "another process"


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
    if error.errno in FULL:
        return OutputError(
            f"{what_failed(path, error)} "
            "Nothing half-written was left behind, but the result is not there either. "
            "Free some space or choose another folder, then run the same command again.")
    return OutputError(
        f"{what_failed(path, error)} "
        "The result would be lost, so gambol stopped. "
        "Choose a folder in which you may write.")


def what_failed(path: Path, error: BaseException) -> str:
    """The sentence that says that a file could not be written, and why."""
    if isinstance(error, OSError) and error.errno in FULL:
        return f"The disk is full: {path} could not be written."
    reason = (isinstance(error, OSError) and error.strerror) or error
    return f"{path} could not be written ({reason})."
