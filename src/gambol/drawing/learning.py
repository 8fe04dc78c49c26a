"""A figure of how accuracy grows with the number of labelled frames."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gambol.drawing.figures import GRID, INK, write_figure
from gambol.drawing.palette import PALETTES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS = (".png", ".svg", ".pdf")
NEAREST = 1.2  # times as many frames, at least, between two that are named
MARKERS = "osD^vP"
COLOURS = [PALETTES["colour-blind"][place] for place in (4, 5, 2, 6, 0, 1)]  # the darker ones first, and no yellow
MEASURES = (("median", "median error (px), lower is better"), ("mAP", "mAP, higher is better"))


def learning_figure(curves: Sequence[Mapping[str, Any]], scored_on: str, path: Path) -> None:
    """Draw one line for each pipeline and backbone, of the median error and of mAP, over labelled training frames.

    curves: what `runs.learning.learning_curves` calls so. Lines join the medians of the runs with as many frames; faint
    dots are the single runs where there are several. Raises `OutputError` if the figure cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # takes half a second to import
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(f"Accuracy on the same {scored_on}", fontsize=11, color=INK)
    panels = figure.subplots(1, 2)
    for axes, (measure, words) in zip(panels, MEASURES, strict=True):
        for number, curve in enumerate(curves):
            _line(axes, curve, measure, number)
        _finish(axes, curves, words)
        axes.set_ylim(bottom=0)
    panels[1].set_ylim(top=max(1.0, panels[1].get_ylim()[1]))
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=min(4, len(curves)),
                  frameon=False, fontsize=9)
    write_figure(figure, path)


def _line(axes: "Axes", curve: Mapping[str, Any], measure: str, number: int) -> None:
    colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
    points = [point for point in curve["points"] if point[measure] is not None]
    runs = [run for run in curve["runs"] if run[measure] is not None]
    if len(runs) > len(points):
        axes.plot([run["labels"] for run in runs], [run[measure] for run in runs], marker, color=colour, alpha=0.3,
                  markersize=4, markeredgewidth=0)
    axes.plot([point["labels"] for point in points], [point[measure] for point in points], marker=marker, color=colour,
              linewidth=1.8, markersize=6, label=f"{curve['pipeline']}, {curve['backbone']}")


def _finish(axes: "Axes", curves: Sequence[Mapping[str, Any]], words: str) -> None:
    """Axes that read themselves: numbers of frames that were tried are named, twice as many are equally far apart."""
    from matplotlib.ticker import NullLocator

    sizes = sorted({point["labels"] for curve in curves for point in curve["points"]})
    axes.set_xscale("log", base=2)
    named = _spread(sizes)
    axes.set_xticks(named, [str(size) for size in named])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("labelled training frames", color=INK)
    axes.set_title(words, fontsize=10, color=INK, loc="left")
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _spread(sizes: Sequence[int]) -> list[int]:
    """The ascending sizes without those whose names would touch the one before."""
    named: list[int] = []
    for size in sizes:
        if not named or size >= NEAREST * named[-1]:
            named.append(size)
    return named
