"""Assignment: which of these belongs to which of those."""

import numpy as np
from jaxtyping import Float
from scipy.optimize import linear_sum_assignment


def assign(costs: Float[np.ndarray, "a b"], worst: float = np.inf) -> list[tuple[int, int]]:
    """Pairs (row, column), as many as can be, of the smallest total cost; each row and column at most once.

    A pair that costs more than `worst`, or NaN or infinity, is never made, whatever the others gain by it.
    Source: the Hungarian method (Kuhn 1955) as in `scipy.optimize.linear_sum_assignment`.
    """
    costs = np.asarray(costs, np.float64)
    allowed = np.isfinite(costs) & (costs <= worst)  # (a, b)
    if not allowed.any():
        return []
    low, high = costs[allowed].min(), costs[allowed].max()
    forbidden = high + (high - low + 1) * (min(costs.shape) + 1)  # dearer than any exchange of allowed pairs can save
    rows, columns = linear_sum_assignment(np.where(allowed, costs, forbidden))
    return [(int(row), int(column)) for row, column in zip(rows, columns, strict=True) if allowed[row, column]]
