"""Where between the cells a peak lies: a continuous function of the map.

1. Climb from the cell where a peak was seen to the middle of its bump: to the mean of the cells around, weighted by
   their values' fourth power and a window, again and again, so that every cell of a bump leads to the same middle
   (mean shift: Comaniciu & Meer 2002, doi:10.1109/34.1000236). The middle lies inside the map.
2. Fit a quadratic to the logarithm of the map around the middle (weighted least squares, after Guo 2011,
   doi:10.1109/MSP.2011.941846). A Gaussian, round or not, has a quadratic for its logarithm, so the quadratic's top is
   its peak, also where that is not the window's middle: at a border.

Both windows are exactly zero beyond their reach: what lies farther away does not count. What the cells at hand cannot
tell is taken from the expected shape, by a ridge. Its faith in the expected width is a trace, so that round bumps of
half to twice that width stay exact to 0.01 px, in the map's corners too; its faith that bumps are round moves long
ones at borders only.

Rounding a map to bfloat16 moves the place by less than 0.1 px (measured: by 0.09 px at most in 23,000 random maps), for
sigma 1 .. 8 px at strides 1, 2 and 4, if the map shows one bump, round, long or flat-topped, up to 1.5 times as wide as
expected, whole or cut by the border, with noise up to a twentieth of its height, and if the cells that equal the
highest within the rounding are within 1.5 sigma (or 1.5 cells) of it. Equal ones farther off are peaks of their own:
which one counts is a choice, and no rule that chooses is continuous. Nor is any where two bumps become one, here at
about 2.5 sigma or 3 cells from each other; from 3 sigma on each draws the other by 0.2 sigma at most. With more noise,
wider bumps or several of them, 1 in about 3,000 random maps moves by more than 0.1 px.
"""

import math
from collections.abc import Sequence
from functools import cache

import numpy as np
from jaxtyping import Float

CLIMB = 2.5  # how far the climb looks, in spreads
ROUNDS = 12  # those of most peaks are three; wide and flat ones at a border take more
HASTE = 1.3  # each round goes so many times the way to the mean, and fewer rounds do
SETTLED = 0.01  # cells
VIEW = 2.5  # how far the fit looks, in spreads
WIDTHS = 4.1  # a bump's variance is the expected one times or divided by this, at most
STEP = 1.5  # from the middle to the peak, in spreads, at most
OUTSIDE = 0.5  # from the outermost cells to the peak, in spreads, at most
LAST_CELL = 0.75  # but an image ends so many cells beyond the last one, at stride 4
FAITH_IN_WIDTH, FAITH_IN_ROUNDNESS = 4e-5, 0.4  # weights of the expected shape, in cells of full height
FEW = 1.5  # cells: bumps of a smaller sigma show less of their width, and faith in it is stronger
FAITH = 1e-9  # so that too few cells still have an answer

_X, _Y = np.array([(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2)]).T  # powers in the terms 1, x, y, x², xy, y²


def patch_radius(sigma: float) -> int:
    """Cells to each side of a peak that refinement wants to see; sigma in cells."""
    return math.ceil((VIEW + 1) * _spread(sigma))  # the window, and room for it to move


def within(cells: Float[np.ndarray, "peak 2"], size: Sequence[int], sigma: float) -> Float[np.ndarray, "peak 2"]:
    """The places (x, y), none farther outside the map than a peak can be told; all in cells, size (height, width)."""
    beyond = max(OUTSIDE * _spread(sigma), LAST_CELL)
    inside: Float[np.ndarray, "peak 2"] = np.clip(cells, -beyond, np.array(size[::-1]) - 1 + beyond)
    return inside


def refine(patches: Float[np.ndarray, "peak side side"], sigma: float) -> Float[np.ndarray, "peak 2"]:
    """Offsets (x, y) in cells from the centre of each patch to its peak; sigma is the expected spread in cells."""
    radius = patches.shape[-1] // 2
    line = np.arange(-radius, radius + 1, dtype=np.float64)
    values = np.fmin(np.fmax(patches.reshape(-1, patches.shape[-1] ** 2), 0), 1e30)  # (peak, cell), NaN becomes 0
    values = values / np.maximum(values.max(1, keepdims=True, initial=0), 1e-30)
    values = values.reshape(patches.shape).astype(np.float32, copy=False)
    middle = _climb(values, line.astype(np.float32), CLIMB * _spread(sigma))
    slopes, curvatures = _fit(values, line, middle, sigma)
    step = _to_top(slopes, curvatures, sigma)
    length = np.hypot(step[:, :1], step[:, 1:])
    step *= np.minimum(1, STEP * _spread(sigma) / np.maximum(length, 1e-12))
    offsets: Float[np.ndarray, "peak 2"] = np.clip(middle + step, -radius, radius)
    return offsets


