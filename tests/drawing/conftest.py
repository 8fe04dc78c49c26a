"""What this room's tests draw."""

import numpy as np
import pytest

from gambol.labels.skeleton import Skeleton
from gambol.poses import Poses


@pytest.fixture
def stick() -> Skeleton:
    """Two nodes and an edge between them."""
    return Skeleton(("head", "tail"), edges=((0, 1),))


@pytest.fixture
def grey() -> np.ndarray:
    """A black grey-scale image, 60 x 80 px."""
    return np.zeros((60, 80, 1), np.uint8)


@pytest.fixture
def two_sticks() -> Poses:
    """Two animals; the second one's tail cannot be seen.

       0        40        80
    0  . . . . . . . . . . .
       .  A---A            .
    30 .           B       .
    """
    return Poses.of(np.array([[[10.3, 12.6], [30.7, 12.2]], [[55.5, 31.25], [np.nan, np.nan]]]))
