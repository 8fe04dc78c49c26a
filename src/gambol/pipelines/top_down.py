"""Several animals: one network finds each animal, a second one looks at each by itself. Cost grows with the animals."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from jaxtyping import Float
from pydantic import Field

from gambol.data.crops import Crop, WholeFrame
from gambol.errors import JobError
from gambol.geometry.anchors import anchor_points
from gambol.labels.columns import Columns
from gambol.nn.backbones import UNetConfig
from gambol.nn.codecs import confidence_maps
from gambol.nn.heads import CentroidsConfig, ConfidenceMapsConfig
from gambol.pipelines.base import Pipeline, back_to_image
from gambol.pipelines.reason import Reason, clipped, of_variety
from gambol.pipelines.sizing import fitting_augmentation, measure, require_side, sides, up_to_multiple
from gambol.pipelines.stage import NodesOptions, PipelineConfig, Plan, StageConfig, StageOptions
from gambol.poses import Poses
from gambol.video.colour import Image

CENTROID_LENGTH = 40.0  # input pixels that an animal's length takes where animals are only found
LARGEST_CROP = 224  # input pixels
GROUND = 10  # image pixels that a crop shows around an animal


class CenteredInstanceOptions(NodesOptions):
    """What a person may choose for the stage that looks at one animal."""

    crop_size: int | None = Field(
        None, ge=16, description="Side of the crop around an animal, in input pixels; empty: from the animals' size."
    )


class TopDownConfig(PipelineConfig):
    """Find each animal, then its nodes: sharp detail, also where animals are small in the frame."""

    kind: Literal["top-down"] = "top-down"
    anchor: str | None = Field(
        None, description="The node that stands for the animal, on which crops are centred; empty: the animal's middle."
    )
    fallback: Literal["box", "mean"] = Field(
        "box",
        description="What stands for the animal when the anchor is not visible: the middle of the box around its "
        "visible nodes, or their mean.",
    )
    centroid: StageOptions = Field(
        StageOptions(
            backbone=UNetConfig(filters=16, filters_rate=1.5, max_stride=16, output_stride=4), batch=4, effort=0.4
        ),
        description="The network that finds animals.",
    )
    centered_instance: CenteredInstanceOptions = Field(
        CenteredInstanceOptions(backbone=UNetConfig(filters=16, filters_rate=2, max_stride=16, output_stride=4)),
        description="The network that finds the nodes of the animal in the middle of a crop.",
    )

    def plan(self, labels: Columns, channels: Literal[1, 3], frame: tuple[int, int]) -> list[Plan]:
        """The two stages, in the order in which they are trained. frame: the largest (height, width), image pixels."""
        anchor = self._anchor_number(labels)
        stages = self._plan_centroid(labels, channels, anchor), self._plan_instance(labels, channels, anchor)
        return [
            Plan(
                stage=stage, batch=options.batch, effort=options.effort,
                augment=fitting_augmentation(labels, stage.view, options.augment),
            )
            for stage, options in zip(stages, (self.centroid, self.centered_instance), strict=True)
        ]

    def reasons(self, labels: Columns, frame: tuple[int, int], plans: list[Plan]) -> list[Reason]:
        """Why animals are found at their scale, and cut out as large as they are."""
        (found, cut), (centroid, instance) = (plan.stage.view for plan in plans), plans
        sizes = measure(labels, instance.stage.anchor, self.fallback)
        side = 2 * sizes.reach + GROUND
        assert isinstance(cut, Crop)
        finding = f"an animal is {sizes.length:.0f} px long, and {CENTROID_LENGTH:.0f} px are enough to find it"
        finding += "" if found.scale < 1 else "; none is enlarged"
        around = "the anchor" if self.anchor else "the middle"
        room = (
            f"the farthest node lies {sizes.reach:.0f} px from {around}: turned any way, with some ground, it takes "
            f"{side:.0f} px, or {side * cut.scale:.0f} in the input; {cut.size} is the next multiple of the largest "
            "stride"
        )
        whole = f"crops of {side:.0f} px " + (
            "are seen as they are" if cut.scale == 1 else f"are seen in {LARGEST_CROP} px at most, for speed")
        middle = "no node was named; crops lie around the middle of the visible ones"
        widths = [
            Reason(f"pipeline.{plan.stage.name}.sigma", head.sigma,
                   clipped(share, sizes.length * plan.stage.view.scale, 2.5, most))
            for plan, share, most in ((centroid, 0.1, 8.0), (instance, 0.035, 6.0))
            for head in plan.stage.heads.values()
        ]
        return [
            Reason("pipeline.anchor", self.anchor, middle),
            Reason("pipeline.centroid.scale", found.scale, finding),
            widths[0], *of_variety(centroid, labels),
            Reason("pipeline.centered_instance.crop_size", cut.size, room),
            Reason("pipeline.centered_instance.scale", cut.scale, whole),
            widths[1], *of_variety(instance, labels),
        ]

    def _anchor_number(self, labels: Columns) -> int | None:
        if self.anchor is None:
            return None
        if self.anchor not in labels.skeleton.nodes:
            raise JobError(
                f"The anchor '{self.anchor}' is not a node of the skeleton. "
                "Crops would not know what to centre on. "
                f"Choose one of: {', '.join(labels.skeleton.nodes)}.")
        return labels.skeleton.nodes.index(self.anchor)

    def _plan_centroid(self, labels: Columns, channels: Literal[1, 3], anchor: int | None) -> StageConfig:
        options, sizes = self.centroid, measure(labels, anchor, self.fallback)
        scale = options.scale or min(1.0, CENTROID_LENGTH / sizes.length)
        sigma = options.sigma or float(np.clip(0.1 * sizes.length * scale, 2.5, 8.0))
        head = CentroidsConfig(
            anchor=anchor, fallback=self.fallback, sigma=sigma, stride=options.backbone.output_stride,
            peak_weight=options.peak_weight,
        )
        return StageConfig(
            name="centroid", skeleton=labels.skeleton, channels=channels, backbone=options.backbone, anchor=anchor,
            fallback=self.fallback, view=WholeFrame(scale=scale, multiple=options.backbone.max_stride),
            heads={"centroids": head},
        )

    def _plan_instance(self, labels: Columns, channels: Literal[1, 3], anchor: int | None) -> StageConfig:
        options, sizes = self.centered_instance, measure(labels, anchor, self.fallback)
        side = 2 * sizes.reach + GROUND  # image pixels: the farthest node, turned any way, and a little ground
        scale = options.scale or min(1.0, LARGEST_CROP / side)
        sigma = options.sigma or float(np.clip(0.035 * sizes.length * scale, 2.5, 6.0))
        head = ConfidenceMapsConfig(
            nodes=len(labels.skeleton), sigma=sigma, stride=options.backbone.output_stride,
            peak_weight=options.peak_weight, hard_nodes=options.hard_nodes,
        )
        require_side(options.crop_size, options.backbone.max_stride, "pipeline.centered_instance.crop_size")
        size = up_to_multiple(options.crop_size or side * scale, options.backbone.max_stride)
        smallest = sides(labels, anchor, self.fallback).min()
        if smallest > size / scale:
            raise JobError(
                f"The crop of {size / scale:.0f} px cuts every labelled animal: the smallest takes {smallest:.0f} px. "
                "The network would never see a whole animal, and could not learn the nodes outside. "
                "Leave pipeline.centered_instance.crop_size empty, or pass "
                f"--set pipeline.centered_instance.crop_size={up_to_multiple(side * scale, 8)}.")
        return StageConfig(
            name="centered_instance", skeleton=labels.skeleton, channels=channels, backbone=options.backbone,
            anchor=anchor, fallback=self.fallback, view=Crop(size=size, scale=scale), heads={"nodes": head},
        )


class TopDown(Pipeline):
    """Finds animals, cuts each out, and finds its nodes."""

    order = ("centroid", "centered_instance")

    def predict(self, images: Sequence[Image]) -> list[Poses]:
        """The animals in each image; an animal's score is the value of its centroid."""
        return self.pose(images, self.find(images))

    def find(self, images: Sequence[Image]) -> list[Poses]:
        """Where animals are: poses of a single node each, best first."""
        head = self.stages["centroid"].heads["centroids"]
        found: list[Poses] = [Poses.empty(1)] * len(images)
        for indices, affines, maps in self.run("centroid", images, [None] * len(images)):
            peaks = confidence_maps.decode_all(
                maps["centroids"], head.sigma, head.stride, self.options.animal_threshold
            )
            for index, affine, (points, values) in zip(indices, affines, peaks, strict=True):
                poses = Poses.of(affine.inverse(points)[:, None], values[:, None], values)
                found[index] = poses.best(self.options.animals)
        return found

    def pose(self, images: Sequence[Image], centres: Sequence[Poses]) -> list[Poses]:
        """The nodes of the animals at the given centres; an animal of which no node is found is left out."""
        stage = self.stages["centered_instance"]
        head, owner = stage.heads["nodes"], [image for image, own in enumerate(centres) for _ in range(len(own))]
        points = np.full((len(owner), len(stage.skeleton), 2), np.nan)
        scores = np.zeros(points.shape[:2])
        places: list[Float[np.ndarray, "2"]] = [point for own in centres for point in own.points[:, 0]]
        for indices, affines, maps in self.run("centered_instance", [images[image] for image in owner], places):
            own, scores[indices] = confidence_maps.decode_best(
                maps["nodes"], head.sigma, head.stride, self.options.node_threshold
            )
            points[indices] = back_to_image(affines, own)
        return [
            _visible(Poses.of(points[mine], scores[mine], found.scores))
            for mine, found in zip(_rows_of(owner, len(images)), centres, strict=True)
        ]

    def check(self, stage: str, images: Sequence[Image], truth: Sequence[Poses]) -> list[tuple[Poses, Poses]]:
        """For `centroid` the animals' places, for `centered_instance` the nodes of crops around the true places."""
        config = self.stages[stage]
        places = [Poses.of(anchor_points(own.points, config.anchor, config.fallback)[:, None]) for own in truth]
        seen = [place.visible[:, 0] for place in places]
        places = [place.select(own) for place, own in zip(places, seen, strict=True)]
        if stage == "centroid":
            return list(zip(self.find(images), places, strict=True))
        animals = [own.select(which) for own, which in zip(truth, seen, strict=True)]
        return list(zip(self.pose(images, places), animals, strict=True))


def _visible(poses: Poses) -> Poses:
    return poses.select(np.flatnonzero(poses.visible.any(1)))


def _rows_of(owner: list[int], images: int) -> list[Float[np.ndarray, " animal"]]:
    owners = np.asarray(owner, int)
    return [np.flatnonzero(owners == image) for image in range(images)]
