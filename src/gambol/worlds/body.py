"""The animal: a gecko's skeleton, its proportions, and the shape it takes at one moment.

Proportions are fractions of the animal's length, from the snout (0) to the tip of the tail (1).
"Left" is the animal's own left, as seen from above.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float
from scipy.interpolate import PchipInterpolator

from gambol.labels.skeleton import Skeleton

SKELETON = Skeleton(
    nodes=(
        "nose", "neck", "back", "tail_base", "tail_middle", "tail_tip",
        "left_hand", "right_hand", "left_foot", "right_foot",
    ),
    edges=((0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (1, 6), (1, 7), (3, 8), (3, 9)),
    symmetries=((6, 7), (8, 9)),
    name="gecko",
)

SPINE_NODES = (0.015, 0.19, 0.36, 0.54, 0.77, 0.985)  # nose ... tail_tip
SHOULDER, HIP = 0.235, 0.49
LIMBS = ((SHOULDER, 1), (SHOULDER, -1), (HIP, 1), (HIP, -1))  # (along, side): left hand, right hand, left foot, ...
SOCKET = 0.035  # distance of a limb's root from the spine
BONE = 0.088  # length of an upper or lower limb

_WIDTHS = {0.0: 0.040, 0.04: 0.054, 0.10: 0.072, 0.19: 0.046, 0.27: 0.062, 0.37: 0.078, 0.47: 0.062, 0.545: 0.036,
           0.66: 0.053, 0.78: 0.043, 0.9: 0.022, 1.0: 0.006}  # fmt: skip
_profile = PchipInterpolator(list(_WIDTHS), list(_WIDTHS.values()))


def half_width(along: Float[np.ndarray, " place"]) -> Float[np.ndarray, " place"]:
    """Half the body's width at places along it, both as fractions of its length; 0 beyond its ends."""
    snout = np.clip(along / 0.05, 0, 1)
    tip = np.clip((1 - along) / 0.012, 0, 1)
    rounded = np.sqrt((1 - (1 - snout) ** 2) * (1 - (1 - tip) ** 2))  # both ends are quarter circles
    return np.asarray(_profile(np.clip(along, 0, 1)) * rounded)


@dataclass(frozen=True)
class Body:
    """One animal at one moment, in image pixels.

    spine (knot, 2): equally spaced along the body, snout first · feet (limb, 2): where hands and feet stand,
    in the order of `LIMBS` · size: length from snout to tail tip along the spine.
    """

    spine: Float[np.ndarray, "knot 2"]
    feet: Float[np.ndarray, "limb 2"]
    size: float

    @cached_property
    def forward(self) -> Float[np.ndarray, "knot 2"]:
        """Unit vectors along the spine, towards the snout."""
        steps = -np.gradient(self.spine, axis=0)
        return np.asarray(steps / np.linalg.norm(steps, axis=1, keepdims=True))

    @cached_property
    def points(self) -> Float[np.ndarray, "node 2"]:
        """Where the skeleton's nodes are, seen or not."""
        return np.concatenate([self._along(self.spine, np.array(SPINE_NODES)), self.feet])

    @cached_property
    def sockets(self) -> Float[np.ndarray, "limb 2"]:
        """Where each limb leaves the body."""
        along = np.array([place for place, _ in LIMBS])
        sides = np.array([side for _, side in LIMBS])[:, None]  # (limb, 1)
        aside = sides * SOCKET * self.size * left_of(self._along(self.forward, along))
        return np.asarray(self._along(self.spine, along) + aside)

    @cached_property
    def joints(self) -> Float[np.ndarray, "limb 2"]:
        """Elbows, which bend towards the tail, and knees, which bend towards the head."""
        reach = self.feet - self.sockets  # (limb, 2)
        distance = np.linalg.norm(reach, axis=1, keepdims=True)
        bend = np.sqrt(np.maximum((BONE * self.size) ** 2 - (distance / 2) ** 2, 0))
        aside = left_of(reach) / np.maximum(distance, 1e-6)
        forward = self._along(self.forward, np.array([place for place, _ in LIMBS]))
        wanted = np.array([-1, -1, 1, 1])
        sign = np.where((aside * forward).sum(1) * wanted < 0, -1, 1)[:, None]
        return np.asarray(self.sockets + reach / 2 + sign * bend * aside)

    def _along(self, values: Float[np.ndarray, "knot 2"], places: Float[np.ndarray, " place"]
               ) -> Float[np.ndarray, "place 2"]:
        knots = np.linspace(0, 1, len(values))
        return np.stack([np.interp(places, knots, values[:, axis]) for axis in (0, 1)], axis=1)


def left_of(vectors: Float[np.ndarray, "*any 2"]) -> Float[np.ndarray, "*any 2"]:
    """Vectors turned a quarter to the animal's left; y points down in images."""
    return np.stack([vectors[..., 1], -vectors[..., 0]], axis=-1)
