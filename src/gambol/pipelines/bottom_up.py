"""Several animals: one network finds all nodes and says which belong together. Cost hardly grows with animals."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from jaxtyping import Float, Int
from pydantic import Field, model_validator

from gambol.data.augment import AugmentConfig
from gambol.data.crops import Crop, WholeFrame
from gambol.errors import JobError
from gambol.geometry.affine import Affine
from gambol.labels.columns import Columns
from gambol.nn.backbones import UNetConfig
from gambol.nn.codecs import confidence_maps, grouping, part_affinity_fields
from gambol.nn.heads import AnyHead, ConfidenceMapsConfig, PartAffinityFieldsConfig
from gambol.pipelines.base import Pipeline
from gambol.pipelines.reason import Reason, clipped, of_variety
from gambol.pipelines.sizing import fitting_augmentation, measure, require_side, up_to_multiple
from gambol.pipelines.stage import NodesOptions, PipelineConfig, Plan, StageConfig
from gambol.poses import Poses
from gambol.video.colour import Image

LARGEST_ANIMAL = 200.0  # input pixels: larger animals are seen scaled down
ROOM = 0.8  # what a training example shows beside an animal turned any way, in animal lengths
STRETCH = 1.25  # how much longer than ever labelled an edge may be before it is doubted


class BottomUpOptions(NodesOptions):
    """What a person may choose for the network that finds all animals at once."""

    edge_sigma: float | None = Field(
        None, gt=0, description="How far an edge's field reaches to its sides, in input pixels; empty: from the "
        "animals' size."
    )
    edge_weight: float = Field(0.3, gt=0, description="How much the edges count in the loss beside the nodes.")
    edge_stride: int | None = Field(
        None, ge=1, description="Input pixels per cell of the edges' fields; empty: twice that of the nodes' maps."
    )
    window: int | None = Field(
        None, ge=32,
        description="Side of the part of a frame around an animal that a training example shows, in input pixels; "
        "empty: from the animals' size.",
    )

    @model_validator(mode="after")
    def _edges_have_their_stride(self) -> "BottomUpOptions":
        if self.edge_stride is not None:
            self.backbone.require_stride(self.edge_stride)
        return self



class BottomUpConfig(PipelineConfig):
    """Find all nodes of all animals at once, then which belong together: for many animals, also touching ones."""

    kind: Literal["bottom-up"] = "bottom-up"
    bottom_up: BottomUpOptions = Field(
        BottomUpOptions(
            backbone=UNetConfig(
                filters=24, filters_rate=1.5, stem_stride=2, stem="patch", max_stride=32, output_stride=4
            ),
            batch=4,
        ),
        description="The network that finds nodes and edges.",
    )

    def plan(self, labels: Columns, channels: Literal[1, 3], frame: tuple[int, int]) -> list[Plan]:
        """The one stage to train. frame: the largest (height, width), image pixels.

        Raises `JobError` if the skeleton is not a tree: edges are what groups nodes into animals.
        """
        require_tree(labels)
        options, sizes = self.bottom_up, measure(labels, None)
        scale = options.scale or min(1.0, LARGEST_ANIMAL / sizes.length)
        multiple = options.backbone.max_stride
        stage = StageConfig(
            name="bottom_up", skeleton=labels.skeleton, channels=channels, backbone=options.backbone,
            view=WholeFrame(scale=scale, multiple=multiple), heads=self._heads(labels, sizes.length * scale, scale),
        )
        require_side(options.window, multiple, "pipeline.bottom_up.window")
        side = up_to_multiple(options.window or (2 * sizes.reach + ROOM * sizes.length) * scale, multiple)
        whole = max(up_to_multiple(length * scale, multiple) for length in frame)
        window = Crop(size=side, scale=scale) if side < whole else None
        base = AugmentConfig.for_frames() if window is None else AugmentConfig.for_windows()
        augment = fitting_augmentation(labels, stage.view, options.augment, base)
        return [Plan(stage=stage, batch=options.batch, effort=options.effort, augment=augment, window=window)]

    def doubts(self, labels: Columns) -> list[str]:
        """Edges of which nobody labelled both ends of an animal: nothing teaches them."""
        names = labels.skeleton.nodes
        unknown = [
            f"{names[source]} – {names[destination]}"
            for (source, destination), longest in zip(labels.skeleton.edges, longest_edges(labels), strict=True)
            if longest == 0
        ]
        if not unknown:
            return []
        return [
            f"No animal is labelled at both ends of {', '.join(unknown)}. "
            "Nothing teaches how these nodes belong together, so they are likely to be missing in what is found. "
            "Label both nodes of one animal in some frames, or use --pipeline top-down."
        ]

    def reasons(self, labels: Columns, frame: tuple[int, int], plans: list[Plan]) -> list[Reason]:
        """Why frames are seen at their scale, through windows of their size, and fields are as wide as they are."""
        stage, window, sizes = plans[0].stage, plans[0].window, measure(labels, None)
        scale, length = stage.view.scale, sizes.length * stage.view.scale
        large = f"an animal is {sizes.length:.0f} px long, and up to {LARGEST_ANIMAL:.0f} px are seen as they are"
        shown = (
            f"the farthest node lies {sizes.reach:.0f} px from the middle: turned any way, with room for the start of "
            f"another animal, it takes {(2 * sizes.reach + ROOM * sizes.length) * scale:.0f} px of the input"
        )
        width = clipped(0.035, length, 2.5, 6.0)
        lines = [
            Reason("pipeline.bottom_up.scale", scale, large),
            Reason("pipeline.bottom_up.window", window and window.size,
                   shown if window else f"{shown}, which the frame of {frame[1]} x {frame[0]} px does not exceed"),
        ]
        for name, head in stage.heads.items():
            if name == "edges":
                twice = "twice the stride of the nodes' maps, as fields change slowly"
                lines.append(Reason("pipeline.bottom_up.edge_sigma", head.sigma, width))
                lines.append(Reason("pipeline.bottom_up.edge_stride", head.stride, twice))
            else:
                lines.append(Reason("pipeline.bottom_up.sigma", head.sigma, width))
        return [*lines, *of_variety(plans[0], labels)]

    def _heads(self, labels: Columns, length: float, scale: float) -> dict[str, AnyHead]:
        """length: of an animal, input pixels."""
        options = self.bottom_up
        stride = options.backbone.output_stride
        edge_stride = options.edge_stride or min(2 * stride, options.backbone.max_stride)
        heads: dict[str, AnyHead] = {
            "nodes": ConfidenceMapsConfig(
                nodes=len(labels.skeleton), sigma=options.sigma or float(np.clip(0.035 * length, 2.5, 6.0)),
                stride=stride, peak_weight=options.peak_weight, hard_nodes=options.hard_nodes,
            )
        }
        if labels.skeleton.edges:
            heads["edges"] = PartAffinityFieldsConfig(
                edges=labels.skeleton.edges, lengths=tuple(scale * longest for longest in longest_edges(labels)),
                sigma=options.edge_sigma or float(np.clip(0.035 * length, 2.5, 6.0)),
                stride=edge_stride, peak_weight=options.peak_weight, weight=options.edge_weight,
            )
        return heads


def require_tree(labels: Columns) -> None:
    """Raise `JobError` unless the skeleton's edges connect all nodes in exactly one way."""
    fault = grouping.fault_of_tree(labels.skeleton.nodes, labels.skeleton.edges)
    if fault is not None:
        raise JobError(
            f"The skeleton is not a tree: {fault}. "
            "Bottom-up groups nodes into animals along the edges, which must connect all nodes in exactly one way. "
            "Change the skeleton's edges, or use --pipeline top-down.")


