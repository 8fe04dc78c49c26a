"""`gambol train`: labels in, a run folder with trained networks out."""

from pathlib import Path
from typing import Annotated, Any, Literal

from typer import Argument, Option


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
) -> None:
    """Train a model on labelled frames."""
    from gambol.cli.progress import TerminalProgress
    from gambol.cli.tables import summary_table
    from gambol.training.run import run

    asked = {
        "labels": labels, "validation": val, "out": out, "epochs": epochs, "minutes": minutes, "device": device,
        "overwrite": overwrite or None,
    }
    wanted = _job(job, recipe, pipeline, {key: value for key, value in asked.items() if value is not None}, changes)
    learning = False
    with TerminalProgress() as progress:
        try:
            for event in run(wanted):
                progress.show(event)
                learning = learning or event.kind == "step"
        except KeyboardInterrupt:
            kept = "The best weights of each stage so far are kept in the run folder."
            progress.say(f"Stopped. {kept if learning else 'Nothing had been learnt yet.'}", "yellow")
            raise
    progress.say(f"\nThe model is in {event.data['run']}")
    progress.console.print(summary_table(event.data["metrics"]))
    progress.say(f"Next: gambol predict VIDEO -m {event.data['run']}")


def _job(
    path: Path | None, recipe: str | None, pipeline: str | None, asked: dict[str, Any], changes: list[str] | None
) -> Any:
    """The training job: from a file or a recipe, or made of the options; options win over what a file says."""
    from gambol.errors import JobError
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
