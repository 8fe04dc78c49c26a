"""Similarity: how well one animal's points explain another's."""

import numpy as np
from jaxtyping import Float

from .boxes import areas, bounding_boxes
from .distances import pairwise

_FLAT_REACH = 50.0  # pixels; where a truth without area gives no scale, the distance at which likeness ends


def oks(
    truth: Float[np.ndarray, "t node 2"], predicted: Float[np.ndarray, "p node 2"], sd: float = 0.025
) -> Float[np.ndarray, "t p"]:
    """Object keypoint similarity, 0 .. 1: the mean over the truth's visible nodes of exp(-d² / (2 (2 sd)² area)).

    area is that of the box around the truth's visible points. A node that the prediction misses scores 0; a truth
    without a visible node is like nothing. A truth without area (one visible node, or all in a row) sets no scale: its
    nodes score 1 - d / 50 px, at least 0, as in sleap-nn. Source: COCO keypoint evaluation; Ronchi & Perona 2017.
    """
    area = areas(bounding_boxes(truth))[:, None, None]  # (t, 1, 1)
    distance = pairwise(truth, predicted)  # (t, p, node)
    flat = ~(area > 0)  # (t, 1, 1)
    scaled = np.exp(-(distance**2) / (2 * (2 * sd) ** 2 * np.where(flat, 1, area)))  # (t, p, node)
    likeness = np.where(flat, np.clip(1 - distance / _FLAT_REACH, 0, None), scaled)  # (t, p, node)
    visible = (~np.isnan(truth).any(-1)).sum(-1)[:, None]  # (t, 1)
    similarity: Float[np.ndarray, "t p"] = np.nan_to_num(likeness).sum(-1) / np.maximum(visible, 1)
    return similarity
