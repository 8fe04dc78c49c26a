"""Makes the pictures of the page on choosing models, all from a made-up world with its true poses and ideal maps.

.venv/bin/python docs/images/choosing.py
"""

from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from PIL import Image

from gambol.data.crops import Crop, cut
from gambol.geometry.affine import Affine
from gambol.geometry.anchors import anchor_points
from gambol.nn.codecs import confidence_maps, part_affinity_fields
from gambol.pipelines.choose import AnyPipeline
from gambol.poses import Poses
from gambol.recipes.presets import read_recipe
from gambol.training.job import make_job
from gambol.worlds.body import SKELETON
from gambol.worlds.world import World, WorldConfig

HERE = Path(__file__).parent
BLUE, ORANGE, TEAL, INK = "#3b82d6", "#f08a24", "#12a594", "#22262b"
SIDE = 320  # image pixels of a frame
WORLD = World(WorldConfig(animals=3, frames=300, seed=11, height=SIDE, width=SIDE, animal_size=100, noise=0))
FRAME, ANCHOR = 200, SKELETON.nodes.index("back")


def main() -> None:
    """Make all of them."""
    for make in (field, crop, rotation, single, top_down, bottom_up):
        figure = make()
        name = f"choosing-{make.__name__.replace('_', '-')}.png"
        drawn = BytesIO()
        figure.savefig(drawn, dpi=100, bbox_inches="tight", pad_inches=0.05)
        Image.open(drawn).convert("RGB").quantize(192).save(HERE / name, optimize=True)


def panels(*titles: str) -> tuple[Figure, list[Axes]]:
    """A row of pictures without axes."""
    figure = Figure(figsize=(3.1 * len(titles), 3.4), layout="constrained")
    FigureCanvasAgg(figure)
    row = [figure.add_subplot(1, len(titles), number + 1) for number in range(len(titles))]
    for axes, title in zip(row, titles, strict=True):
        axes.set_title(title, fontsize=10, color=INK)
        axes.set_axis_off()
    return figure, row


def show(axes: Axes, image: np.ndarray, bright: float = 1.0) -> None:
    """A grey image, perhaps dimmed towards white, in its pixels."""
    shown = 255 - bright * (255 - image[..., 0].astype(float))
    axes.imshow(shown, cmap="gray", vmin=0, vmax=255)
    axes.set(xlim=(-0.5, image.shape[1] - 0.5), ylim=(image.shape[0] - 0.5, -0.5))


def stick(axes: Axes, points: np.ndarray, colour: str, width: float = 1.6) -> None:
    """One animal's nodes and edges."""
    for source, destination in SKELETON.edges:
        axes.plot(*points[[source, destination]].T, color=colour, lw=width, solid_capstyle="round")
    axes.plot(*points.T, "o", color=colour, ms=2.5 * width, mec="white", mew=0.5)


def square(axes: Axes, centre: np.ndarray, side: float, colour: str, style: str = "-") -> None:
    """An upright square around a point."""
    axes.add_patch(Rectangle(tuple(centre - side / 2), side, side, fill=False, ec=colour, lw=1.8, ls=style))


def heat(axes: Axes, maps: np.ndarray, side: float, map_colours: str = "inferno") -> None:
    """A map over the picture of an input of that side, clear where it is empty."""
    axes.imshow(maps, cmap=map_colours, alpha=np.clip(1.6 * maps, 0, 0.9), vmin=0, vmax=1, interpolation="bilinear",
                extent=(-0.5, side - 0.5, side - 0.5, -0.5))


