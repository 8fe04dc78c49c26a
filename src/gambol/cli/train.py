"""`gambol train`: labels in, a run folder with trained networks out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from typer import Argument, Option

from gambol.errors import JobError, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gambol.runs.events import Event


def train(
    job: Annotated[Path | None, Argument(help="A training job (YAML). Or name the labels with --labels.")] = None,
    labels: Annotated[Path | None, Option(help="The project with labelled frames: .slp or .pkg.slp.")] = None,
    val: Annotated[Path | None, Option(help="Labels to validate on; without it some frames are set aside.")] = None,
    pipeline: Annotated[
        Literal["single", "top-down", "bottom-up"] | None,
        Option(
            help="single: one animal in the picture. top-down: several; each is found, then its nodes. "
            "bottom-up: several; all nodes are found, then grouped into animals."
        ),
    ] = None,
    recipe: Annotated[str | None, Option(help="A preset of gambol's recipes, by name.")] = None,
    out: Annotated[Path | None, Option(help="The run folder to make; by default models/<time>… beside the project.")]
    = None,
    epochs: Annotated[int | None, Option(help="Epochs of each stage.")] = None,
    minutes: Annotated[
        float | None, Option(help="Most training time of a stage, in minutes; easy stages take a share of it.")
    ] = None,
    device: Annotated[str | None, Option(help="auto, cpu, cuda, cuda:1 or mps.")] = None,
    changes: Annotated[
        list[str] | None, Option("--set", help="Change a setting: optimizer.learning_rate=0.001. May be repeated.")
    ] = None,
    overwrite: Annotated[bool, Option("--overwrite", help="Replace the run folder if it exists.")] = False,
    resume: Annotated[
        Path | None,
        Option(help="Go on with a run that was stopped or killed, at its last checkpoint; only --device goes with it."),
    ] = None,
) -> None:
    """Train a model on labelled frames."""
    from gambol.training.run import resume as resumed
    from gambol.training.run import run

    asked = {
        "labels": labels, "validation": val, "out": out, "epochs": epochs, "minutes": minutes, "device": device,
        "overwrite": overwrite or None,
    }
    given = {key: value for key, value in asked.items() if value is not None}
    if resume is None:
        _follow(run(_job(job, recipe, pipeline, given, changes)))
    else:
        _require_nothing_else(
            {"a job file": job, "--recipe": recipe, "--pipeline": pipeline, "--set": changes}
            | {"--val" if key == "validation" else f"--{key}": value for key, value in given.items() if key != "device"}
        )
        _follow(resumed(resume, device))


def _follow(events: "Iterator[Event]") -> None:
    """Show a training as it goes, and at its end what it came to; if it is stopped, how to go on with it."""
    from gambol.cli.progress import TerminalProgress
    from gambol.cli.tables import in_words_of_prediction, summary_table

    learning, folder = False, None
    with TerminalProgress() as progress:
        try:
            for event in events:
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


def _require_nothing_else(options: dict[str, Any]) -> None:
    """Raise `JobError` if any of these was given beside --resume."""
    given = [name for name, value in options.items() if value not in (None, [])]
    if given:
        raise JobError(
            f"--resume goes on with a run as it was asked for, but {' and '.join(given)} "
            f"{'was' if len(given) == 1 else 'were'} given as well. "
            "What was learnt so far fits only the settings and labels that the run has. "
            "Pass --resume RUN alone (or with --device), or train a run anew without --resume.")


def _job(
    path: Path | None, recipe: str | None, pipeline: str | None, asked: dict[str, Any], changes: list[str] | None
) -> Any:
    """The training job: from a file or a recipe, or made of the options; options win over what a file says."""
    from gambol.recipes.presets import read_recipe
    from gambol.training.job import job_content, make_job

    content = job_content(path) if path is not None else {}
    if recipe is not None:
        content = read_recipe(recipe) | content
    asked_before = content.get("pipeline")
    if pipeline is not None and not (isinstance(asked_before, dict) and asked_before.get("kind") == pipeline):
        content["pipeline"] = {"kind": pipeline}
    content |= asked
    if "labels" not in content or "pipeline" not in content:
        raise JobError(
            "A training needs labels and a pipeline, and one of them was not given. "
            "gambol does not guess which animals are to be found, or how. "
            "Pass a job file, or --labels PROJECT.slp with --pipeline single, top-down or bottom-up.")
    return make_job(content, changes or [])
