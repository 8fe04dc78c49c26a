"""`gambol inspect`: what is in a file or folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from typer import Argument, Option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.table import Table

PARTS = {"val": "validation", "test": "test"}
Column = Literal["run", "pipeline", "backbone", "labels", "minutes", "mAP", "median", "p95", "speed"]


def inspect(
    path: Annotated[Path, Argument(metavar="FILE|RUN|FOLDER", help="A project, predictions, a training's folder, a "
                                   "folder of them, or a video.")],
    sort: Annotated[Column, Option(help="A folder of runs: the column that decides their order.")] = "mAP",
    learning_curve: Annotated[
        Path | None, Option(help="A folder of runs: draw accuracy against the number of labelled frames (.png, .svg or "
                            ".pdf), and print the table behind it.")] = None,
    json: Annotated[bool, Option("--json", help="Print all of it as JSON, for programs.")] = False,
    overwrite: Annotated[bool, Option("--overwrite", help="Replace a figure that exists already.")] = False,
) -> None:
    """Show what is in a project, predictions, a run, a folder of runs, or a video."""
    from rich.console import Console

    from gambol.cli.facts.gather import everything

    facts = everything(path)
    if facts["kind"] == "runs":
        from gambol.runs.compare import compare

        facts["comparison"] = compare(facts["runs"], Path(facts["path"]), sort)
    if learning_curve is not None:
        facts["learning_curve"] = _drawn(facts, learning_curve, overwrite)
    if json:
        from json import dumps

        print(dumps(facts, indent=1, default=str))
        return
    console = Console()
    for part in _told(facts, learning_curve):
        console.print(part, markup=False, highlight=False, soft_wrap=isinstance(part, str))
        console.print()


def _told(facts: dict[str, Any], figure: Path | None) -> "Iterator[str | Table]":
    from gambol.cli.facts import shown
    from gambol.cli.facts.learning import learning

    if figure is None:
        yield from shown(facts)
    else:
        yield from learning(facts["learning_curve"])
        yield f"The figure is {figure}"


def _drawn(facts: dict[str, Any], path: Path, overwrite: bool) -> dict[str, Any]:
    """The learning curve of a folder of runs, drawn into a file."""
    from gambol.drawing.learning import FORMATS, learning_figure
    from gambol.errors import GambolError, OutputError
    from gambol.runs.learning import learning_curves
    from gambol.storage import refuse_existing

    if facts["kind"] != "runs":
        raise GambolError(
            f"{facts['path']} is not a folder of runs, but a {facts['kind']}. "
            "A learning curve is drawn from several trainings on different numbers of labelled frames. "
            "Give the folder in which they lie, such as models.")
    if path.suffix.lower() not in FORMATS:
        raise OutputError(
            f"The figure cannot be written as {path}: its name tells no format. "
            "Under another name other programs would not open it. "
            f"Give it a name that ends in {', '.join(FORMATS[:-1])} or {FORMATS[-1]}.")
    refuse_existing(path, overwrite)
    curves = learning_curves(facts["runs"], Path(facts["path"]))
    learning_figure(curves["curves"], f"{curves['frames']} {PARTS[curves['part']]} frames", path)
    return curves
