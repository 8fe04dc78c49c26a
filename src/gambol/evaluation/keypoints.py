"""Scores of keypoints: average precision and recall over OKS, distances, and the share of correct keypoints."""

import numpy as np
from jaxtyping import Bool, Float

OKS_THRESHOLDS = np.linspace(0.5, 0.95, 10)
PCK_PIXELS = (1, 2, 3, 5, 10)
PERCENTILES = {"median": 50, "p75": 75, "p90": 90, "p95": 95}

_RECALLS = np.linspace(0, 1, 101)


def average_precision(right: Bool[np.ndarray, " detection"], positives: int) -> float:
    """Mean over 101 recalls of the best precision at that recall or a higher one.

    right says of each detection, by falling score, whether it is a true one; positives is how many there are to find.
    NaN if there is nothing to find. Source: COCO's evaluation (Lin 2014), `pycocotools.cocoeval.accumulate`.
    """
    if positives == 0:
        return float("nan")
    if len(right) == 0:
        return 0.0
    true = np.cumsum(right)  # (detection,)
    recall = true / positives  # (detection,)
    precision = np.maximum.accumulate((true / np.arange(1, len(right) + 1))[::-1])[::-1]  # (detection,)
    reached = np.searchsorted(recall, _RECALLS, side="left")  # (101,), past the end where never reached
    return float(np.append(precision, 0.0)[reached].mean())


def mean_average_precision(
    similarity: Float[np.ndarray, " detection"], scores: Float[np.ndarray, " detection"], positives: int
) -> float:
    """Average precision, mean over the OKS thresholds 0.50, 0.55 .. 0.95.

    similarity is each detection's OKS with the truth it was matched to, 0 where it was matched to none: such a
    detection is false (COCO). Leave those out to have SLEAP's rule, under which only matched pairs can be wrong.
    """
    ranked = similarity[np.argsort(-scores, kind="stable")]  # (detection,)
    return float(np.mean([average_precision(ranked >= threshold, positives) for threshold in OKS_THRESHOLDS]))


def mean_average_recall(similarity: Float[np.ndarray, " detection"], positives: int) -> float:
    """Share of the truth that was found, mean over the OKS thresholds; NaN if there is nothing to find."""
    if positives == 0:
        return float("nan")
    return float(np.mean([(similarity >= threshold).sum() / positives for threshold in OKS_THRESHOLDS]))


def error_summary(errors: Float[np.ndarray, " point"]) -> dict[str, float]:
    """Mean, median and percentiles of distances in pixels; NaN for all if there are none."""
    if len(errors) == 0:
        return dict.fromkeys(("mean", *PERCENTILES), float("nan"))
    return {
        "mean": float(errors.mean()),
        **{name: float(np.percentile(errors, percent)) for name, percent in PERCENTILES.items()},
    }


def correct_keypoints(errors: Float[np.ndarray, " point"], visible: int) -> dict[str, float]:
    """Share of all `visible` points of the truth found closer than 1, 2, 3, 5 and 10 pixels (strictly).

    errors are those of the points that were found at all; the missing ones are wrong. NaN if none is visible.
    """
    return {str(pixels): float((errors < pixels).sum() / visible) if visible else float("nan") for pixels in PCK_PIXELS}
