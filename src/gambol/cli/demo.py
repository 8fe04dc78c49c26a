"""`gambol demo`: the whole cycle on a made-up world."""

from pathlib import Path
from typing import Annotated

from typer import Option


def demo(
    out: Annotated[Path, Option("-o", "--out", help="The folder to make.")] = Path("gambol-demo"),
    minutes: Annotated[float, Option(min=0.01, help="Training time of each stage, in minutes.")] = 0.7,
    seed: Annotated[int, Option(help="Another number makes another world.")] = 0,
    overwrite: Annotated[bool, Option("--overwrite", help="Replace an earlier demo.")] = False,
) -> None:
    """Play the whole cycle on a made-up world: film, label, train, predict, score, draw. Needs no data."""
