"""What every augmentation is tried on."""

import numpy as np
import pytest


@pytest.fixture
def rng() -> np.random.Generator:
    """The same draws in every test."""
    return np.random.default_rng(0)


@pytest.fixture(params=[1, 3], ids=["grey", "colour"])
def texture(request: pytest.FixtureRequest) -> np.ndarray:
    """64 x 48 pixels of noise in the middle of the range, read-only as frames are."""
    noise = np.random.default_rng(1).integers(60, 190, (64, 48, request.param), dtype=np.uint8)
    noise.setflags(write=False)
    return noise
