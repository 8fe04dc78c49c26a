"""Where between the cells a peak lies.

The logarithm of a Gaussian, round or not, is a quadratic. It is fitted by least squares, each cell weighted by its
value squared (Guo 2011, doi:10.1109/MSP.2011.941846) and by a window around the present estimate that is exactly zero
beyond its reach (Tukey's biweight); the window follows the estimate until both agree. Exact for a Gaussian of any
width at every sub-pixel phase, at borders too. Cells beyond the window do not count, so the answer hardly depends on
which cell of a bump, or of its flat top, the search began at. It does depend on which bump: two distant peaks of
almost equal height are two answers, and no rule that chooses one of them can be continuous. Nor is a noisy bump cut
by the border: its hidden half is guessed. Peaks nearer to each other than about 2.5 sigma (or 3 cells) are seen as
one; up to 4 sigma apart, each draws the other towards it, from 3 sigma on by half a sigma at most.
"""

import math

import numpy as np
from jaxtyping import Float

ROUNDS = 40
SETTLED = 1e-4  # cells
FAITH = 1e-9  # weight of the expected shape: a trace, so that a patch with too few cells still has an answer


def patch_radius(sigma: float) -> int:
    """Cells to each side of a peak that refinement wants to see; sigma in cells."""
    return math.ceil(_reach(sigma) + _spread(sigma))  # the window, and room for it to move


def refine(patches: Float[np.ndarray, "peak side side"], sigma: float) -> Float[np.ndarray, "peak 2"]:
    """Offsets (x, y) in cells from the centre of each patch to its peak; sigma is the expected spread in cells."""
    radius = patches.shape[-1] // 2
    line = np.arange(-radius, radius + 1, dtype=np.float64)
    grid = np.stack(np.meshgrid(line, line), -1).reshape(-1, 2)  # (cell, 2)
    values = np.clip(np.nan_to_num(patches).reshape(len(patches), len(grid)), 0, None)  # (peak, cell)
    values = values / values.max(-1, keepdims=True, initial=1e-30)
    logs, weights = np.log(np.maximum(values, 1e-12)), values**2
    offsets = np.zeros((len(patches), 2))
    moving = np.arange(len(patches))
    for _ in range(ROUNDS):
        steps = _step(grid - offsets[moving, None], logs[moving], weights[moving], sigma)
        offsets[moving] = np.clip(offsets[moving] + steps, -radius, radius)
        moving = moving[np.abs(steps).max(-1) > SETTLED]
        if not len(moving):
            break
    return offsets


def _step(
    away: Float[np.ndarray, "peak cell 2"],
    logs: Float[np.ndarray, "peak cell"],
    weights: Float[np.ndarray, "peak cell"],
    sigma: float,
) -> Float[np.ndarray, "peak 2"]:
    """From the estimate to the top of log v = a + b·u + u·C·u, u = cell - estimate; at most about one sigma."""
    x, y = away[..., 0], away[..., 1]
    window = np.clip(1 - (x**2 + y**2) / _reach(sigma) ** 2, 0, None) ** 2  # (peak, cell)
    terms = np.stack([np.ones_like(x), x, y, x * x, 2 * x * y, y * y], -1)  # (peak, cell, 6)
    weighted = np.swapaxes(terms * (weights * window)[..., None], 1, 2)  # (peak, 6, cell)
    expected = -1 / (2 * sigma**2)
    prior = np.array([0, 0, 0, expected, 0, expected])
    normal = weighted @ terms + FAITH * np.eye(6)  # (peak, 6, 6)
    fit = np.linalg.solve(normal, weighted @ logs[..., None] + FAITH * prior[:, None])[..., 0]  # (peak, 6)
    curvatures, axes = np.linalg.eigh(fit[:, [[3, 4], [4, 5]]])  # (peak, 2), (peak, 2, 2): the columns are the axes
    curvatures = np.clip(curvatures, 9 * expected, expected / 9)  # a peak, from a third to three times as wide
    slopes = np.swapaxes(axes, 1, 2) @ fit[:, 1:3, None]  # (peak, 2, 1), along the axes
    steps = (axes @ (slopes / (-2 * curvatures[..., None])))[..., 0]  # (peak, 2)
    length = np.linalg.norm(steps, axis=-1, keepdims=True)
    shortened: Float[np.ndarray, "peak 2"] = steps * np.minimum(1, _spread(sigma) / np.maximum(length, 1e-12))
    return shortened


def _spread(sigma: float) -> float:
    return max(sigma, 0.67)  # cells: below, a window would hold too few of them


def _reach(sigma: float) -> float:
    return 3 * _spread(sigma)
