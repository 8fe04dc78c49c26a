"""Where a training starts: from nothing, or from what earlier runs have learnt. Free of torch."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, field_validator, model_validator

from gambol.config import Config
from gambol.errors import GambolError, JobError, ModelError
from gambol.formats import load
from gambol.pipelines.saved import MODEL, find_stages, read_stage
from gambol.runs.find import is_run, runs_in
from gambol.runs.layout import RunFolder

if TYPE_CHECKING:
    from gambol.pipelines.stage import StageConfig
    from gambol.training.job import TrainingJob

LATEST = Path("latest")
OTHERS = "Model files of other programs can run code when they are opened, so they are not. "


class StartFrom(Config):
    """Earlier runs whose weights a training begins with; a path or a list of paths alone means `runs`."""

    runs: tuple[Path, ...] = Field(
        min_length=1, description="Run folders, or single stages of them; `latest`: the newest finished run of the "
        "same pipeline, backbones and nodes in models/ beside the project.")
    parts: Literal["all", "backbone", "heads"] = Field(
        "all", description="What is taken over: all; the backbone, which sees, with fresh heads; or the heads alone.")
    learning_rate: float = Field(
        1.0, gt=0, le=10, description="The optimizer's learning rate is multiplied by this; the lower, the more stays "
        "of what was learnt.")
    stages: dict[str, str] = Field(
        {}, description="Which weights they are, stage by stage: a hash of settings and weights. The run fills it in; "
        "if it is given, others are refused.")

    @model_validator(mode="before")
    @classmethod
    def _from_paths(cls, asked: Any) -> Any:
        return asked if isinstance(asked, dict | StartFrom) else {"runs": asked}

    @field_validator("runs", mode="before")
    @classmethod
    def _as_list(cls, runs: Any) -> Any:
        return [runs] if isinstance(runs, str | Path) else runs

    @field_validator("runs")
    @classmethod
    def _from_anywhere(cls, runs: tuple[Path, ...]) -> tuple[Path, ...]:
        return tuple(path if path == LATEST else path.absolute() for path in runs)

    def run_folders(self) -> list[RunFolder]:
        """The runs that the paths belong to, each once; a stage that was taken out of its run belongs to none."""
        owners = [path if is_run(path) else path.resolve().parent for path in self.runs]
        return [RunFolder(path) for path in dict.fromkeys(owners) if is_run(path)]


@dataclass(frozen=True)
class Offer:
    """An earlier run that a training could start from, and what to say of it."""

    run: Path
    text: str


def offer(job: "TrainingJob") -> Offer | None:
    """The newest finished run of the same pipeline, backbones and nodes in models/ beside the project.

    None if there is none, if the job starts from a run anyway, or if its labels cannot be read.
    """
    if job.start_from is not None:
        return None
    run = latest(job)
    if run is None:
        return None
    return Offer(run, (
        f"This training begins from nothing, though {run} has learnt the same nodes already. "
        "To go on from there takes less time, and keeps its validation frames out of the training. "
        f"Pass --start-from {run}, or --start-from latest."))


def latest(job: "TrainingJob") -> Path | None:
    """The newest finished run that the job could start from, all stages of it; None if there is none."""
    try:
        nodes = set(load(job.labels, lazy=True).skeleton.nodes)
    except GambolError:
        return None
    folders = (RunFolder(path) for path in runs_in(job.labels.resolve().parent / "models"))
    fitting = [run for run in folders if run.complete and _fits(run, job, nodes)]
    if not fitting:
        return None
    return max(fitting, key=lambda run: (run.resolved.stat().st_mtime, run.path.name)).path


def with_latest(job: "TrainingJob") -> "TrainingJob":
    """The job with the run that `latest` stands for. Raises `JobError` if there is none."""
    if job.start_from is None or LATEST not in job.start_from.runs:
        return job
    found = latest(job)
    if found is None:
        raise JobError(
            f"There is no finished run of the same pipeline, backbones and nodes in {job.labels.parent / 'models'}. "
            "So there is no latest one to start from. "
            "Name a run with --start-from RUN, or train without.")
    runs = tuple(found if path == LATEST else path for path in job.start_from.runs)
    return job.model_copy(update={"start_from": job.start_from.model_copy(update={"runs": runs})})


def source_stages(start: StartFrom) -> dict[str, Path]:
    """The folders of the stages to start from, by name.

    Raises `JobError` for a path that is not there or is no gambol model, `ModelError` for a damaged one or if two hold
    the same stage.
    """
    for path in start.runs:
        if not path.exists():
            raise JobError(
                f"There is no run at {path}. "
                "A training cannot start from what is not there. "
                "Check the path given to --start-from, or train without it.")
        if path.is_file() or not ((path / MODEL).is_file() or any(path.glob(f"*/{MODEL}"))):
            foreign = _foreign(path)
            raise JobError(
                f"{path} holds no model of gambol{foreign and f', but {foreign}'}. "
                f"{OTHERS if foreign else 'There is nothing in it that a network could begin with. '}"
                "Give --start-from the folder of a run that gambol train made, or one of its stages.")
    return find_stages(list(start.runs))


def require_sources(job: "TrainingJob") -> None:
    """Raise what `source_stages` raises, and `JobError` if the job would replace the run that it starts from."""
    if job.start_from is None:
        return
    source_stages(job.start_from)
    out = job.out and job.out.resolve()
    if out is not None and any(out in (path.resolve(), path.resolve().parent) for path in job.start_from.runs):
        raise JobError(
            f"{job.out} is the run to start from, and would be replaced by this training. "
            "What it has learnt would be lost if the training were stopped. "
            "Choose another folder with --out; to go on with a run that was stopped, use --resume.")


def _foreign(path: Path) -> str:
    """What lies there instead, if it is known."""
    suffixes = (".ckpt", ".pt", ".pth", ".pkl", ".h5")
    found = [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.suffix in suffixes)
    return found[0].name if found else ""


def _fits(run: RunFolder, job: "TrainingJob", nodes: set[str]) -> bool:
    try:
        stages = [read_stage(folder) for folder in find_stages([run.path]).values()]
    except ModelError:
        return False
    return bool(stages) and all(_same(stage, job, nodes) for stage in stages)


def _same(stage: "StageConfig", job: "TrainingJob", nodes: set[str]) -> bool:
    asked = getattr(job.pipeline, stage.name, None)  # none of this name: another pipeline
    return asked is not None and asked.backbone == stage.backbone and set(stage.skeleton.nodes) == nodes
