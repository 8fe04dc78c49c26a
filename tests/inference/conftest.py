"""Inputs of the inference room: projects about the geckos, and requests to predict them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gambol.inference.predict import PredictionRequest
from gambol.labels.columns import Columns
from gambol.pipelines.base import PredictOptions


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
