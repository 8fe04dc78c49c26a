"""`gambol train`: labels in, a run folder with trained networks out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from typer import Argument, Option, echo

from gambol.errors import JobError, OutputError
from gambol.recipes.presets import AUTO, choices

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gambol.runs.events import Event
    from gambol.training.compose import Composed
    from gambol.training.job import TrainingJob


Val = Annotated[Path | None, Option(help="Labels to validate on; without it some frames are set aside.")]
Pipeline = Annotated[
    Literal["auto", "single", "top-down", "bottom-up"] | None,
    Option(
        help="auto: as the labels recommend. single: one animal in the picture. "
        "top-down: several; each is found, then its nodes. "
        "bottom-up: several; all nodes are found, then grouped into animals."
    ),
]
Recipe = Annotated[
    str | None, Option(help=f"A preset: {', '.join(choices())}. auto looks at the labels and says why.")
]
Epochs = Annotated[int | None, Option(help="Epochs of each stage.")]
Minutes = Annotated[
    float | None, Option(help="Most training time of a stage, in minutes; easy stages take a share of it.")
]
Changes = Annotated[
    list[str] | None, Option("--set", help="Change a setting: optimizer.learning_rate=0.001. May be repeated.")
]

OTHER_NAMES = {"validation": "--val", "start_from": "--start-from"}


def train(
    job: Annotated[
        Path | None, Argument(help="A training job (YAML), or a package (.zip). Or name the labels with --labels.")
    ] = None,
    labels: Annotated[Path | None, Option(help="The project with labelled frames: .slp or .pkg.slp.")] = None,
    val: Val = None,
    pipeline: Pipeline = None,
    recipe: Recipe = None,
    out: Annotated[Path | None, Option(help="The run folder to make; by default models/<time>… beside the project.")]
    = None,
    epochs: Epochs = None,
    minutes: Minutes = None,
    device: Annotated[str | None, Option(help="auto, cpu, cuda, cuda:1 or mps.")] = None,
    changes: Changes = None,
    overwrite: Annotated[bool, Option("--overwrite", help="Replace the run folder if it exists.")] = False,
    explain: Annotated[
        bool, Option("--explain", help="Say what would be trained and why, setting by setting; train nothing.")
    ] = False,
    start_from: Annotated[
        list[Path] | None,
        Option(
            help="Begin with what an earlier run has learnt, and keep its split: a run, stages of runs (repeated), "
            "or `latest`."
        ),
    ] = None,
    resume: Annotated[
        Path | None,
        Option(help="Go on with a run that was stopped or killed, at its last checkpoint; only --device goes with it."),
    ] = None,
) -> None:
    """Train a model on labelled frames."""
    from gambol.training.unpack import is_package

    asked = {
        "labels": labels, "validation": val, "out": out, "epochs": epochs, "minutes": minutes, "device": device,
        "overwrite": overwrite or None,
    }
    given: dict[str, Any] = {key: value for key, value in asked.items() if value is not None}
    if start_from:
        given["start_from"] = {"runs": start_from}
    others = {"--recipe": recipe, "--pipeline": pipeline, "--set": changes} | {
        OTHER_NAMES.get(key, f"--{key}"): value for key, value in given.items() if key != "device"
    }
    if resume is None and job is not None and is_package(job):
        _require_trained(job, explain)
        job, resume = _opened(job, others)
    if resume is None:
        _begin(composed(job, recipe, pipeline, given, changes), explain)
    else:
        from gambol.training.run import resume as resumed

        _require_nothing_else({"a job file": job, "--explain": explain or None} | others)
        _follow(resumed(resume, device))


def _require_trained(package: Path, explain: bool) -> None:
    """Raise `JobError` if a package is to be explained."""
    if explain:
        raise JobError(
            f"{package} is a package, and --explain reads the labels that are packed in it. "
            "They would have to be unpacked, but --explain writes nothing. "
            "Unzip it, and pass the job.yaml that is in it.")


def _begin(composed: "Composed", explain: bool) -> None:
    """Train the job, having said what gambol chose of it; or say what would be trained and why, and nothing else."""
    from rich.console import Console

    from gambol.cli.explanations import choices_of, lines_of

    if explain:
        from gambol.training.explain import explain as explained

        lines = list(lines_of(explained(composed)))
    else:
        lines = ["Chosen by what the labels show:", *choices_of(composed.chosen)] if composed.chosen else []
    for line in lines:
        Console().print(line, markup=False, highlight=False, soft_wrap=True)
    if explain:
        return
    from gambol.training.run import run

    _tell_of_earlier(composed.job)
    _follow(run(composed.job))


def _tell_of_earlier(job: "TrainingJob") -> None:
    """Say so if there is a run that the training could start from, and does not."""
    from gambol.training.start_from import offer

    earlier = offer(job)
    if earlier is not None:
        echo(earlier.text)


def _follow(events: "Iterator[Event]") -> None:
    """Show a training as it goes, and at its end what it came to; if it is stopped, how to go on with it."""
    from gambol.cli.ctrl_c import CtrlC
    from gambol.cli.progress import TerminalProgress
    from gambol.cli.tables import in_words_of_prediction, summary_table

    learning, folder = False, None
    with TerminalProgress() as progress, CtrlC(progress) as ctrl_c:
        try:
            for event in events:
                ctrl_c.saw(event)
                progress.show(event)
                learning = learning or event.kind == "step" or event.data.get("phase") == "prediction"
                folder = event.data.get("run", folder)
        except (KeyboardInterrupt, OutputError) as stop:
            if isinstance(stop, KeyboardInterrupt):
                kept = "The best weights of each stage so far are kept in the run folder."
                progress.say(f"Stopped. {kept if learning else 'Nothing had been learnt yet.'}", "yellow")
            if folder is not None and Path(folder).exists():
                progress.say(f"Go on with it: gambol train --resume {folder}", "yellow")
            raise
    progress.say(f"\nThe model is in {event.data['run']}")
    progress.console.print(summary_table(event.data["metrics"]))
    if "frames" in event.data.get("prediction", {}):
        progress.say(in_words_of_prediction(event.data["prediction"]))
    progress.say(f"Next: gambol predict VIDEO -m {event.data['run']}")


def _opened(package: Path, others: dict[str, Any]) -> tuple[Path | None, Path | None]:
    """Of an unpacked package its job, or the run that the same command began before: one of the two."""
    from gambol.training.package import JOB
    from gambol.training.unpack import run_to_go_on_with, unpack

    folder = unpack(package)
    given = [name for name, value in others.items() if value not in (None, [])]
    begun = run_to_go_on_with(folder, package, given) if "--out" not in given else None
    if begun is None:
        return folder / JOB, None
    print(f"{package} was begun before, and its training goes on: {begun.path}")
    return None, begun.path


def _require_nothing_else(options: dict[str, Any]) -> None:
    """Raise `JobError` if any of these was given beside --resume."""
    given = [name for name, value in options.items() if value not in (None, [])]
    if given:
        raise JobError(
            f"--resume goes on with a run as it was asked for, but {' and '.join(given)} "
            f"{'was' if len(given) == 1 else 'were'} given as well. "
            "What was learnt so far fits only the settings and labels that the run has. "
            "Pass --resume RUN alone (or with --device), or train a run anew without --resume.")


def job_asked_for(
    path: Path | None, recipe: str | None, pipeline: str | None, asked: dict[str, Any], changes: list[str] | None
) -> "TrainingJob":
    """The training job that `composed` comes to."""
    return composed(path, recipe, pipeline, asked, changes).job


def composed(
    path: Path | None, recipe: str | None, pipeline: str | None, asked: dict[str, Any], changes: list[str] | None
) -> "Composed":
    """The training job: from a file or a recipe, or made of the options; options win over what a file says."""
    from gambol.training.compose import compose
    from gambol.training.job import job_content

    content = job_content(path) if path is not None else {}
    before = content.get("pipeline")
    said = before.get("kind") if isinstance(before, dict) else None
    if pipeline == AUTO and recipe in (None, AUTO):
        recipe = AUTO  # what the file says of the pipeline stands
    elif pipeline not in (None, said):
        content["pipeline"] = {"kind": pipeline}
    if "start_from" in asked and isinstance(content.get("start_from"), dict):
        asked = asked | {"start_from": content["start_from"] | asked["start_from"]}
    return compose(content | asked, recipe, changes or [])
