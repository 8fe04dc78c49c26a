"""Dataset: labelled frames as examples, varied anew in every epoch and the same whenever drawn again.

It yields images and points and draws no targets, so one dataset serves every kind of network.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from jaxtyping import Float, Int, UInt8

from gambol.data.augment import AugmentConfig
from gambol.data.augment.flip import swap_symmetric
from gambol.data.crops import Crop, View, content_size, cut
from gambol.data.example import Example, Key
from gambol.geometry.affine import Affine
from gambol.geometry.anchors import anchor_points
from gambol.labels.columns import Columns

ORDER = 1  # last word of the seeds that shuffle, so that no shuffle shares its stream with a draw


class Images(Protocol):
    """Where a dataset takes its images from: a `FrameStore`, or anything that gives images by (video, frame)."""

    def image(self, video: int, frame: int) -> UInt8[np.ndarray, "height width channel"]:
        """One image; called from several threads."""
        ...


@dataclass(frozen=True)
class Sample:
    """A labelled frame, or one animal of it, before anything is cut: points in image pixels.

    centre (x, y): what a crop shows in its middle; none: the frame's middle.
    """

    key: Key
    points: Float[np.ndarray, "animal node 2"]
    centre: Float[np.ndarray, "2"] | None = None


def samples_from(
    columns: Columns, view: View, anchor: int | None = None, fallback: Literal["box", "mean"] = "box",
    company: bool = False,
) -> list[Sample]:
    """What there is to learn from: each frame for whole frames, each visible animal of each frame for crops.

    All rows of `columns` count, whatever their kind; animals without a visible node are left out. Frames without
    animals stay, unless a crop shows one animal only. A crop is centred on the anchor node, or where it is not
    visible on the fallback of `anchor_points`; it shows the one animal, or with `company` all of its frame.
    """
    samples = []
    visible_points = columns.visible_points  # (row, node, 2)
    for position in range(len(columns)):
        video, frame = columns.frame_at(position)
        points = visible_points[columns.rows_at(position)]  # (animal, node, 2)
        points = points[~np.isnan(points).any(-1).all(-1)]
        if not isinstance(view, Crop) or (company and not len(points)):
            samples.append(Sample(Key(video, frame), points))
            continue
        centres = anchor_points(points, anchor, fallback)  # (animal, 2)
        samples += [Sample(Key(video, frame, animal), points if company else points[animal : animal + 1], centre)
                    for animal, centre in enumerate(centres)]
    return samples


def steps_per_epoch(samples: int, batch_size: int, least: int = 200) -> int:
    """Steps of one epoch: all samples once, but at least 200 steps, so that a small project's epoch is one too."""
    return max(least, -(-samples // batch_size))


@dataclass(frozen=True)
class Dataset:
    """Samples, their images, a view of them, and how they are varied (not at all without `augment`).

    mirrored: for each node the one that takes its place in a mirror image (`Skeleton.mirrored`).
    """

    samples: list[Sample]
    frames: Images
    view: View
    mirrored: tuple[int, ...]
    augment: AugmentConfig | None = None
    seed: int = 0

    def __len__(self) -> int:
        return len(self.samples)

    def order(self, epoch: int, count: int) -> Int[np.ndarray, " count"]:
        """The first `count` examples of an epoch, as indices for `example`.

        Each run of `len(self)` is a new permutation of the samples. Indices count on from one to the
        next, so that a sample which comes again in the same epoch is varied differently.
        """
        runs = -(-count // len(self))
        shuffled = [run * len(self) + np.random.default_rng([self.seed, epoch, run, ORDER]).permutation(len(self))
                    for run in range(runs)]
        return np.concatenate([*shuffled, np.empty(0, np.int64)])[:count].astype(np.int64)

    def example(self, epoch: int, index: int) -> Example:
        """Example `index` of an epoch: a function of (seed, epoch, index) and the labels, nothing else.

        `index` modulo `len(self)` is the sample. The image is warped once, from the frame to the input.
        """
        sample = self.samples[index % len(self)]
        image = self.frames.image(sample.key.video, sample.key.frame)
        middle = (image.shape[1] - 1) / 2, (image.shape[0] - 1) / 2
        centre = middle if sample.centre is None else sample.centre
        if self.augment is None:
            seen, affine = cut(image, self.view, centre)
            return Example(seen, affine(sample.points), affine, sample.key)
        rng = np.random.default_rng([self.seed, epoch, index])
        change = self.augment.draw(rng, content_size(self.view, (image.shape[0], image.shape[1])))
        seen, affine = cut(image, self.view, centre, change)
        points = affine(sample.points)  # (animal, node, 2)
        if is_mirrored(change):
            points = swap_symmetric(points, self.mirrored)
        return Example(self.augment.apply(seen, rng), points, affine, sample.key)


def is_mirrored(affine: Affine) -> bool:
    """Whether an affine exchanges left and right (by any way: two mirrors in a row do not)."""
    return bool(np.linalg.det(affine.matrix[:, :2]) < 0)
