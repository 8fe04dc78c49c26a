"""Reasons: why a setting is what it is, in words for a person, with the numbers that it follows from."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from gambol.labels.columns import Columns
from gambol.pipelines.sizing import TURNING, spread_of_directions
from gambol.pipelines.stage import Plan


@dataclass(frozen=True)
class Reason:
    """One line of an explanation.

    setting: its full name in a job, such as `pipeline.centroid.scale` · value: as YAML has it · because: a sentence
    without its full stop.
    """

    setting: str
    value: Any
    because: str


def of_variety(plan: Plan, labels: Columns) -> list[Reason]:
    """Why a stage's examples are turned as they are, and whether they are mirrored."""
    path, augment = f"pipeline.{plan.stage.name}.augment", plan.augment
    spread = abs(spread_of_directions(labels))  # never -0
    turning = (
        f"the animals' directions spread by {spread:.0f}°, more than {TURNING:.0f}°: they may look anywhere"
        if spread > TURNING else
        f"the animals' directions spread by {spread:.0f}° only, so that up and down tell nodes apart"
    )
    pairs = int(sum(other != node for node, other in enumerate(labels.skeleton.mirrored)) // 2)
    mirroring = (
        f"{pairs} pairs of nodes are each other's mirror image, but labels of left and right seldom are: "
        "mirroring has cost accuracy in short trainings"
        if pairs else "neither symmetries nor names say which nodes a mirror exchanges"
    )
    degrees = list(augment.rotation.degrees) if augment.rotation.probability else [0.0, 0.0]
    return [
        Reason(f"{path}.rotation.degrees", degrees, turning),
        Reason(f"{path}.flip.probability", augment.flip.probability, mirroring),
    ]


def clipped(share: float, length: float, least: float, most: float) -> str:
    """Why a bump is as wide as it is. length: of an animal, input pixels; the bounds: of sigma, input pixels."""
    bound = "" if np.clip(share * length, least, most) == share * length else f", within {least:g} and {most:g} px"
    return f"{100 * share:g} % of an animal's length of {length:.0f} px in the input{bound}"
