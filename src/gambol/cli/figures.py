"""Pictures of an evaluation: the error of each node, and the worst frames with true and predicted poses."""

from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8

from gambol.drawing.figures import error_per_node
from gambol.drawing.sheet import Comparison, contact_sheet, write_image
from gambol.evaluation.matching import match, match_videos
from gambol.evaluation.report import Evaluation, FrameReport, detections, reference
from gambol.labels.columns import Columns
from gambol.labels.convert import poses
from gambol.labels.paths import resolve
from gambol.poses import Poses
from gambol.video.reader import VideoReader, open_video

WORST = 8


def write_report(result: Evaluation, truth: Columns, predicted: Columns, base: Path, path: Path) -> None:
    """One PNG: errors per node above, the worst frames below. base: the folder of the truth, where its videos are."""
    bars = path.with_name(f".{path.stem}.nodes.png")
    try:
        error_per_node({name: node.errors for name, node in result.nodes.items()}, bars)
        with open_video(bars) as reader:
            above = reader.read(0, channels=3)
    finally:
        with suppress(OSError):  # where nothing could be written, nothing can be removed
            bars.unlink()
    below = worst_frames(result, truth, predicted, base)
    write_image(_stacked(above, below), path)


def worst_frames(
    result: Evaluation, truth: Columns, predicted: Columns, base: Path
) -> UInt8[np.ndarray, "height width 3"]:
    """The frames in which predictions are worst, true and predicted poses drawn on them."""
    truth, predicted = reference(truth), detections(predicted)
    videos = match_videos(truth.videos, predicted.videos)
    order = [predicted.skeleton.nodes.index(name) for name in truth.skeleton.nodes]
    readers: dict[int, VideoReader] = {}
    comparisons = []
    for report in result.worst(WORST):
        if report.video not in readers:
            readers[report.video] = open_video(resolve(truth.videos[report.video], base))
        found = Poses.empty(len(order))
        if report.video in videos:
            theirs = poses(predicted, videos[report.video], report.frame)
            found = Poses.of(theirs.points[:, order], theirs.point_scores[:, order], theirs.scores)
        comparisons.append(
            _compared(report, readers[report.video].read(report.frame), poses(truth, report.video, report.frame), found)
        )
    for reader in readers.values():
        reader.close()
    return contact_sheet(comparisons, truth.skeleton, title=f"The {len(comparisons)} worst frames")


def _compared(report: FrameReport, image: UInt8[np.ndarray, "height width channel"], true: Poses, found: Poses
              ) -> Comparison:
    pairs = [(pair.truth, pair.predicted) for pair in match(true.points, found.points, np.nan_to_num(found.scores))]
    return Comparison(image, true, found, f"frame {report.frame}, OKS {report.oks:.2f}", pairs)


def _stacked(above: UInt8[np.ndarray, "h w 3"], below: UInt8[np.ndarray, "h2 w2 3"]) -> UInt8[np.ndarray, "h3 w3 3"]:
    """Two pictures as one, the upper one as wide as the lower."""
    width = below.shape[1]
    height = round(above.shape[0] * width / above.shape[1])
    return np.concatenate([np.asarray(cv2.resize(above, (width, height), interpolation=cv2.INTER_AREA)), below])
