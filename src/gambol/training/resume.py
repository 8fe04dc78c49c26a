"""A training that was stopped, read back from its run folder: what was asked for, on which labels, in which stages."""

from collections.abc import Iterator
from typing import Any

import yaml
from pydantic import ValidationError

from gambol.errors import JobError
from gambol.formats import load
from gambol.nn.device import choose_device
from gambol.pipelines.stage import Plan
from gambol.runs.events import Event
from gambol.runs.layout import PACKAGE_MANIFEST, PARTS, RunFolder
from gambol.training.job import TrainingJob, job_content, make_job
from gambol.training.prepare import Prepared, decode, located


def require_run(folder: RunFolder) -> None:
    """Raise `JobError` unless a training has begun in this folder."""
    if folder.job.is_file() and not (folder.path / PACKAGE_MANIFEST).is_file():
        return
    raise JobError(
        f"{folder.path} {'is not a run folder' if folder.path.exists() else 'does not exist'}. "
        "Only a training that has begun can be continued, and nothing says what it was to be. "
        "Give the folder that gambol train made; it holds a job.yaml.")


def take_up(folder: RunFolder, device: str | None) -> Prepared:
    """The run as far as its files tell at once, and no half-written files in it any more.

    Nobody else may be at it. Raises `JobError` if it is finished or does not say what was asked for.
    """
    if folder.complete:
        raise JobError(
            f"The training in {folder.path} is finished. "
            "There is nothing left to go on with, so nothing was changed. "
            "Predict with it, or train a longer one: gambol train with more --epochs or --minutes.")
    prepared = _resolved(folder) if folder.resolved.is_file() else _asked(folder)
    if device is not None:
        prepared.job = prepared.job.model_copy(update={"device": device})
    for path in folder.path.rglob(".*.tmp"):  # what a killed process was writing
        path.unlink()
    return prepared


def reopen(prepared: Prepared) -> Iterator[Event]:
    """Read the run's own labels and decode their frames; the project may have changed since. Fills `prepared`."""
    choose_device(prepared.job.device)
    needed = {part: prepared.folder.labels(part) for part in PARTS}
    if not needed["test"].is_file():
        del needed["test"]
    prepared.parts = located(prepared.job, {part: load(path) for part, path in needed.items()})
    yield from decode(prepared, prepared.plans[0].stage.channels)


def _asked(folder: RunFolder) -> Prepared:
    """A run that was stopped before its stages were planned."""
    return Prepared(make_job(job_content(folder.job), []), folder)


def _resolved(folder: RunFolder) -> Prepared:
    """A run with its stages as they were planned; other labels or another gambol would plan others."""
    try:
        content: dict[str, Any] = yaml.safe_load(folder.resolved.read_text(encoding="utf-8"))
        plans = [Plan.model_validate(stage) for stage in content.pop("stages")]
        return Prepared(TrainingJob.model_validate(content), folder, plans=plans)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError, KeyError, TypeError, AttributeError) as error:
        raise JobError(
            f"{folder.resolved} does not say how to go on ({str(error).splitlines()[0]}). "
            "What was learnt fits only the networks that are described there. "
            f"Put the file back as it was, or train anew: gambol train {folder.job} --out ANOTHER.") from error
