"""`gambol package`: a training as one file, for another machine."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from gambol.cli.train import Changes, Epochs, Minutes, Pipeline, Recipe, Val


def package(
    project: Annotated[Path, Argument(metavar="PROJECT.slp", help="The project with labelled frames.")],
    job: Annotated[Path | None, Option(help="A training job (YAML); its labels give way to the project.")] = None,
    val: Val = None,
    pipeline: Pipeline = None,
    recipe: Recipe = None,
    epochs: Epochs = None,
    minutes: Minutes = None,
    changes: Changes = None,
    suggested: Annotated[
        bool, Option("--suggested", help="Put images of the suggested frames in, to be predicted there.")] = False,
    out: Annotated[Path | None, Option("-o", "--out", help="The zip to write; PROJECT.zip if empty.")] = None,
    overwrite: Annotated[bool, Option("--overwrite", help="Replace the zip if it exists.")] = False,
) -> None:
    """Pack a training, with the images that it needs, for another machine."""
    from gambol.cli.progress import TerminalProgress
    from gambol.cli.train import job_asked_for
    from gambol.training.package import LABELS
    from gambol.training.package import package as make_package

    asked = {"labels": project, "validation": val, "epochs": epochs, "minutes": minutes}
    given = {key: value for key, value in asked.items() if value is not None}
    request = job_asked_for(job, recipe, pipeline, given, changes)
    target = out or project.with_name(f"{project.name.removesuffix('.slp').removesuffix('.pkg')}.zip")
    with TerminalProgress() as terminal:
        packed = make_package(
            request, target, suggested, overwrite,
            lambda done, total: terminal.bar("embed", done, total, f"{done} of {total} images"))
    labels = packed.manifest.content[LABELS["labels"]]
    more = f" and {labels['suggested']} suggested ones" if suggested else ""
    terminal.say(f"Packed {labels['frames']} labelled frames{more}, {packed.bytes / 1e6:.1f} MB: {packed.path}")
    terminal.say(f"On the other machine: gambol train {packed.path.name}")
