"""Makes `comparing.png`, the learning curve on the page about comparing runs: made-up geckos, top-down and bottom-up.

.venv/bin/python docs/images/comparing.py FOLDER

FOLDER gets the film, the projects and the runs, for `gambol inspect FOLDER/models`; runs that are there already are
not trained again. Each training takes at most a minute a stage.
"""

import subprocess
import sys
from pathlib import Path

from gambol.formats import save
from gambol.worlds.film import render as film
from gambol.worlds.film import truth_columns
from gambol.worlds.world import World, WorldConfig

FRAMES = 400
SIZES = (5, 10, 20, 40, 80)
VALIDATION = range(FRAMES, FRAMES + 120, 3)  # a stretch of the film from which no model learns
MINUTES = 0.9
SMALL = {  # networks that learn much in little time, as geckos of this size allow
    "top-down": ("pipeline.centroid.backbone.filters=8", "pipeline.centroid.scale=0.3", "pipeline.centroid.effort=0.4",
                 "pipeline.centered_instance.backbone.filters=12", "pipeline.centered_instance.scale=0.66"),
    "bottom-up": ("pipeline.bottom_up.backbone.filters=12", "pipeline.bottom_up.scale=0.66"),
}


def main(folder: Path) -> None:
    """Film two geckos, train both pipelines on more and more labelled frames, and draw what came of it."""
    world = World(WorldConfig(
        animals=2, frames=VALIDATION.stop, seed=3, height=160, width=192, animal_size=80, margin=0.4))
    video = (folder / "geckos.mp4").resolve()
    if not video.is_file():
        film(world, video)
        save(truth_columns(world, video, VALIDATION), folder / "validation.slp")
        for size in SIZES:
            labelled = range(0, FRAMES, FRAMES // size)
            save(truth_columns(world, video, labelled), folder / f"labels_{size}.slp")
    for size in SIZES:
        for pipeline in ("top-down", "bottom-up"):
            run = folder / "models" / f"{pipeline}_{size}"
            if not (run / "metrics.val.json").is_file():
                gambol("train", "--labels", folder / f"labels_{size}.slp", "--val", folder / "validation.slp",
                       "--pipeline", pipeline, "--minutes", MINUTES, "--out", run, "--overwrite",
                       *(word for change in SMALL[pipeline] for word in ("--set", change)))
    out = Path(__file__).with_suffix(".png")
    gambol("inspect", folder / "models")
    gambol("inspect", folder / "models", "--learning-curve", out, "--overwrite")


def gambol(*words: object) -> None:
    """Run a command of gambol, and stop if it fails."""
    code = "from gambol.cli import main; main()"
    subprocess.run([sys.executable, "-c", code, *map(str, words)], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
