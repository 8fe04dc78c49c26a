"""The training job: everything that can be asked of a training. Free of torch; the same as YAML, options and form."""

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError, field_validator

from gambol.config import Config, refusal
from gambol.errors import JobError
from gambol.labels.splits import SplitConfig
from gambol.pipelines.choose import AnyPipeline
from gambol.training.after import AfterConfig
from gambol.training.optimizer import OptimizerConfig
from gambol.training.start_from import LATEST, StartFrom


class TrainingJob(Config):
    """A request to train: which labels, which pipeline, for how long."""

    labels: Path = Field(description="The project with the labelled frames: .slp or .pkg.slp.")
    validation: Path | None = Field(None, description="Labels to validate on; empty: some of the frames are set aside.")
    out: Path | None = Field(None, description="The run folder to make; empty: models/<time>.<pipeline>.n=<labels>/.")
    pipeline: AnyPipeline = Field(description="How poses are found, and with which networks.")
    split: SplitConfig = Field(SplitConfig(), description="Which frames are set aside for validation and test.")
    start_from: StartFrom | None = Field(
        None, description="Runs whose weights the networks begin with; empty: from nothing.")
    minutes: float | None = Field(
        None, gt=0, description="Most training time of a stage, in minutes; easy stages take a share of it."
    )
    epochs: int | None = Field(None, ge=1, description="Epochs of each stage; empty with no minutes either: 100.")
    patience: int = Field(
        25, ge=1, description="Epochs without a better validation loss after which a stage ends early."
    )
    optimizer: OptimizerConfig = Field(OptimizerConfig(), description="How weights follow the gradient.")
    images: Literal["auto", "grey", "rgb"] = Field(
        "auto", description="Colour of the network's images; auto: as the videos."
    )
    device: str = Field("auto", description="auto, cpu, cuda, cuda:1, mps.")
    precision: Literal["auto", "bf16", "fp32"] = Field(
        "auto", description="Numbers in the network; auto: bf16 where the hardware gains from it."
    )
    seed: int = Field(0, ge=0, description="Every random draw follows from it.")
    memory: float = Field(2.0, gt=0, description="Decoded frames kept in memory, in gigabytes; the rest goes to disk.")
    check_every: int = Field(5, ge=1, description="Epochs between measurements of the accuracy on validation frames.")
    preflight: Literal["full", "quick"] = Field(
        "full", description="What is looked at before the first step; quick: all but the speed, which takes some steps."
    )
    previews: int = Field(
        5, ge=0, description="Epochs between pictures of what the network draws on a frame; 0: none are made."
    )
    after: AfterConfig = Field(AfterConfig(), description="What the run does when its networks are trained.")
    overwrite: bool = Field(False, description="Replace the run folder if it exists.")

    @field_validator("labels", "validation", "out")
    @classmethod
    def _from_anywhere(cls, path: Path | None) -> Path | None:
        return path and path.absolute()  # so that the job in the run folder can be carried out again


def job_content(path: Path) -> dict[str, Any]:
    """The settings in a job's YAML file; its paths, which are relative to it, made findable from anywhere.

    Raises `JobError` if it cannot be read or holds no settings.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise JobError(
            f"The job {path} cannot be read ({str(error).splitlines()[0]}). "
            "Nothing can be trained without it. "
            "Check the path and the file, or name the labels with --labels.") from error
    if not isinstance(content, dict):
        raise JobError(
            f"The job {path} is not a list of settings. "
            "Nothing says which labels to train on. "
            "Write it as YAML, beginning with `labels: project.slp`.")
    for key in ("labels", "validation", "out"):
        if isinstance(content.get(key), str):
            content[key] = str(path.parent / content[key])
    split, start = content.get("split"), content.get("start_from")
    if isinstance(split, dict) and isinstance(split.get("keep"), str):
        split["keep"] = str(path.parent / split["keep"])
    if start is not None:
        content["start_from"] = _runs_from(start, path.parent)
    after = content.get("after")
    predict = after.get("predict") if isinstance(after, dict) else None
    if isinstance(predict, dict) and isinstance(predict.get("out"), str):
        predict["out"] = str(path.parent / predict["out"])
    return content


def _runs_from(start: Any, base: Path) -> dict[str, Any]:
    """The setting `start_from` with its runs findable from anywhere; paths alone become its `runs`."""
    group = start if isinstance(start, dict) else {"runs": start}
    runs = group.get("runs")
    listed = [runs] if isinstance(runs, str) else runs
    if not isinstance(listed, list) or not all(isinstance(run, str) for run in listed):
        return group
    return group | {"runs": [run if run == str(LATEST) else str(base / run) for run in listed]}


def make_job(content: dict[str, Any], changes: Sequence[str] = ()) -> TrainingJob:
    """A job from settings as YAML has them, and changes such as `pipeline.centroid.batch=4`.

    Raises `JobError` if a setting does not exist or has a value that it cannot have.
    """
    try:
        return TrainingJob.model_validate(changed(content, changes))
    except ValidationError as error:
        where, wrong = refusal(TrainingJob, error)
        raise JobError(
            f"The job's setting '{where}' cannot be used: {wrong}. "
            "Training was not started, because it would not be what you asked for. "
            "Correct it in the job or in --set; the page on settings lists all of them.") from error


def changed(content: dict[str, Any], changes: Sequence[str]) -> dict[str, Any]:
    """The settings with the changes made; those given stay as they are. Raises `JobError` for what is no change."""
    content = deepcopy(content)
    for change in changes:
        key, found, value = change.partition("=")
        try:
            if not found:
                raise ValueError("there is no =")
            _put(content, key.split("."), yaml.safe_load(value))
        except (ValueError, yaml.YAMLError) as error:
            raise JobError(
                f"'{change}' is not a change of a setting ({str(error).splitlines()[0]}). "
                "It was not applied, and training without it would not be what you asked for. "
                "Write it as key=value, for example optimizer.learning_rate=0.001.") from error
    return content


def _put(content: dict[str, Any], path: list[str], value: Any) -> None:
    for depth, key in enumerate(path[:-1]):
        content = content.setdefault(key, {})
        if not isinstance(content, dict):
            raise ValueError(f"{'.'.join(path[: depth + 1])} has no settings of its own")
    content[path[-1]] = value
