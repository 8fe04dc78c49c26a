"""Evaluation: predicted poses against true ones, in the numbers that `gambol evaluate` shows and writes."""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from gambol.errors import LabelsError, SkeletonMismatch
from gambol.evaluation.keypoints import (
    correct_keypoints,
    error_summary,
    mean_average_precision,
    mean_average_recall,
)
from gambol.evaluation.matching import match, match_videos
from gambol.geometry.distances import pairwise
from gambol.labels.columns import PREDICTED, USER, Columns


@dataclass(frozen=True)
class NodeReport:
    """One node over all frames. errors (point,): its distances in pixels wherever it was found.

    visible counts its true points, missed those of them without a predicted point, extra its predicted points without
    a true one.
    """

    visible: int
    missed: int
    extra: int
    error_px: dict[str, float]
    pck: dict[str, float]
    errors: Float[np.ndarray, " point"] = field(repr=False, compare=False)


@dataclass(frozen=True)
class FrameReport:
    """One frame. video and frame are the truth's; oks is 1 where all is right.

    oks is the sum over matched pairs by the number of animals, missed and extra ones included (1 if there are none);
    error_px is the mean over points that were found, NaN without any.
    """

    video: int
    frame: int
    oks: float
    error_px: float
    missed_instances: int
    extra_instances: int


@dataclass(frozen=True)
class Evaluation:
    """How predictions compare with the truth. Undefined numbers (nothing to find, nothing found) are NaN.

    oks: mAP (COCO: an extra detection is false), mAP_sleap (unmatched detections ignored), mAR. error_px: mean, median,
    p75, p90, p95 over points seen on both sides of matched pairs. pck: share of all visible true points found closer
    than 1, 2, 3, 5, 10 px. missed_points: visible true points without a predicted one, those of missed animals too;
    extra_points: predicted points without a true one, those of extra animals too.
    nodes: by node name. frame_reports: in the truth's order. unmatched_videos: names of the truth's videos that
    the predictions do not have; all their animals count as missed.
    """

    frames: int
    instances: int
    oks: dict[str, float]
    error_px: dict[str, float]
    pck: dict[str, float]
    missed_instances: int
    extra_instances: int
    missed_points: int
    extra_points: int
    nodes: dict[str, NodeReport]
    frame_reports: tuple[FrameReport, ...] = field(repr=False)
    unmatched_videos: tuple[str, ...] = ()

    def worst(self, count: int = 10) -> list[FrameReport]:
        """The frames with the lowest OKS, worst first; among equals those with the largest error."""
        return sorted(self.frame_reports, key=lambda one: (one.oks, -np.nan_to_num(one.error_px)))[:count]

    def as_json(self) -> dict[str, Any]:
        """The numbers under their contracted keys, ready for `json.dumps`; undefined ones are None."""
        report = {
            "frames": self.frames,
            "instances": self.instances,
            "oks": self.oks,
            "error_px": self.error_px,
            "pck": self.pck,
            "missed_instances": self.missed_instances,
            "extra_instances": self.extra_instances,
            "missed_points": self.missed_points,
            "extra_points": self.extra_points,
            "nodes": {
                name: {
                    "visible": node.visible,
                    "missed": node.missed,
                    "extra": node.extra,
                    "error_px": node.error_px,
                    "pck": node.pck,
                }
                for name, node in self.nodes.items()
            },
        }
        return {key: _defined(value) for key, value in report.items()}


def evaluate(truth: Columns, predicted: Columns) -> Evaluation:
    """Score predictions on all labelled frames of the truth; a frame without predictions has missed its animals.

    True animals are the user's, or the predicted ones of a file that holds no others; frames that hold nothing but
    predictions beside a user's labels are not truth. Predicted animals are the predicted ones, or the user's of a file
    that holds no others. Animals without a visible point count on neither side. Nodes are matched by name, videos by
    name and size.

    Raises SkeletonMismatch if the nodes differ, LabelsError if nothing can be compared.
    """
    nodes = _node_order(truth, predicted)
    truth = reference(truth)
    predicted = concerned(truth, predicted)
    videos = match_videos(truth.videos, predicted.videos)
    used = [int(video) for video in np.unique(truth.frame_video)]
    _require_common(truth, used, videos)
    true_points, guesses = truth.visible_points, predicted.visible_points[:, nodes]  # (row, node, 2) each
    tally = _Tally(len(truth.skeleton))
    for position in range(len(truth)):
        video, frame = truth.frame_at(position)
        rows = predicted.rows(videos[video], frame) if video in videos else slice(0, 0)
        there, guess = true_points[truth.rows_at(position)], guesses[rows]
        seen = ~np.isnan(guess).any(-1).all(-1)  # (p,)
        tally.add(
            (video, frame),
            there[~np.isnan(there).any(-1).all(-1)],
            guess[seen],
            np.nan_to_num(predicted.scores[rows][seen]),
        )
    unmatched = tuple(truth.videos[video].name for video in used if video not in videos)
    return tally.evaluation(truth.skeleton.nodes, unmatched)