def bumps(points: np.ndarray, side: int, sigma: float) -> np.ndarray:
    """The ideal map of all nodes together. points: (animal, node, 2)."""
    stride = 2
    size = (side // stride, side // stride)
    maps = confidence_maps.brightest(torch.tensor(points)[None], size, sigma, stride)
    return maps[0].amax(0).numpy()


def pipeline(recipe: str) -> AnyPipeline:
    """The pipeline that a recipe asks for."""
    return make_job(read_recipe(recipe) | {"labels": "labels.slp"}).pipeline


def field() -> Figure:
    """What networks of three sizes see of an animal around one cell."""
    image, truth = WORLD.frame(FRAME)
    node = truth.points[0, SKELETON.nodes.index("left_hand")]
    sides = [pipeline(f"top-down.{size}").centered_instance.backbone.receptive_field
             for size in ("small", "medium", "large")]
    figure, row = panels(*(f"{size}: {side} px, {side / 100:.1f} lengths" for size, side in zip(
        ("small", "medium", "large"), sides, strict=True)))
    for axes, side in zip(row, sides, strict=True):
        show(axes, image, 0.25)
        left, top = (int(max(0, at - side / 2)) for at in node)
        right, bottom = (int(min(SIDE, at + side / 2)) for at in node)
        axes.imshow(image[top:bottom, left:right, 0], cmap="gray", vmin=0, vmax=255,
                    extent=(left - 0.5, right - 0.5, bottom - 0.5, top - 0.5))
        square(axes, node, side, BLUE)
        axes.plot(*node, "o", color=ORANGE, ms=6, mec="white")
    return figure


def crop() -> Figure:
    """A crop around the middle, around an anchor, and around the middle when nodes are hidden."""
    image, truth = WORLD.frame(FRAME)
    own, hidden = truth.points[0], truth.points[0].copy()
    hidden[[SKELETON.nodes.index(name) for name in ("tail_base", "tail_middle", "tail_tip")]] = np.nan
    figure, row = panels("around the middle", "the middle, tail hidden", f"around an anchor: {SKELETON.nodes[ANCHOR]}")
    for axes, points, anchor in zip(row, (own, hidden, own), (None, None, ANCHOR), strict=True):
        centre = anchor_points(points[None], anchor)[0]
        reach = np.nanmax(np.linalg.norm(points - centre, axis=-1))
        show(axes, image, 0.85)
        stick(axes, points, TEAL)
        axes.add_patch(Circle(tuple(centre), reach, fill=False, ec=ORANGE, lw=1.4, ls="--"))
        square(axes, centre, 2 * reach + 10, BLUE)
        axes.plot(*centre, "+", color=ORANGE, ms=12, mew=2.5)
        axes.set(xlim=(own[:, 0].mean() - 110, own[:, 0].mean() + 110),
                 ylim=(own[:, 1].mean() + 110, own[:, 1].mean() - 110))
    return figure


def rotation() -> Figure:
    """One example turned by little and all around."""
    image, truth = WORLD.frame(FRAME)
    centre = anchor_points(truth.points[:1], None)[0]
    ranges = {"±20°: up and down differ": (-20, -7, 7, 20), "±180°: any direction": (-135, -45, 45, 135)}
    figure = Figure(figsize=(9.3, 5.0), layout="constrained")
    FigureCanvasAgg(figure)
    for line, (words, angles) in enumerate(ranges.items()):
        for place, angle in enumerate(angles):
            axes = figure.add_subplot(2, 4, 4 * line + place + 1)
            turn = Affine.rotation(float(angle), centre=(63.5, 63.5))
            seen, affine = cut(image, Crop(size=128), centre, turn)
            show(axes, seen)
            stick(axes, affine(truth.points[0]), TEAL, 1.2)
            axes.set_axis_off()
            axes.set_title(f"{words if place == 0 else ''}\n{angle:+d}°", fontsize=9, color=INK, loc="left")
    return figure


def single() -> Figure:
    """A frame, the maps of the nodes, the pose."""
    world = World(WorldConfig(animals=1, frames=300, seed=4, height=SIDE, width=SIDE, animal_size=150, noise=0))
    image, truth = world.frame(90)
    figure, row = panels("the whole frame", "a map for each node (all in one)", "the pose")
    for axes, bright in zip(row, (1, 0.5, 1), strict=True):
        show(axes, image, bright)
    heat(row[1], bumps(truth.points, SIDE, 5.0), SIDE)
    stick(row[2], truth.points[0], TEAL)
    return figure


def top_down() -> Figure:
    """A frame, where animals are, a look at one of them, the poses."""
    image, truth = WORLD.frame(FRAME)
    centres = anchor_points(truth.points, None)
    figure, row = panels("1: where is an animal?", "a crop around each", "2: its nodes", "the poses")
    show(row[0], image, 0.5)
    heat(row[0], bumps(centres[:, None], SIDE, 10.0), SIDE)
    show(row[1], image)
    for centre, colour in zip(centres, (TEAL, ORANGE, BLUE), strict=False):
        square(row[1], centre, 112, colour)
    seen, affine = cut(image, Crop(size=112), centres[0])
    show(row[2], seen, 0.5)
    heat(row[2], bumps(affine(truth.points[:1]), 112, 3.5), 112)
    _poses(row[3], image, truth)
    return figure


def bottom_up() -> Figure:
    """A frame, the maps of all nodes, the fields of the edges, the poses."""
    image, truth = WORLD.frame(FRAME)
    stride = 6
    size = (SIDE // stride, SIDE // stride)
    fields = part_affinity_fields.encode(torch.tensor(truth.points)[None], SKELETON.edges, size, 4.0, stride)
    arrows = fields[0].reshape(-1, 2, *size).sum(0).numpy()  # (2, h, w): all edges in one
    figure, row = panels("all nodes of all animals", "which way edges run", "grouped into animals")
    show(row[0], image, 0.5)
    heat(row[0], bumps(truth.points, SIDE, 4.0), SIDE)
    show(row[1], image, 0.5)
    y, x = np.nonzero(np.hypot(*arrows) > 0.3)
    row[1].quiver(stride * x, stride * y, arrows[0, y, x], -arrows[1, y, x], color=BLUE, scale=18, width=0.009)
    _poses(row[2], image, truth)
    for axes in row:
        axes.set(xlim=(90, 255), ylim=(164.5, -0.5))
    return figure


def _poses(axes: Axes, image: np.ndarray, truth: Poses) -> None:
    show(axes, image)
    for points, colour in zip(truth.points, (TEAL, ORANGE, BLUE), strict=False):
        stick(axes, points, colour)


if __name__ == "__main__":
    main()
