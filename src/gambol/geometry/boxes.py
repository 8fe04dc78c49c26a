"""Boxes around the visible points of animals: (x0, y0, x1, y1), in pixels."""

import numpy as np
from jaxtyping import Float


def bounding_boxes(points: Float[np.ndarray, "*any node 2"]) -> Float[np.ndarray, "*any 4"]:
    """The smallest box (x0, y0, x1, y1) that holds the visible points of each animal; NaN where none is visible."""
    points = np.asarray(points, np.float64)
    seen = ~np.isnan(points).any(-1, keepdims=True)  # (*any, node, 1)
    low = np.where(seen, points, np.inf).min(-2, initial=np.inf)  # (*any, 2)
    high = np.where(seen, points, -np.inf).max(-2, initial=-np.inf)  # (*any, 2)
    boxes = np.concatenate([low, high], -1)  # (*any, 4)
    boxes[~seen.any((-2, -1))] = np.nan
    return boxes


def extents(boxes: Float[np.ndarray, "*any 4"]) -> Float[np.ndarray, "*any 2"]:
    """Width and height of each box, in pixels: distances between its outermost points."""
    sides: Float[np.ndarray, "*any 2"] = boxes[..., 2:] - boxes[..., :2]
    return sides


def areas(boxes: Float[np.ndarray, "*any 4"]) -> Float[np.ndarray, "*any"]:
    """Area of each box, in square pixels; NaN where there is no box."""
    area: Float[np.ndarray, "*any"] = extents(boxes).prod(-1)
    return area


def iou(boxes_a: Float[np.ndarray, "a 4"], boxes_b: Float[np.ndarray, "b 4"]) -> Float[np.ndarray, "a b"]:
    """Area shared by two boxes over the area that they cover together; 0 where a box is missing or both are empty."""
    low = np.maximum(boxes_a[:, None, :2], boxes_b[None, :, :2])  # (a, b, 2)
    high = np.minimum(boxes_a[:, None, 2:], boxes_b[None, :, 2:])  # (a, b, 2)
    shared = np.clip(high - low, 0, None).prod(-1)  # (a, b)
    together = areas(boxes_a)[:, None] + areas(boxes_b)[None, :] - shared  # (a, b)
    overlap: Float[np.ndarray, "a b"] = np.divide(shared, together, out=np.zeros_like(shared), where=together > 0)
    return overlap
