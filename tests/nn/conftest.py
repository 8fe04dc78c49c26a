"""Worlds of the networks' room: small networks and bumps in words."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> Iterator[None]:
    """Small tensors gain nothing from threads, and a busy machine loses by them."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def bump() -> Callable[..., np.ndarray]:
    """A bump of height 1 around (x, y), in cells; sigma along its two axes, which are turned by an angle."""

    def draw(
        at: tuple[float, float], size: tuple[int, int], sigma: tuple[float, float], angle: float = 0.0
    ) -> np.ndarray:
        y, x = np.mgrid[: size[0], : size[1]]
        dx, dy = x - at[0], y - at[1]
        along, across = dx * np.cos(angle) + dy * np.sin(angle), dy * np.cos(angle) - dx * np.sin(angle)
        return np.exp(-(along**2) / (2 * sigma[0] ** 2) - across**2 / (2 * sigma[1] ** 2))

    return draw
