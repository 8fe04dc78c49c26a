"""How right a stage is on validation frames, in pixels: what a person can judge a training by while it runs."""

from collections.abc import Sequence

import numpy as np

from gambol.geometry.assignment import assign
from gambol.geometry.distances import pairwise
from gambol.poses import Poses


def measure(pairs: Sequence[tuple[Poses, Poses]]) -> dict[str, float]:
    """Accuracy of (found, true) poses, matched within each frame by mean distance.

    found: share of the true nodes that were found · median, mean, p95: their distance, image pixels ·
    extra: animals found for each true one that no true animal is near.
    """
    distances, nodes, animals, extra = [np.empty(0)], 0, 0, 0
    for found, true in pairs:
        apart = pairwise(true.points, found.points)  # (true, found, node)
        missing = np.isnan(apart).all(-1)
        mean = np.where(missing, np.nan, np.nanmean(np.where(missing[..., None], 0, apart), -1))  # (true, found)
        chosen = assign(mean)
        distances += [apart[pair] for pair in chosen]
        nodes += int(true.visible.sum())
        animals += len(true)
        extra += len(found) - len(chosen)
    apart = np.concatenate(distances)
    apart = apart[~np.isnan(apart)]
    figures = {"found": len(apart) / max(1, nodes), "extra": extra / max(1, animals)}
    if len(apart):
        figures |= {"median": float(np.median(apart)), "mean": float(apart.mean())}
        figures |= {"p95": float(np.percentile(apart, 95))}
    return figures
