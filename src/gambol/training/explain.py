"""What a job would train and why, setting by setting, and the command that says all of it; nothing is trained."""

import shlex
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import yaml

from gambol.config import Config
from gambol.pipelines.reason import Reason
from gambol.pipelines.sizing import measure
from gambol.pipelines.stage import Plan
from gambol.training.compose import ASKED, Composed, leaves
from gambol.training.job import TrainingJob
from gambol.training.prepare import doubts, warn_of_cuts
from gambol.training.scene import Scene, look

FLAGS = {"labels": "labels", "validation": "val", "out": "out", "pipeline.kind": "pipeline", "epochs": "epochs",
         "minutes": "minutes", "device": "device"}
MINE = "the pipeline's own"


@dataclass(frozen=True)
class Explanation:
    """Why a training is as it is.

    seen: what was looked at, in words and numbers · reasons: setting by setting · warnings: what speaks against it ·
    command: the words of a command that asks for the same, with nothing left to be chosen.
    """

    seen: tuple[str, ...]
    reasons: tuple[Reason, ...]
    warnings: tuple[str, ...]
    command: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The same as data: lists, and a dict for each reason."""
        return {
            "seen": list(self.seen), "reasons": [asdict(reason) for reason in self.reasons],
            "warnings": list(self.warnings), "command": list(self.command),
        }

    @property
    def command_line(self) -> str:
        """The command as it is typed into a shell."""
        return shlex.join(self.command)


def explain(composed: Composed) -> Explanation:
    """Explain a job. Raises what a training would raise for labels, videos and settings; writes nothing."""
    job = composed.job
    scene = look(job)
    plans = job.pipeline.plan(scene.labels, scene.channels, scene.frame)
    found = [
        Reason("pipeline.kind", job.pipeline.kind, ASKED),
        *_of_images(job, scene),
        *(reason for plan in plans for reason in _of_network(job, plan, scene)),
        *job.pipeline.reasons(scene.labels, scene.frame, plans),
        *_of_time(job, scene),
    ]
    reasons = [_with_source(reason, composed) for reason in found]
    told = {reason.setting for reason in reasons}
    reasons += [
        Reason(path, value, composed.because[path]) for path, value in leaves(_plain(job))
        if path in composed.because and path not in {*told, *FLAGS}
    ]
    warnings = [scene.warning] if scene.warning else []
    warnings += doubts(job, scene.labels)
    warnings += [event.data["text"] for plan in plans for event in warn_of_cuts(plan, scene.labels)]
    groups = ["pipeline.kind", "pipeline.anchor", *(f"pipeline.{plan.stage.name}." for plan in plans), ""]
    reasons.sort(key=lambda reason: next(at for at, group in enumerate(groups) if reason.setting.startswith(group)))
    return Explanation(_seen(scene), tuple(reasons), tuple(warnings), tuple(_command(job, reasons)))


def _with_source(reason: Reason, composed: Composed) -> Reason:
    """The reason, or who asked for the setting; also that it was changed to fit, if it was."""
    because = composed.because.get(reason.setting, reason.because)
    asked = dict(leaves(_plain(composed.job))).get(reason.setting)
    if because == ASKED and asked not in (None, "auto", reason.value):
        because = f"{ASKED}: {asked}, made to fit whole strides"
    return Reason(reason.setting, reason.value, because)


def _seen(scene: Scene) -> tuple[str, ...]:
    labels, sizes = scene.labels, measure(scene.labels, None)
    height, width = scene.frame
    return (
        f"{len(labels)} frames with {len(sizes.rows)} animals teach; {len(labels.skeleton)} nodes, "
        f"{len(labels.skeleton.edges)} edges",
        f"images of {width} x {height} px, {'grey' if scene.channels == 1 else 'in colour'}",
        f"animals {sizes.length:.0f} px long; the farthest node {sizes.reach:.0f} px from the middle",
        f"device: {scene.device}",
    )


def _of_images(job: TrainingJob, scene: Scene) -> Iterator[Reason]:
    """Why the networks see colour or none, and compute as they do."""
    yield Reason("images", "grey" if scene.channels == 1 else "rgb",
                 "as the videos are" if job.images == "auto" else ASKED)
    yield Reason("precision", job.precision, {
        "auto": f"bf16 if the device ({scene.device}) multiplies it natively, else fp32"}.get(job.precision, ASKED))


def _of_network(job: TrainingJob, plan: Plan, scene: Scene) -> Iterator[Reason]:
    """How far a stage's network sees, and how many examples it takes at a time."""
    path = f"pipeline.{plan.stage.name}"
    length = measure(scene.labels, None).length * plan.stage.view.scale
    sees = plan.stage.backbone.receptive_field
    yield Reason(f"{path}.backbone.max_stride", plan.stage.backbone.max_stride,
                 f"it sees {sees} px, {sees / length:.1f} times an animal's length of {length:.0f} px in its input")
    yield Reason(f"{path}.backbone.output_stride", plan.stage.backbone.output_stride,
                 f"{MINE}: places between the cells of a map are found from their neighbours")
    yield Reason(f"{path}.batch", plan.batch, f"{MINE}: many small steps learn most in few minutes")


def _of_time(job: TrainingJob, scene: Scene) -> Iterator[Reason]:
    """How long is trained, and what is set aside."""
    if job.minutes is not None:
        yield Reason("minutes", job.minutes, ASKED)
    else:
        yield Reason("epochs", job.epochs or 100, ASKED if job.epochs else "neither minutes nor epochs were given")
    if job.validation is None:
        yield Reason("split.validation", job.split.validation,
                     f"{scene.frames - len(scene.labels)} of {scene.frames} labelled frames are not trained on")


def _command(job: TrainingJob, reasons: list[Reason]) -> Iterator[str]:
    """The words that ask for the job with all that follows from the labels spelled out."""
    spelled = {f"pipeline.{path}": value for path, value in leaves(_defaults(job.pipeline))}
    spelled |= dict(leaves(_plain(job))) | {reason.setting: reason.value for reason in reasons}
    yield from ("gambol", "train")
    for name, flag in FLAGS.items():
        if spelled.get(name) is not None:
            yield from (f"--{flag}", str(spelled[name]))
    if job.overwrite:
        yield "--overwrite"
    for path, value in spelled.items():
        if path not in (*FLAGS, "overwrite") and value is not None:
            yield from ("--set", f"{path}={_written(value)}")


def _plain(config: Config) -> dict[str, Any]:
    """What is set in a group of settings, as YAML has it."""
    return config.model_dump(mode="json", exclude_unset=True)


def _defaults(pipeline: Config) -> dict[str, Any]:
    """What a pipeline sets by itself: the networks of its stages, as YAML has it."""
    return {
        name: stage.model_dump(mode="json", exclude_unset=True)
        for name in type(pipeline).model_fields if isinstance(stage := getattr(pipeline, name), Config)
    }


def _written(value: Any) -> str:
    """A value in one line of YAML."""
    return yaml.safe_dump(value, default_flow_style=True, width=10**6).removesuffix("...\n").strip()
