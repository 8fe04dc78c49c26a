"""Worlds that the tests of this room look at."""

import numpy as np
import pytest

from gambol.worlds.body import Body
from gambol.worlds.coat import Coat, draw_coat
from gambol.worlds.world import World, WorldConfig


@pytest.fixture(scope="session")
def small_world() -> World:
    """Three geckos, 40 px long, on 144 x 160 px; they meet often."""
    return World(WorldConfig(frames=120, height=144, width=160, animal_size=40, seed=3))


@pytest.fixture
def straight_body() -> Body:
    """A gecko 80 px long, lying straight, snout to the right at (90.3, 40.6); its left is up."""
    spine = np.array([90.3, 40.6]) - np.linspace(0, 80, 49)[:, None] * [1, 0]
    feet = np.array([[75.2, 29.1], [70.4, 52.3], [55.6, 28.7], [48.9, 51.8]])
    return Body(spine, feet, 80)


@pytest.fixture
def plain_coat() -> Coat:
    """A grey coat for a gecko 80 px long."""
    return draw_coat(np.random.default_rng(0), 80, individual=0, colour=False)