class _Tally:
    """What is counted frame by frame, and the evaluation that comes of it."""

    def __init__(self, nodes: int) -> None:
        self.errors: list[Float[np.ndarray, " node"]] = []  # of each pair, NaN where either side is missing
        self.visible = np.zeros(nodes, np.int64)
        self.guessed = np.zeros(nodes, np.int64)
        self.instances = 0
        self.similarity: list[float] = []  # of each detection, 0 = matched to none
        self.scores: list[float] = []
        self.frames: list[FrameReport] = []

    def add(
        self,
        key: tuple[int, int],
        truth: Float[np.ndarray, "t node 2"],
        predicted: Float[np.ndarray, "p node 2"],
        scores: Float[np.ndarray, " p"],
    ) -> None:
        pairs = match(truth, predicted, scores)
        distance = pairwise(truth, predicted)  # (t, p, node)
        errors = [distance[pair.truth, pair.predicted] for pair in pairs]
        likeness = np.zeros(len(predicted))
        likeness[[pair.predicted for pair in pairs]] = [pair.oks for pair in pairs]
        self.errors += errors
        self.visible += (~np.isnan(truth).any(-1)).sum(0)
        self.guessed += (~np.isnan(predicted).any(-1)).sum(0)
        self.instances += len(truth)
        self.similarity += likeness.tolist()
        self.scores += scores.tolist()
        missed, extra = len(truth) - len(pairs), len(predicted) - len(pairs)
        animals = len(pairs) + missed + extra
        near = np.concatenate([error[~np.isnan(error)] for error in errors]) if errors else np.empty(0)
        self.frames.append(
            FrameReport(
                *key,
                oks=float(likeness.sum() / animals) if animals else 1.0,
                error_px=float(near.mean()) if len(near) else float("nan"),
                missed_instances=missed,
                extra_instances=extra,
            )
        )

    def evaluation(self, names: tuple[str, ...], unmatched: tuple[str, ...]) -> Evaluation:
        errors = np.array(self.errors).reshape(-1, len(names))  # (pair, node)
        found = (~np.isnan(errors)).sum(0)  # (node,)
        near = errors[~np.isnan(errors)]  # (point,)
        similarity, scores = np.array(self.similarity), np.array(self.scores)  # (detection,) each
        matched = similarity > 0
        return Evaluation(
            frames=len(self.frames),
            instances=self.instances,
            oks={
                "mAP": mean_average_precision(similarity, scores, self.instances),
                "mAP_sleap": mean_average_precision(similarity[matched], scores[matched], self.instances),
                "mAR": mean_average_recall(similarity, self.instances),
            },
            error_px=error_summary(near),
            pck=correct_keypoints(near, int(self.visible.sum())),
            missed_instances=self.instances - int(matched.sum()),
            extra_instances=int((~matched).sum()),
            missed_points=int((self.visible - found).sum()),
            extra_points=int((self.guessed - found).sum()),
            nodes={name: self._node(node, errors[:, node]) for node, name in enumerate(names)},
            frame_reports=tuple(self.frames),
            unmatched_videos=unmatched,
        )

    def _node(self, node: int, errors: Float[np.ndarray, " pair"]) -> NodeReport:
        near = errors[~np.isnan(errors)]  # (point,)
        visible = int(self.visible[node])
        return NodeReport(
            visible=visible,
            missed=visible - len(near),
            extra=int(self.guessed[node]) - len(near),
            error_px=error_summary(near),
            pck=correct_keypoints(near, visible),
            errors=near,
        )


def reference(truth: Columns) -> Columns:
    """The frames and animals of a file that count as true."""
    users = truth.kinds == USER
    if not users.any():
        return truth
    only_predictions = np.zeros(len(truth), bool)
    only_predictions[truth.row_frame[~users]] = True
    only_predictions[truth.row_frame[users]] = False
    return truth.only(USER).select_frames(~only_predictions | truth.negative)


def detections(predicted: Columns) -> Columns:
    """The animals of a file that count as predicted."""
    return predicted.only(PREDICTED) if (predicted.kinds == PREDICTED).any() else predicted


def concerned(truth: Columns, predicted: Columns) -> Columns:
    """The animals that count as predicted, in the frames that the truth has; of a lazy file no others are read."""
    videos = match_videos(truth.videos, predicted.videos)
    places = (truth.frame_at(position) for position in range(len(truth)))
    found = (predicted.position(videos[video], frame) for video, frame in places if video in videos)
    positions = np.array([position for position in found if position is not None], np.int64)
    model_made = bool((predicted.kinds == PREDICTED).any())
    chosen = predicted.select_frames(positions)
    return chosen.only(PREDICTED) if model_made else chosen


def _node_order(truth: Columns, predicted: Columns) -> Int[np.ndarray, " node"]:
    """For each node of the truth its number in the prediction."""
    theirs = {name: number for number, name in enumerate(predicted.skeleton.nodes)}
    missing = [name for name in truth.skeleton.nodes if name not in theirs]
    foreign = [name for name in theirs if name not in truth.skeleton.nodes]
    if missing or foreign:
        parts = [
            f"the {side} has no node called {', '.join(names)}"
            for side, names in (("prediction", missing), ("truth", foreign))
            if names
        ]
        raise SkeletonMismatch(
            f"The two files label different body parts: {', and '.join(parts)}. "
            "Points can only be compared between nodes of the same name. "
            "Rename the nodes in one of the files, or predict with a model that was trained on this skeleton."
        )
    return np.array([theirs[name] for name in truth.skeleton.nodes], np.int64)


def _require_common(truth: Columns, used: list[int], videos: dict[int, int]) -> None:
    if not len(truth):
        raise LabelsError(
            "The truth has no labelled frames. There is nothing that predictions could be compared with. "
            "Give the project with the labels first and the predictions second."
        )
    if not any(video in videos for video in used):
        raise LabelsError(
            f"The predictions are not about any labelled video of the truth ({truth.videos[used[0]].path} is one). "
            "Every animal would count as missed. "
            "Predict on the same video files, or check that the two files belong together."
        )


def _defined(value: Any) -> Any:
    """The same with None for NaN, which JSON does not know."""
    if isinstance(value, dict):
        return {key: _defined(one) for key, one in value.items()}
    return None if isinstance(value, float) and math.isnan(value) else value
