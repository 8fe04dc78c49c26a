"""Figures of numbers: how far predictions are off, node by node; and what all figures have in common."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from gambol.storage import replacing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ACCENT, _PALE, INK, GRID = "#2f6fb0", "#c9dcf0", "#22262b", "#e3e6ea"


def error_per_node(errors: Mapping[str, Float[np.ndarray, " point"]], path: Path, title: str = "Error per node"
                   ) -> None:
    """Write a box plot of distances in pixels, one row per node, as PNG (or SVG, PDF by the path's suffix).

    errors: the node's name -> distances of its points that were found (NaN is left out; a node may have none).
    Boxes span the middle half, whiskers 5 to 95 %, the line and the number at the right are the median.
    Raises `OutputError` if the figure cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # takes half a second to import
    from matplotlib.figure import Figure

    found = [np.asarray(values)[~np.isnan(values)] for values in errors.values()]
    figure = Figure(figsize=(7, 1.3 + 0.32 * max(len(found), 1)), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    shown = [row for row, values in enumerate(found) if len(values)]
    if shown:
        axes.boxplot(
            [found[row] for row in shown], positions=shown, orientation="horizontal", widths=0.6, whis=(5, 95),
            showfliers=False, patch_artist=True, boxprops={"facecolor": _PALE, "edgecolor": _ACCENT},
            medianprops={"color": INK, "linewidth": 1.6}, whiskerprops={"color": _ACCENT},
            capprops={"color": _ACCENT})
    for row, values in enumerate(found):
        words = f"{np.median(values):.2f} px" if len(values) else "never found"
        axes.annotate(words, (1.01, row), xycoords=("axes fraction", "data"), va="center", fontsize=8, color=INK)
    axes.set_yticks(range(len(found)), list(errors))
    axes.set(ylim=(len(found) - 0.4, -0.6), xlabel="distance to the truth (px)", title=title)
    axes.set_xlim(left=0)
    axes.grid(axis="x", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    write_figure(figure, path)


def write_figure(figure: "Figure", path: Path) -> None:
    """Write a figure as PNG, SVG or PDF, by the path's suffix. Raises `OutputError` if that fails."""
    with replacing(path) as temporary:
        figure.savefig(temporary, format=path.suffix.lstrip(".").lower() or "png")