def longest_edges(labels: Columns) -> list[float]:
    """The longest that each edge was labelled, image pixels; 0 for one that never was."""
    points, edges = labels.visible_points, np.asarray(labels.skeleton.edges, int)  # (row, node, 2)
    lengths = np.linalg.norm(points[:, edges[:, 0]] - points[:, edges[:, 1]], axis=-1)  # (row, edge)
    return [float(longest) for longest in np.nan_to_num(lengths).max(0, initial=0)]


class BottomUp(Pipeline):
    """Finds all nodes, and groups them into animals along the edges."""

    order = ("bottom_up",)

    def predict(self, images: Sequence[Image]) -> list[Poses]:
        """The animals in each image, best first; an animal's score is the sum of its edges' scores."""
        found: list[Poses] = [Poses.empty(len(self.stages["bottom_up"].skeleton))] * len(images)
        for indices, affines, maps in self.run("bottom_up", images, [None] * len(images)):
            for index, poses in zip(indices, self.group(maps, affines), strict=True):
                found[index] = poses.best(self.options.animals)
        return found

    def group(self, maps: Mapping[str, Any], affines: Sequence[Affine]) -> list[Poses]:
        """The animals in each input of a batch, in image pixels."""
        stage = self.stages["bottom_up"]
        head = stage.heads["nodes"]
        peaks = confidence_maps.decode_each(maps["nodes"], head.sigma, head.stride, self.options.node_threshold)
        animals, scores = self._animals(maps, peaks, len(affines))
        image = np.zeros(len(scores), int)
        image[animals] = peaks.image
        shape = len(scores), len(stage.skeleton)
        points, point_scores = np.full((*shape, 2), np.nan), np.zeros(shape)
        points[animals, peaks.map] = peaks.points
        point_scores[animals, peaks.map] = peaks.values
        surest = scores >= self.options.animal_threshold * max(1, len(stage.skeleton) - 1)
        results = []
        for number, affine in enumerate(affines):
            mine = np.flatnonzero((image == number) & surest)
            results.append(Poses.of(affine.inverse(points[mine]), point_scores[mine], scores[mine]))
        return results

    def _animals(
        self, maps: Mapping[str, Any], peaks: confidence_maps.Found, images: int
    ) -> tuple[Int[np.ndarray, " peak"], Float[np.ndarray, " animal"]]:
        """The animal of each peak, and each animal's score."""
        stage = self.stages["bottom_up"]
        head = stage.heads.get("edges")
        if not isinstance(head, PartAffinityFieldsConfig):  # a single node: each peak is an animal
            return np.arange(len(peaks.values)), peaks.values
        lines = grouping.candidates(peaks.image, peaks.map, images, len(stage.skeleton), head.edges)
        starts, ends = peaks.points[lines.source], peaks.points[lines.destination]
        lengths = np.linalg.norm(ends - starts, axis=-1)  # (line,)
        doubt = np.zeros(len(lengths))
        if head.lengths:
            longest = STRETCH * np.asarray(head.lengths)[lines.edge]
            doubt = np.minimum(0, longest / np.maximum(lengths, 1e-9) - 1)
        scores = np.full(len(lengths), -1.0)
        near = np.flatnonzero(1 + doubt > self.options.edge_threshold)  # others could not be edges
        scores[near] = part_affinity_fields.along_lines(
            maps["edges"], lines.image[near], lines.edge[near], starts[near], ends[near], head.stride
        )
        scores = np.maximum(scores, 1 - lengths / head.stride) + doubt  # ends that coincide have no direction
        chosen = grouping.pair(lines, scores, self.options.edge_threshold)
        animals = grouping.connect(len(peaks.values), lines.source[chosen], lines.destination[chosen])
        sums = np.bincount(animals[lines.source[chosen]], scores[chosen], animals.max(initial=-1) + 1)
        return animals, sums

    def check(self, stage: str, images: Sequence[Image], truth: Sequence[Poses]) -> list[tuple[Poses, Poses]]:
        """The animals that were found in each image, beside the labelled ones."""
        return list(zip(self.predict(images), truth, strict=True))
