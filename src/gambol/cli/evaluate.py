"""`gambol evaluate`: predictions against the truth."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option


def evaluate(
    truth: Annotated[Path, Argument(help="A project with the true poses.")],
    predicted: Annotated[Path, Argument(help="Predictions for the same videos.")],
    json_file: Annotated[Path | None, Option("--json", help="Write all figures to this file, for programs.")] = None,
    figure: Annotated[
        Path | None, Option(help="Write a .png: the error of each node, and the worst frames with both poses.")
    ] = None,
    overwrite: Annotated[bool, Option("--overwrite", help="Replace files that exist already.")] = False,
) -> None:
    """Compare predicted poses with true ones."""
    import json

    from rich.console import Console

    from gambol.cli.tables import node_table, summary_table
    from gambol.errors import OutputError
    from gambol.evaluation.report import concerned, reference
    from gambol.evaluation.report import evaluate as compare
    from gambol.formats import load
    from gambol.storage import refuse_existing, write_text

    if figure is not None and figure.suffix.lower() != ".png":
        raise OutputError(
            f"The picture cannot be written as {figure}: it is a PNG. "
            "Under another name other programs would not open it. "
            f"Give it a name that ends in .png, such as {figure.stem or 'errors'}.png.")
    for path in (json_file, figure):
        if path is not None:
            refuse_existing(path, overwrite)
    true = load(truth)
    found = concerned(reference(true), load(predicted, lazy=True))
    result = compare(true, found)
    figures = result.as_json()
    console = Console()
    console.print(summary_table({truth.name: figures}))
    console.print(node_table(figures["nodes"]))
    if figure is not None:
        from gambol.cli.figures import write_report

        write_report(result, true, found, truth.resolve().parent, figure)
        console.print(f"The picture is {figure}", markup=False, highlight=False, soft_wrap=True)
    if json_file is not None:
        write_text(json_file, json.dumps(figures, indent=1))
        console.print(f"All figures are in {json_file}", markup=False, highlight=False, soft_wrap=True)
