"""Small files of truth and prediction, drawn so that their scores can be worked out by hand."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from gambol.labels.columns import PREDICTED, USER, Columns, arrange, empty_rows
from gambol.labels.skeleton import Skeleton
from gambol.video.source import VideoSource

NODES = ("nose", "tail", "paw")
SQUARE = np.array([[0, 0], [20, 20], [0, 20]], float)  # (node, 2); its box has 400 px², so 2 (2 sd)² area = 2 px²
RIGHT = np.array([1, 0])  # one pixel

Animals = Sequence[np.ndarray]  # each (node, 2)
MakeColumns = Callable[..., Columns]


@pytest.fixture
def square() -> np.ndarray:
    """An animal whose OKS is easily worked out: a node d px off scores exp(-d² / 2).

    nose (0, 0)
      |
    paw (0, 20) --- tail (20, 20)
    """
    return SQUARE.copy()


@pytest.fixture
def columns() -> MakeColumns:
    """Make a file of labels from {frame: animals}; scores {frame: one per animal} make them predictions."""

    def make(
        frames: Mapping[int, Animals],
        scores: Mapping[int, Sequence[float]] | None = None,
        nodes: tuple[str, ...] = NODES,
        video: str = "flies.mp4",
        predicted_frames: Sequence[int] = (),
    ) -> Columns:
        points = np.array([animal for animals in frames.values() for animal in animals], float)
        rows = empty_rows(len(nodes), len(points))
        rows["points"] = points.reshape(-1, len(nodes), 2)
        rows["visible"] = ~np.isnan(rows["points"]).any(-1)
        row_frame = np.repeat(np.arange(len(frames)), [len(animals) for animals in frames.values()])
        guessed = np.isin(np.array(list(frames))[row_frame], predicted_frames) | (scores is not None)
        rows["kinds"] = np.where(guessed, PREDICTED, USER).astype(np.uint8)
        if scores is not None:
            rows["scores"] = np.array([score for frame in frames for score in scores[frame]], float)
        none = np.zeros(len(frames), np.int64)
        made = Columns(
            Skeleton(nodes), [VideoSource(Path(video))], [], none, np.array(list(frames), np.int64), np.zeros(1, int),
            **rows, negative=none.astype(bool))
        return arrange(made, row_frame)

    return make


@pytest.fixture
def four_frames(columns: MakeColumns, square: np.ndarray) -> tuple[Columns, Columns]:
    """One animal in three of four frames; found well, found badly, not found, and one seen where none is.

    frame   truth   predicted                         OKS           score
      0     animal  exact                             1             0.6
      1     animal  every node 1 px to the right      exp(-1/2) = 0.607   0.9
      2     animal  -
      3     -       an animal                         -             0.8
    """
    truth = columns({0: [square], 1: [square], 2: [square], 3: []})
    predicted = columns(
        {0: [square], 1: [square + RIGHT], 3: [square]}, scores={0: [0.6], 1: [0.9], 3: [0.8]})
    return truth, predicted


