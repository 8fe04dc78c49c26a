"""Inputs of the inference room: projects about the geckos, and requests to predict them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gambol.inference.basis import Basis
from gambol.inference.parts import Parts
from gambol.inference.predict import PredictionRequest
from gambol.labels.columns import Columns
from gambol.labels.convert import from_poses
from gambol.labels.skeleton import Skeleton
from gambol.pipelines.base import PredictOptions
from gambol.poses import Poses
from gambol.video.source import VideoSource


@pytest.fixture
def labels(geckos) -> Columns:
    """The geckos' labels, to be changed."""
    from gambol.formats import load

    return load(geckos.labels)


@pytest.fixture
def request_for(trained, tmp_path: Path) -> Callable[..., PredictionRequest]:
    """A request to predict a file with the tiny model, into `tmp_path`; thresholds so low that much is found."""

    def make(source: Path, options: dict[str, Any] | None = None, **changes: Any) -> PredictionRequest:
        chosen = PredictOptions(**{"node_threshold": 0.0, "animal_threshold": 0.001, "animals": 2} | (options or {}))
        asked = {"models": [trained.run], "out": tmp_path / "out.slp", "options": chosen, "device": "cpu"} | changes
        return PredictionRequest(source, **asked)

    return make


@pytest.fixture
def basis(tmp_path: Path) -> Basis:
    """What a prediction of two short films depends on."""
    sources = [VideoSource(tmp_path / name) for name in ("walk.mp4", "run.mp4")]
    for source in sources:
        source.path.write_text(f"the film {source.name}")
    from gambol.video.fingerprint import fingerprint

    options = PredictOptions().model_dump(mode="json")
    known = [fingerprint(source) for source in sources]
    return Basis("f00d", "cpu", options, "all", {"0": [100, "ab"], "1": [100, "cd"]}, 4, known, sources)


@pytest.fixture
def parts(basis: Basis, tmp_path: Path) -> Parts:
    """The parts of that prediction, begun; nothing is done yet."""
    made = Parts(tmp_path / "out.slp", Skeleton(("nose", "tail")), list(basis.sources))
    made.begin(basis, overwrite=False)
    return made


@pytest.fixture
def results(parts: Parts) -> Callable[..., Columns]:
    """Made-up results of some frames of a video: frame n has n % 3 animals, at (n, ...)."""

    def make(video: int, frames: range) -> Columns:
        entries = [(video, n, Poses.of(np.arange(n % 3 * 4).reshape(-1, 2, 2) + float(n))) for n in frames]
        return from_poses(parts.skeleton, parts.videos, entries)

    return make
