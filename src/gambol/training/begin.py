"""The folder of a run: reserved for one process, and made so that a training which cannot begin leaves no trace."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path

import yaml

from gambol.errors import JobError, OutputError
from gambol.runs.layout import RunFolder, environment
from gambol.storage import locked, refuse_existing, write_text
from gambol.training.job import TrainingJob


@contextmanager
def reserved(folder: RunFolder) -> Iterator[None]:
    """Keep other processes from training into the run; if the block fails, folders that were made around it are gone.

    Raises `OutputError` if another process is at it.
    """
    missing = [place for place in folder.path.parents if not place.exists()]
    try:
        with locked(folder.path.resolve()):
            yield
    except BaseException:
        for place in missing:
            with suppress(OSError):  # something was put there meanwhile
                place.rmdir()
        raise


@contextmanager
def begun(job: TrainingJob, folder: RunFolder) -> Iterator[None]:
    """Make the run folder, with the job in it; if the block fails, the folder is gone, and what it replaced is back.

    Raises `OutputError` if a run is there already.
    """
    path, earlier = folder.path, _require_place(folder, job.overwrite)
    empty = path.exists() and earlier is None
    if earlier is not None:
        path.rename(earlier)
    try:
        write_text(folder.job, yaml.safe_dump(job.model_dump(mode="json", exclude_unset=True), sort_keys=False))
        write_text(folder.environment, json.dumps(environment(), indent=1))
        yield
    except BaseException:
        _take_back(folder, empty, earlier)
        raise
    remove_earlier(folder)


def remove_earlier(folder: RunFolder) -> None:
    """Remove the run that this one replaces, which waited beside it until this one could begin."""
    for earlier in folder.path.parent.glob(f".{escape(folder.path.name)}.*.earlier"):
        shutil.rmtree(earlier)


def _require_place(folder: RunFolder, overwrite: bool) -> Path | None:
    """Raise unless the run may be made there; where an earlier run waits until this one can begin, if there is one."""
    path = folder.path
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return None
    if folder.job.is_file() and not folder.complete and not overwrite:
        raise OutputError(
            f"{path} holds a training that was not finished. "
            "It was left as it is, so that nothing that it has learnt is lost. "
            f"Go on with it by gambol train --resume {path}, or pass --overwrite to begin anew.")
    refuse_existing(path, overwrite, folder=True)
    if not folder.job.is_file():
        raise JobError(
            f"{path} is not a run folder, so --overwrite does not replace it. "
            "What lies in it would be lost. "
            "Choose another folder with --out.")
    return path.with_name(f".{path.name}.{os.getpid()}.earlier")


def _take_back(folder: RunFolder, empty: bool, earlier: Path | None) -> None:
    """Leave everything as it was before the run folder was made; empty: somebody had made a folder for the run."""
    if not empty:
        shutil.rmtree(folder.path, ignore_errors=True)
    else:
        for place in folder.path.iterdir():
            place.unlink()
    if earlier is not None:
        earlier.rename(folder.path)
