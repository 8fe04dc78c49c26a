"""Fireflies in the dark, and networks that have learnt to find them."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from gambol.data.crops import Crop, WholeFrame, cut
from gambol.labels.skeleton import Skeleton
from gambol.nn.backbones import UNetConfig
from gambol.nn.heads import CentroidsConfig, ConfidenceMapsConfig
from gambol.pipelines.saved import write_stage
from gambol.pipelines.stage import StageConfig

SIZE = (64, 96)  # (height, width), pixels
STEPS = 150


class Fireflies:
    """Frames of three fireflies each: a bright head, and a dimmer, wider tail 9 px behind it, among grey noise.

    +--------------+
    |  O o         |    O head, o tail
    |        o     |
    |       O  oO  |
    +--------------+
    """

    def __init__(self, frames: int, seed: int) -> None:
        draw = np.random.default_rng(seed)
        middles = np.array([[18.0, 20.0], [48.0, 44.0], [76.0, 20.0]]) + draw.uniform(-7, 7, (frames, 3, 2))
        turns = draw.uniform(0, 2 * np.pi, (frames, 3))
        half = 4.5 * np.stack([np.cos(turns), np.sin(turns)], -1)
        self.points = np.stack([middles + half, middles - half], 2)  # (frame, animal, node, 2)
        self.images = np.stack([self._shot(animals, draw) for animals in self.points])

    def _shot(self, animals: np.ndarray, draw: np.random.Generator) -> np.ndarray:
        y, x = np.mgrid[: SIZE[0], : SIZE[1]]
        light = np.zeros(SIZE)
        for animal in animals:
            for (across, down), brightness, spread in zip(animal, (180, 110), (1.6, 2.6), strict=True):
                light += brightness * np.exp(-((x - across) ** 2 + (y - down) ** 2) / (2 * spread**2))
        return np.clip(20 + light + draw.normal(0, 6, SIZE), 0, 255).astype(np.uint8)[..., None]


@pytest.fixture(scope="session")
def fireflies() -> Fireflies:
    """Twelve frames that no network has seen."""
    return Fireflies(12, seed=1)


@pytest.fixture
def stage_folder(firefly_run: Path, tmp_path: Path) -> Path:
    """A copy of the run's centroid stage without an exported engine, to be changed; no cache of the user's is near."""
    return Path(shutil.copytree(firefly_run / "centroid", tmp_path / "centroid", ignore=lambda *_: ["engine"]))


@pytest.fixture(autouse=True)
def user_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's cache, empty, and away from the real one."""
    place = tmp_path / "user" / "cache"
    monkeypatch.setattr("gambol.inference.engines.exported.user_cache", lambda: place)
    return place


@pytest.fixture(scope="session")
def firefly_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A top-down run, trained until it finds fireflies to a fraction of a pixel; nobody may change it."""
    world, run = Fireflies(48, seed=0), tmp_path_factory.mktemp("fireflies") / "run"
    shared = {
        "skeleton": Skeleton(("head", "tail"), edges=((0, 1),)), "channels": 1,
        "backbone": UNetConfig(filters=8, filters_rate=2, max_stride=4, output_stride=2),
    }
    centroid = StageConfig(
        name="centroid", view=WholeFrame(multiple=4), heads={"centroids": CentroidsConfig(sigma=3, stride=2)}, **shared)
    instance = StageConfig(
        name="centered_instance", view=Crop(size=32), heads={"nodes": ConfidenceMapsConfig(nodes=2, sigma=2, stride=2)},
        **shared)
    _teach(run / "centroid", centroid, world.images, world.points)
    middles = world.points.mean(2)  # (frame, animal, 2): of two nodes, the middle of their box
    crops = [
        (*cut(image, instance.view, middle), animal)
        for image, animals, centres in zip(world.images, world.points, middles, strict=True)
        for animal, middle in zip(animals, centres, strict=True)
    ]
    seen = np.stack([crop for crop, _, _ in crops])
    _teach(run / "centered_instance", instance, seen, np.stack([affine(animal)[None] for _, affine, animal in crops]))
    return run


def _teach(folder: Path, stage: StageConfig, images: np.ndarray, points: np.ndarray) -> None:
    """Train a stage's network on images (example, h, w, 1) with points (example, animal, node, 2), and write it."""
    torch.manual_seed(0)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # more would wait for each other on a busy machine
    model, draw = stage.build(), np.random.default_rng(0)
    inputs, truth = torch.from_numpy(images).permute(0, 3, 1, 2), torch.from_numpy(points).float()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(STEPS):
        some = torch.from_numpy(draw.choice(len(images), 8, replace=False))
        loss = model.loss(model(inputs[some]), truth[some])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    torch.set_num_threads(threads)
    write_stage(folder, stage, model.state_dict())
