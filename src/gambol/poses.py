"""Poses: the animals of one frame as arrays. THE page on coordinates.

- A point is (x, y) in pixels of the original image. (0, 0) is the *centre* of the top-left pixel, so
  that pixel covers -0.5 .. 0.5; the centre of the bottom-right one is (width - 1, height - 1).
- NaN means: not visible, not labelled, or not found. A node is visible when neither x nor y is NaN.
- Images are (height, width, channel), uint8. *Image* pixels are those of the original; *input* pixels are
  those that a network sees after scaling and cropping. Only an `Affine` leads from one to the other.
- A map of stride s samples the input at 0, s, 2s, ...; sigma and stride are in input pixels.
- Scores are as SLEAP defines them: a node's is the value of its peak; an animal's is what its pipeline
  says (the sum of its peaks for a single animal, the value of its centroid for top-down).
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Int


@dataclass(frozen=True)
class Poses:
    """The animals of one frame: points, how sure we are of them, and who they are.

    points (animal, node, 2), image pixels · point_scores (animal, node) · scores (animal,) ·
    tracks (animal,), -1 = no track yet · features (animal, feature), an appearance, if one was computed.
    """

    points: Float[np.ndarray, "animal node 2"]
    point_scores: Float[np.ndarray, "animal node"]
    scores: Float[np.ndarray, " animal"]
    tracks: Int[np.ndarray, " animal"]
    features: Float[np.ndarray, "animal feature"] | None = None

    @classmethod
    def of(
        cls,
        points: Float[np.ndarray, "animal node 2"],
        point_scores: Float[np.ndarray, "animal node"] | None = None,
        scores: Float[np.ndarray, " animal"] | None = None,
    ) -> "Poses":
        """Poses without tracks; scores that are not given are 1 for visible nodes and animals, 0 for the rest."""
        points = np.asarray(points, np.float64)
        seen = ~np.isnan(points).any(-1)  # (animal, node)
        return cls(
            points,
            seen.astype(np.float64) if point_scores is None else np.asarray(point_scores, np.float64),
            seen.any(-1).astype(np.float64) if scores is None else np.asarray(scores, np.float64),
            np.full(len(points), -1),
        )

    @classmethod
    def empty(cls, nodes: int) -> "Poses":
        """A frame without animals."""
        return cls.of(np.empty((0, nodes, 2)))

    def __len__(self) -> int:
        return len(self.points)

    @property
    def visible(self) -> Bool[np.ndarray, "animal node"]:
        """Which nodes have a position."""
        return np.asarray(~np.isnan(self.points).any(-1))

    def select(self, which: Int[np.ndarray, " chosen"] | Bool[np.ndarray, " animal"]) -> "Poses":
        """Some of the animals, in the order asked for."""
        features = None if self.features is None else self.features[which]
        return Poses(self.points[which], self.point_scores[which], self.scores[which], self.tracks[which], features)

    def best(self, count: int | None) -> "Poses":
        """The `count` animals of highest score (all if None), best first."""
        return self.select(np.argsort(-self.scores, kind="stable")[:count])

    def with_points(self, points: Float[np.ndarray, "animal node 2"]) -> "Poses":
        """The same animals somewhere else."""
        return replace(self, points=points)
