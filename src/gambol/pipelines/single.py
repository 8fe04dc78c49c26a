"""One animal in the picture: one network looks at the whole frame and says where each node is."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from pydantic import Field

from gambol.data.crops import WholeFrame
from gambol.labels.columns import Columns
from gambol.nn.backbones import UNetConfig
from gambol.nn.codecs import confidence_maps
from gambol.nn.heads import ConfidenceMapsConfig
from gambol.pipelines.base import Pipeline, back_to_image
from gambol.pipelines.reason import Reason, clipped, of_variety
from gambol.pipelines.sizing import fitting_augmentation, measure
from gambol.pipelines.stage import NodesOptions, PipelineConfig, Plan, StageConfig
from gambol.poses import Poses
from gambol.video.colour import Image

FRAME_SIDE, LARGEST_SIDE = 256, 512  # input pixels of a frame's longer side: usually, and for small animals
ANIMAL_LENGTH = 110  # input pixels that an animal should have


class SingleConfig(PipelineConfig):
    """A single animal: the fastest way, for recordings in which there is never more than one."""

    kind: Literal["single"] = "single"
    single: NodesOptions = Field(
        NodesOptions(
            backbone=UNetConfig(filters=16, filters_rate=2, max_stride=32, output_stride=4), batch=4
        ),
        description="The network that finds the nodes.",
    )

    def plan(self, labels: Columns, channels: Literal[1, 3], frame: tuple[int, int]) -> list[Plan]:
        """The one stage to train. frame: (height, width) of the largest frame, image pixels."""
        options, sizes = self.single, measure(labels, None)
        scale = options.scale or fitting_scale(max(frame), sizes.length)
        sigma = options.sigma or float(np.clip(0.03 * sizes.length * scale, 3.0, 5.0))
        head = ConfidenceMapsConfig(
            nodes=len(labels.skeleton), sigma=sigma, stride=options.backbone.output_stride,
            peak_weight=options.peak_weight, hard_nodes=options.hard_nodes,
        )
        stage = StageConfig(
            name="single", skeleton=labels.skeleton, channels=channels, backbone=options.backbone,
            view=WholeFrame(scale=scale, multiple=options.backbone.max_stride), heads={"nodes": head},
        )
        augment = fitting_augmentation(labels, stage.view, options.augment)
        return [Plan(stage=stage, batch=options.batch, effort=options.effort, augment=augment)]

    def reasons(self, labels: Columns, frame: tuple[int, int], plans: list[Plan]) -> list[Reason]:
        """Why frames are seen at their scale, with bumps of their width, and varied as they are."""
        view, head = plans[0].stage.view, plans[0].stage.heads["nodes"]
        side, length = max(frame), measure(labels, None).length
        seen = f"frames are up to {side} px long and an animal {length:.0f} px"
        if view.scale == 1:
            scale = f"{seen}, which is seen as it is"
        elif FRAME_SIDE / side >= min(ANIMAL_LENGTH / length, LARGEST_SIDE / side):
            scale = f"{seen}; a frame of {FRAME_SIDE} px shows it large enough"
        else:
            scale = f"{seen}; it is seen up to {ANIMAL_LENGTH} px long, in a frame of {LARGEST_SIDE} px at most"
        return [
            Reason("pipeline.single.scale", view.scale, scale),
            Reason("pipeline.single.sigma", head.sigma, clipped(0.03, length * view.scale, 3.0, 5.0)),
            *of_variety(plans[0], labels),
        ]

    def doubts(self, labels: Columns) -> list[str]:
        """Frames that show several animals: this pipeline would mix them."""
        crowded = int((np.diff(labels.row_start) > 1).sum())
        if not crowded:
            return []
        return [
            f"{crowded} of {len(labels)} labelled frames show more than one animal, but this pipeline finds one. "
            "Its nodes may come from different animals. "
            "Use --pipeline top-down for several animals."
        ]


def fitting_scale(side: int, length: float) -> float:
    """Input pixels per image pixel for frames and animals of that longer side and length, image pixels.

    Frames are seen at a moderate size, larger only where animals would be small in them, and never enlarged.
    """
    return min(1.0, max(FRAME_SIDE / side, min(ANIMAL_LENGTH / length, LARGEST_SIDE / side)))


class Single(Pipeline):
    """Finds one animal in each frame."""

    order = ("single",)

    def predict(self, images: Sequence[Image]) -> list[Poses]:
        """One animal for each image, or none where no node was found; its score is the sum of its nodes'."""
        head = self.stages["single"].heads["nodes"]
        found: list[Poses] = [Poses.empty(len(self.stages["single"].skeleton))] * len(images)
        for indices, affines, maps in self.run("single", images, [None] * len(images)):
            points, scores = confidence_maps.decode_best(
                maps["nodes"], head.sigma, head.stride, self.options.node_threshold
            )  # (batch, node, 2), (batch, node)
            for index, own, own_scores in zip(indices, back_to_image(affines, points), scores, strict=True):
                poses = Poses.of(own[None], own_scores[None], own_scores.sum(keepdims=True))
                found[index] = poses.select(np.flatnonzero(poses.visible.any(1)))
        return found

    def check(self, stage: str, images: Sequence[Image], truth: Sequence[Poses]) -> list[tuple[Poses, Poses]]:
        """The animal that was found in each image, beside the labelled one."""
        return list(zip(self.predict(images), truth, strict=True))
