"""How large animals are in the labels, and what follows for crops, scales and bumps."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Int

from gambol.data.augment import AugmentConfig
from gambol.data.augment.rotation import RotationConfig
from gambol.data.crops import Crop, View
from gambol.errors import JobError
from gambol.geometry.anchors import anchor_points
from gambol.labels.columns import USER, Columns

TURNING = 40.0  # degrees; animals whose directions spread more than this are seen from above


@dataclass(frozen=True)
class AnimalSizes:
    """Sizes of all labelled animals, in image pixels.

    rows (animal,): their rows in the columns · lengths (animal,): the longer side of the box around the visible
    nodes · reaches (animal,): from the anchor to the farthest visible node.
    """

    rows: Int[np.ndarray, " animal"]
    lengths: Float[np.ndarray, " animal"]
    reaches: Float[np.ndarray, " animal"]

    @property
    def length(self) -> float:
        """The typical animal's length (the 75th percentile: a few labelled nodes make an animal look small)."""
        return float(np.percentile(self.lengths, 75))

    @property
    def reach(self) -> float:
        """How far animals reach from their anchors: the farthest one, unless it is an outlier among its like."""
        usual = float(np.percentile(self.reaches, 95))
        return min(float(self.reaches.max()), 1.25 * usual)


def measure(labels: Columns, anchor: int | None, fallback: Literal["box", "mean"] = "box") -> AnimalSizes:
    """Sizes of the user instances that have a visible node; labels must hold at least one."""
    points = labels.visible_points  # (row, node, 2)
    rows = np.flatnonzero((labels.kinds == USER) & ~np.isnan(points).any(-1).all(-1))
    points = points[rows]
    anchors = anchor_points(points, anchor, fallback)  # (animal, 2)
    lengths = (np.nanmax(points, 1) - np.nanmin(points, 1)).max(-1)
    reaches = np.nanmax(np.linalg.norm(points - anchors[:, None], axis=-1), 1)
    return AnimalSizes(rows, np.maximum(lengths, 1), np.maximum(reaches, 1))


def sides(
    labels: Columns, anchor: int | None, fallback: Literal["box", "mean"], degrees: tuple[float, float] = (0.0, 0.0)
) -> Float[np.ndarray, " animal"]:
    """The side of the upright square around its anchor that holds each animal of `measure`, in image pixels.

    degrees: the square holds it however it is turned about the anchor within this range.
    """
    points = labels.visible_points[measure(labels, anchor, fallback).rows]  # (animal, node, 2)
    away = (points - anchor_points(points, anchor, fallback)[:, None]) @ np.array([1, 1j])  # (animal, node), complex
    first, last = (np.rad2deg(np.angle(away)) + turn for turn in degrees)
    along_an_axis = np.floor(last / 90) * 90 >= first  # somewhere between
    ends = [away * np.exp(1j * np.deg2rad(turn)) for turn in degrees]
    farthest = np.max([np.maximum(abs(end.real), abs(end.imag)) for end in ends], 0)
    reaches = np.where(along_an_axis, abs(away), farthest)  # (animal, node)
    half: Float[np.ndarray, " animal"] = np.nanmax(reaches, 1)
    return 2 * half


def fitting_augmentation(
    labels: Columns, view: View, asked: AugmentConfig | None = None, base: AugmentConfig | None = None
) -> AugmentConfig:
    """Augmentation that suits the labels, changed in just those settings that were asked for.

    Animals that look in all directions are turned all around, others by little. Whole frames move less than crops do,
    unless another `base` is given.
    Nothing is mirrored unless asked for: labels of left and right nodes are seldom mirror images of each other, and
    in short trainings that costs more than the variety gives.
    """
    base = base or (AugmentConfig() if isinstance(view, Crop) else AugmentConfig.for_frames())
    degrees = 180.0 if spread_of_directions(labels) > TURNING else 20.0
    fitting = base.model_copy(update={"rotation": RotationConfig(degrees=(-degrees, degrees))})
    if asked is None:
        return fitting
    own = {name: getattr(asked, name) for name in asked.model_fields_set}
    return fitting.model_copy(
        update={
            name: getattr(fitting, name).model_copy(update={key: getattr(part, key) for key in part.model_fields_set})
            for name, part in own.items()
        }
    )


def spread_of_directions(labels: Columns) -> float:
    """How differently the animals are turned, in degrees: circular standard deviation of their turns.

    An animal's turn is the rotation that brings it nearest to the most fully labelled one.
    """
    rows = measure(labels, None).rows
    points = labels.visible_points[rows]  # (animal, node, 2)
    shapes = (points - np.nanmean(points, 1, keepdims=True)) @ np.array([1, 1j])  # (animal, node), complex
    whole = shapes[np.argmax((~np.isnan(shapes)).sum(1))]  # the fullest animal, to compare with
    turns = np.nansum(shapes * whole.conj(), 1)  # (animal,): its argument is the best turn, by least squares
    turns = turns[np.abs(turns) > 1e-9]  # an animal of a single visible node looks nowhere
    mean = np.abs(np.mean(turns / np.abs(turns))) if len(turns) else 1.0
    return float(np.rad2deg(np.sqrt(-2 * np.log(np.clip(mean, 1e-9, 1)))))


def require_side(side: int | None, stride: int, setting: str) -> None:
    """Raise `JobError` for a side, in input pixels, that was asked for and is smaller than the network's last cell."""
    if side is not None and side < stride:
        raise JobError(
            f"{setting} is {side} px, but the network's largest stride is {stride} px. "
            "Not one cell of its deepest level would lie within what it sees. "
            f"Pass --set {setting}={stride} or more, or a backbone with a smaller max_stride.")


def up_to_multiple(value: float, multiple: int) -> int:
    """The smallest multiple that is not below the value."""
    return math.ceil(value / multiple) * multiple
