"""Makes `render.png`, the picture on the page about looking: a made-up world, its poses, and trails behind them.

.venv/bin/python docs/images/render.py
"""

import tempfile
from pathlib import Path

from gambol.drawing.render import RenderRequest, render
from gambol.drawing.style import Style
from gambol.formats import save
from gambol.worlds.film import render as film
from gambol.worlds.film import truth_columns
from gambol.worlds.world import World, WorldConfig

FRAMES = "60,160,250"


def main() -> None:
    """Film three geckos, and show three frames of them with the true poses."""
    world = World(WorldConfig(
        animals=3, frames=251, seed=11, colour=True, height=240, width=320, animal_size=100, noise=0))
    with tempfile.TemporaryDirectory() as folder:
        video, truth = Path(folder) / "geckos.mp4", Path(folder) / "geckos.slp"
        film(world, video)
        save(truth_columns(world, video), truth)
        style = Style(trail=60, names=True)
        out = Path(__file__).with_suffix(".png")
        for _ in render(RenderRequest(truth, out, frames=FRAMES, style=style, scale=1, overwrite=True)):
            pass


if __name__ == "__main__":
    main()
