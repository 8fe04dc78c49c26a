"""Anchors: the one point by which an animal is found and cut out."""

from typing import Literal

import numpy as np
from jaxtyping import Float

from .boxes import bounding_boxes


def anchor_points(
    points: Float[np.ndarray, "animal node 2"], anchor: int | None, fallback: Literal["box", "mean"] = "box"
) -> Float[np.ndarray, "animal 2"]:
    """Each animal's anchor node where it is visible; otherwise, or without an anchor, its middle.

    The middle is that of the box around the visible nodes (SLEAP 1.4), or their mean (sleap-nn); NaN if nothing is
    visible. All in the pixels of `points`.
    """
    points = np.asarray(points, np.float64)
    if fallback == "box":
        boxes = bounding_boxes(points)  # (animal, 4)
        middles: Float[np.ndarray, "animal 2"] = (boxes[:, :2] + boxes[:, 2:]) / 2  # (animal, 2)
    else:
        seen = ~np.isnan(points).any(-1)  # (animal, node)
        count = np.where(seen.any(-1), seen.sum(-1), np.nan)[:, None]  # (animal, 1)
        middles = np.where(seen[..., None], points, 0).sum(-2) / count  # (animal, 2)
    if anchor is None:
        return middles
    anchors = points[:, anchor]  # (animal, 2)
    return np.where(np.isnan(anchors).any(-1, keepdims=True), middles, anchors)
