"""Which prediction is which animal, and which video of one file is which video of another."""

from collections.abc import Sequence
from pathlib import PurePath, PureWindowsPath
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from gambol.geometry.assignment import assign
from gambol.geometry.similarity import oks
from gambol.video.source import VideoSource


class Pair(NamedTuple):
    """An animal of the truth and the prediction that was matched to it, by number within their frame."""

    truth: int
    predicted: int
    oks: float


def match(
    truth: Float[np.ndarray, "t node 2"],
    predicted: Float[np.ndarray, "p node 2"],
    scores: Float[np.ndarray, " p"],
    sd: float = 0.025,
) -> list[Pair]:
    """Match the animals of one frame: by falling score, each prediction to the free truth of highest OKS > 0.

    Pairs come in that order. Unlike COCO's, the matching is one for all thresholds: a confident bad prediction keeps
    its truth. Source: PASCAL VOC (Everingham 2010) as in SLEAP's evaluation.
    """
    similarity = oks(truth, predicted, sd)  # (t, p)
    pairs = []
    for column in np.argsort(-scores, kind="stable"):
        row = int(np.argmax(similarity[:, column])) if len(truth) else -1
        if row >= 0 and similarity[row, column] > 0:
            pairs.append(Pair(row, int(column), float(similarity[row, column])))
            similarity[row] = 0  # taken
    return pairs


def match_videos(truth: Sequence[VideoSource], predicted: Sequence[VideoSource]) -> dict[int, int]:
    """For each video of the truth the number of the same video among the predicted; those without one are left out.

    The same are videos of the same file name, or whose originals are, unless height, width, HDF5 dataset or image list
    differ; among several, those whose paths agree further up. Two files of one video each are about the same one
    whatever it is called, unless its size or length tells otherwise.
    """
    alike = np.array([[_likeness(one, other) for other in predicted] for one in truth], np.float64)
    alike = alike.reshape(len(truth), len(predicted))
    found = dict(assign(np.where(alike > 0, -alike, np.nan)))
    if len(truth) == len(predicted) == 1 and _may_be_one(truth[0], predicted[0]):
        found[0] = 0
    return found


def _likeness(one: VideoSource, other: VideoSource) -> int:
    """How many parts at the ends of their paths agree, 0 if they are different videos."""
    return max(
        (
            _common_tail(a.path, b.path)
            for a in (one, one.original)
            for b in (other, other.original)
            if a is not None and b is not None and _compatible(a, b)
        ),
        default=0,
    )


def _compatible(one: VideoSource, other: VideoSource) -> bool:
    names = [[_parts(image)[-1] for image in source.images] for source in (one, other)]
    return one.dataset == other.dataset and names[0] == names[1] and _same_size(one, other)


def _same_size(one: VideoSource, other: VideoSource) -> bool:
    """Whether height and width agree; an unknown shape contradicts nothing. Programs count frames differently."""
    return one.shape is None or other.shape is None or one.shape[1:3] == other.shape[1:3]


def _may_be_one(one: VideoSource, other: VideoSource) -> bool:
    embedded = one.dataset or other.dataset  # a package holds some of a video's frames
    same_length = one.shape is None or other.shape is None or one.shape[0] == other.shape[0]
    return _same_size(one, other) and (bool(embedded) or same_length)


def _common_tail(one: PurePath, other: PurePath) -> int:
    pairs = zip(reversed(_parts(one)), reversed(_parts(other)), strict=False)
    return next((count for count, (a, b) in enumerate(pairs) if a != b), min(len(_parts(one)), len(_parts(other))))


def _parts(path: PurePath) -> tuple[str, ...]:
    """The parts of a path that may have been written on Windows; a file without a name has one empty part."""
    return PureWindowsPath(path).parts or ("",)
