"""`gambol inspect`: what is in a file or folder."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option


def inspect(
    path: Annotated[Path, Argument(metavar="FILE|RUN|FOLDER", help="A project, predictions, a training's folder, a "
                                   "folder of them, or a video.")],
    json: Annotated[bool, Option("--json", help="Print all of it as JSON, for programs.")] = False,
) -> None:
    """Show what is in a project, predictions, a run, a folder of runs, or a video."""
    from rich.console import Console

    from gambol.cli.facts import shown
    from gambol.runs.look import facts_of

    facts = facts_of(path)
    if json:
        from json import dumps

        print(dumps(facts, indent=1, default=str))
        return
    console = Console()
    for part in shown(facts):
        console.print(part, markup=False, highlight=False, soft_wrap=isinstance(part, str))
        console.print()
