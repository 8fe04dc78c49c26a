"""Worlds of the pipelines' room: animals whose places are known, and networks that know them too."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
import torch

from gambol.data.crops import Crop, View, WholeFrame, cut
from gambol.geometry.affine import Affine
from gambol.geometry.anchors import anchor_points
from gambol.labels.columns import USER, Columns
from gambol.labels.convert import from_poses
from gambol.labels.skeleton import Skeleton
from gambol.nn.backbones import UNetConfig
from gambol.nn.codecs import confidence_maps, part_affinity_fields
from gambol.nn.heads import AnyHead, CentroidsConfig, ConfidenceMapsConfig, PartAffinityFieldsConfig
from gambol.pipelines.stage import StageConfig
from gambol.poses import Poses
from gambol.video.colour import as_channels
from gambol.video.source import VideoSource

LEVELS = 40  # grey levels between frames, so that a frame is known by its brightness
BEETLE = np.array([[0.0, -15.0], [-8.0, 2.0], [8.0, 2.0], [0.3, 14.0]])  # head, left, right, tail, about its middle


TREE = ((3, 0), (0, 1), (0, 2))  # tail to head, head to both sides


@dataclass
class Theatre:
    """Frames with a known truth, and networks that draw the ideal maps of whatever they are shown.

    A network is told, by watching `cut`, from where its inputs were taken; a crop shows it the animal nearest to its
    middle. So whatever comes out differs from the truth only by what the pipeline itself does.
    """

    truths: Sequence[np.ndarray]
    channels: int = 1
    sizes: Sequence[tuple[int, int]] = ((120, 160),)
    shown: dict[bytes, tuple[Affine, int]] = field(default_factory=dict)
    batches: list[int] = field(default_factory=list)

    def image(self, frame: int) -> np.ndarray:
        """The frame: noise, as bright as its number says."""
        height, width = self.sizes[frame % len(self.sizes)]
        noise = np.random.default_rng(frame).integers(-9, 10, (height, width, 1))
        return np.repeat(LEVELS * (frame + 1) + noise, self.channels, -1).astype(np.uint8)

    @property
    def images(self) -> list[np.ndarray]:
        return [self.image(frame) for frame in range(len(self.truths))]

    def watch(self, image: np.ndarray, view: View, centre: np.ndarray | None = None) -> tuple[np.ndarray, Affine]:
        """`cut`, overheard."""
        seen, affine = cut(image, view, centre)
        self.shown[seen.tobytes()] = affine, round(as_channels(image, 1).mean() / LEVELS) - 1
        return seen, affine

    def network(self, stage: StageConfig) -> Callable[[np.ndarray], Mapping[str, np.ndarray]]:
        def draw(inputs: np.ndarray) -> dict[str, np.ndarray]:
            self.batches.append(len(inputs))
            assert inputs.shape[-1] == stage.channels
            points = np.full((len(inputs), 8, 1 if "centroids" in stage.heads else len(stage.skeleton), 2), np.nan)
            for number, image in enumerate(inputs):
                affine, frame = self.shown[image.tobytes()]
                own = self._asked(stage, affine(self.truths[frame]), image.shape)
                points[number, : len(own)] = own
            return {name: ideal(head, torch.tensor(points), inputs.shape[1:3]) for name, head in stage.heads.items()}

        return draw

    def _asked(self, stage: StageConfig, points: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        anchors = anchor_points(points, stage.anchor, stage.fallback)
        if isinstance(stage.view, WholeFrame):
            return anchors[:, None] if "centroids" in stage.heads else points
        middle = np.array([shape[1] - 1, shape[0] - 1]) / 2
        nearest = np.argsort(np.linalg.norm(anchors - middle, axis=-1))[:1]  # NaN comes last
        return points[nearest]


def ideal(head: AnyHead, points: torch.Tensor, shape: tuple[int, int]) -> np.ndarray:
    """The maps of a network that has nothing left to learn."""
    size = shape[0] // head.stride, shape[1] // head.stride
    if isinstance(head, PartAffinityFieldsConfig):
        return part_affinity_fields.encode(points, head.edges, size, head.sigma, head.stride).numpy()
    return confidence_maps.brightest(points, size, head.sigma, head.stride).numpy()


@pytest.fixture
def theatre(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Theatre]:
    """Open a theatre: truths of its frames, and perhaps channels and sizes."""

    def open_theatre(*truths: np.ndarray, **settings: object) -> Theatre:
        made = Theatre(truths, **settings)
        monkeypatch.setattr("gambol.pipelines.base.cut", made.watch)
        return made

    return open_theatre


def beetle(x: float, y: float, degrees: float = 0.0) -> np.ndarray:
    """A beetle about 30 px long with its middle at (x, y), turned: (node, 2)."""
    return Affine.rotation(degrees, centre=(0, 0))(BEETLE) + np.array([x, y])


@pytest.fixture
def nobody() -> np.ndarray:
    return np.empty((0, 4, 2))


@pytest.fixture
def two_beetles() -> np.ndarray:
    """Two beetles, well apart; the second lacks its tail.

    +----------------+
    | a       b      |
    +----------------+
    """
    animals = np.array([beetle(30.2, 40.7, 20), beetle(105.6, 61.3, 130)])
    animals[1, 3] = np.nan
    return animals


@pytest.fixture
def beetles_at_the_border() -> np.ndarray:
    """One beetle in each of two corners, its nodes up to 2 px from the edge: crops of them leave the image."""
    return np.array([beetle(10.4, 17.3, 0), beetle(149.1, 104.8, 0)])


@pytest.fixture
def seven_beetles() -> np.ndarray:
    """More animals than go into one batch of crops."""
    return np.array([beetle(25 + 40 * (n % 4), 30 + 55 * (n // 4), 51 * n) for n in range(7)])


@pytest.fixture
def skeleton() -> Skeleton:
    return Skeleton(("head", "left", "right", "tail"), edges=((0, 3),), symmetries=((1, 2),))


@pytest.fixture
def stages(skeleton: Skeleton) -> Callable[..., dict[str, StageConfig]]:
    """The stages of all pipelines, small: (scale, crop, channels, anchor) -> StageConfigs by name."""

    def make(
        scale: float = 1.0, crop: int = 64, channels: int = 1, anchor: int | None = None, frame_scale: float = 0.7
    ) -> dict[str, StageConfig]:
        backbone = UNetConfig(filters=4, filters_rate=1, max_stride=16, output_stride=2)
        nodes = ConfidenceMapsConfig(nodes=len(skeleton), sigma=2.5, stride=2)
        shared = {"skeleton": skeleton, "channels": channels, "backbone": backbone}
        return {
            "single": StageConfig(
                name="single", view=WholeFrame(scale=scale, multiple=16), heads={"nodes": nodes}, **shared),
            "centroid": StageConfig(
                name="centroid", view=WholeFrame(scale=frame_scale, multiple=16), anchor=anchor,
                heads={"centroids": CentroidsConfig(anchor=anchor, sigma=3, stride=2)}, **shared),
            "centered_instance": StageConfig(
                name="centered_instance", view=Crop(size=crop, scale=scale), anchor=anchor, heads={"nodes": nodes},
                **shared),
            "bottom_up": StageConfig(
                name="bottom_up", view=WholeFrame(scale=scale, multiple=16),
                heads={"nodes": nodes, "edges": PartAffinityFieldsConfig(edges=TREE, sigma=4, stride=2)}, **shared),
        }

    return make


@pytest.fixture
def project(skeleton: Skeleton) -> Callable[..., Columns]:
    """User labels of one video, from the animals of each frame (animal, node, 2)."""

    def make(*frames: np.ndarray, skeleton: Skeleton = skeleton) -> Columns:
        entries = ((0, 10 * number, Poses.of(animals)) for number, animals in enumerate(frames))
        return from_poses(skeleton, [VideoSource("beetles.mp4")], entries, USER)

    return make
