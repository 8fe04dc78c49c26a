"""Distances between the nodes of animals."""

import numpy as np
from jaxtyping import Float


def pairwise(
    points_a: Float[np.ndarray, "a node 2"], points_b: Float[np.ndarray, "b node 2"]
) -> Float[np.ndarray, "a b node"]:
    """How far each node of every a is from the same node of every b, in pixels; NaN where either is missing."""
    apart = np.asarray(points_a, np.float64)[:, None] - np.asarray(points_b, np.float64)[None]  # (a, b, node, 2)
    distances: Float[np.ndarray, "a b node"] = np.sqrt((apart**2).sum(-1))
    return distances
