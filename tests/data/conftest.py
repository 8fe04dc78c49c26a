"""Worlds of the data room: dots that can be found again, and small projects drawn in words."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gambol.data.augment import AugmentConfig
from gambol.labels.columns import USER, Columns, arrange, empty_rows
from gambol.labels.skeleton import Skeleton
from gambol.video.source import VideoSource

NAN = (np.nan, np.nan)
Frames = dict[tuple[int, int], list[list[tuple[float, float]]]]


@pytest.fixture(scope="session")
def draw_dot() -> Callable[..., np.ndarray]:
    """A blurred dot on black, exact to a fraction of a pixel: (x, y), (height, width) -> image."""

    def draw(at: tuple[float, float], size: tuple[int, int], sigma: float = 3.0) -> np.ndarray:
        y, x = np.mgrid[: size[0], : size[1]]
        dot = np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / (2 * sigma**2))
        return np.rint(240 * dot)[..., None].astype(np.uint8)

    return draw


@pytest.fixture(scope="session")
def find_dot() -> Callable[[np.ndarray], np.ndarray]:
    """Where the one bright dot of an image lies, (x, y): its centre of mass above the background."""

    def find(image: np.ndarray) -> np.ndarray:
        grey = image[..., 0].astype(float)
        mass = np.clip(grey - np.median(grey) - 4, 0, None)
        y, x = np.mgrid[: grey.shape[0], : grey.shape[1]]
        return np.array([(mass * x).sum(), (mass * y).sum()]) / mass.sum()

    return find


@pytest.fixture(scope="session")
def only_geometry() -> AugmentConfig:
    """Everything that moves pixels, nothing that changes grey levels; half of the examples are mirrored."""
    still = {"probability": 0.0}
    return AugmentConfig.model_validate(
        {"flip": {"probability": 0.5}, "blur": still, "brightness": still, "contrast": still, "erasing": still,
         "noise": still})


@pytest.fixture(scope="session")
def project() -> Callable[..., Columns]:
    """Columns of a project: {(video, frame): [points of an animal, ...]} -> labels by hand."""

    def make(frames: Frames, videos: list[VideoSource], skeleton: Skeleton) -> Columns:
        animals = [animal for frame in frames.values() for animal in frame]
        rows = empty_rows(len(skeleton), len(animals))
        rows["points"] = np.array(animals, float).reshape(len(animals), len(skeleton), 2)
        rows["visible"] = ~np.isnan(rows["points"]).any(-1)
        rows["kinds"][:] = USER
        video, index = np.array(list(frames), int).reshape(-1, 2).T
        empty = Columns(skeleton, videos, [], video, index, np.zeros(1, int), **rows,
                        negative=np.zeros(len(frames), bool))
        return arrange(empty, np.repeat(np.arange(len(frames)), [len(frame) for frame in frames.values()]))

    return make


@pytest.fixture
def two_flies(project: Callable[..., Columns]) -> Columns:
    """Three labelled frames of a 80 x 60 video; the skeleton is head - left wing - right wing.

    frame 2: two whole flies      frame 5: one fly without its head, and one of which nothing is visible
    frame 9: nobody
    """
    skeleton = Skeleton(("head", "left", "right"), symmetries=((1, 2),))
    return project(
        {(0, 2): [[(20, 15), (10, 10), (12, 20)], [(60, 40), (70, 36), (70, 45)]],
         (0, 5): [[NAN, (40, 20), (50, 30)], [NAN, NAN, NAN]],
         (0, 9): []},
        [VideoSource(Path("flies.mp4"))], skeleton)