def _climb(
    values: Float[np.ndarray, "peak side side"], line: Float[np.ndarray, " side"], reach: float
) -> Float[np.ndarray, "peak 2"]:
    """From the patches' centres to the middles of their bumps, (x, y)."""
    weights = np.square(np.square(values))
    middle = np.zeros((len(values), 2))
    moving = np.arange(len(values))
    for _ in range(ROUNDS):
        across, down = _windows(line, middle[moving], reach, 2)
        sums = down @ (weights @ across.swapaxes(1, 2))  # (peak, 2, 2): of w, w x; w y, w x y
        shift = sums[:, [0, 1], [1, 0]] / np.maximum(sums[:, 0, :1], 1e-30)  # (peak, 2)
        middle[moving] += HASTE * shift
        on = abs(shift).max(1) > SETTLED  # each by itself: no peak depends on others that are refined with it
        if not on.any():
            break
        if not on.all():
            moving, weights = moving[on], weights[on]
    return middle


def _fit(
    values: Float[np.ndarray, "peak side side"],
    line: Float[np.ndarray, " side"],
    middle: Float[np.ndarray, "peak 2"],
    sigma: float,
) -> tuple[Float[np.ndarray, "peak 2"], Float[np.ndarray, "peak 3"]]:
    """Slopes (x, y) and curvatures (xx, xy, yy) of log v = a + b·u + u·C·u, u = cell - middle, in cells.

    The weights are the window and the root of v: more for low values than the v² that noise alone would ask for,
    because rounding errs in proportion to v.
    """
    across, down = _windows(line, middle, VIEW * _spread(sigma), 5)
    weights = np.sqrt(values).astype(np.float64)  # (peak, side, side)
    logs = weights * np.log(np.maximum(values, 1e-12))
    columns = across.swapaxes(1, 2)
    moments = down @ (weights @ columns)  # (peak, 5, 5): sums of w y^row x^column
    right = (down[:, :3] @ (logs @ columns[:, :, :3]))[:, _Y, _X]  # (peak, 6)
    ridge, prior = _expected_shape(-1 / (2 * sigma**2))
    normal = moments[:, _Y[:, None] + _Y, _X[:, None] + _X] + ridge  # (peak, 6, 6)
    fit = np.linalg.solve(normal, (right + ridge @ prior)[..., None])[..., 0]  # (peak, 6)
    return fit[:, 1:3], fit[:, 3:] * [1, 0.5, 1]  # the term xy stands for two of C's entries


@cache
def _expected_shape(curvature: float) -> tuple[Float[np.ndarray, "6 6"], Float[np.ndarray, "6"]]:
    """The ridge and what it draws to: the weight of a bump that is round and of the expected width, and that bump."""
    few = max(1.0, 2 * abs(curvature) * FEW**2)  # cells that tell the width
    width, roundness = FAITH_IN_WIDTH * few**2 / curvature**2, FAITH_IN_ROUNDNESS / curvature**2
    ridge = FAITH * np.eye(6)
    ridge[3:, 3:] += width * np.diag([1, 0.5, 1])
    ridge[3:, 3:] += roundness / 4 * np.array([[1, 0, -1], [0, 1, 0], [-1, 0, 1]])  # of (Cxx - Cyy)² + (2 Cxy)²
    return ridge, np.array([0, 0, 0, curvature, 0, curvature])


def _to_top(
    slopes: Float[np.ndarray, "peak 2"], curvatures: Float[np.ndarray, "peak 3"], sigma: float
) -> Float[np.ndarray, "peak 2"]:
    """-C⁻¹ b / 2, C's two eigenvalues being held to those of a peak of a sensible width."""
    xx, xy, yy = curvatures.T
    mean, half = (xx + yy) / 2, (xx - yy) / 2
    gap = np.hypot(half, xy)  # the eigenvalues are mean ± gap
    expected = -1 / (2 * sigma**2)
    held = (np.clip(mean + side * gap, WIDTHS * expected, expected / WIDTHS) for side in (-1, 1))
    narrow, wide = (-0.5 / eigenvalue for eigenvalue in held)  # the bump's variances along its axes
    level, turn = (wide + narrow) / 2, (wide - narrow) / 2 / np.maximum(gap, 1e-30)
    x, y = slopes.T
    return np.stack([level * x + turn * (half * x + xy * y), level * y + turn * (xy * x - half * y)], -1)


def _windows(
    line: Float[np.ndarray, " side"], middle: Float[np.ndarray, "peak 2"], reach: float, powers: int
) -> Float[np.ndarray, "2 peak powers side"]:
    """Tukey's biweight around the middles, along x and along y, times the powers 0, 1, ... of the distance."""
    away = line - middle.T[..., None].astype(line.dtype)  # (2, peak, side)
    windows = np.empty((2, len(middle), powers, len(line)), line.dtype)
    windows[:, :, 0] = np.square(np.maximum(1 - np.square(away / reach), 0))
    for power in range(1, powers):
        np.multiply(windows[:, :, power - 1], away, out=windows[:, :, power])
    return windows


def _spread(sigma: float) -> float:
    return max(sigma, 0.8)  # cells: below, a window would hold too few of them
