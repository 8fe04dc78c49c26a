"""The recipe `auto`: which pipeline, how far its network sees, and the rest that labels and device tell. No torch.

The thresholds are rules of thumb, from what the benchmarks show and from how each pipeline works; each choice is told
with the numbers that it was made by, and gives way to whatever was asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gambol.labels.columns import Columns
from gambol.nn.codecs import grouping
from gambol.pipelines.reason import Reason
from gambol.pipelines.single import LARGEST_SIDE, fitting_scale
from gambol.pipelines.sizing import measure
from gambol.pipelines.stage import PipelineConfig
from gambol.recipes.presets import read_recipe
from gambol.training.compose import ASKED, merged
from gambol.training.job import make_job
from gambol.training.scene import Scene, look

MANY = 8  # animals in a frame from which a look at each of them takes long
NEAR, CROWDED = 0.5, 0.25  # lengths between animals that lie in each other's crops; their share that is too much
TINY = 40.0  # input pixels: an animal shorter than that in a whole frame has lost its detail
SURELY, ENOUGH = 3.0, 1.75  # animal lengths that a small and a medium network must see to be chosen
SEEN, NO_FARTHER = 0.98, 1.1  # of an anchor: share of animals that show it; its reach, beside that of the middle
NODES = {"single": "single", "top-down": "centered_instance", "bottom-up": "bottom_up"}  # the stage that finds nodes


@dataclass(frozen=True)
class Recommendation:
    """What is recommended: settings of a job, nested as in YAML, and the reason for each."""

    settings: dict[str, Any]
    reasons: tuple[Reason, ...]


def for_labels(asked: Mapping[str, Any]) -> Recommendation:
    """What suits the labels that are asked for. Raises what a training raises for labels that it cannot use."""
    about = {name: value for name, value in asked.items() if name != "pipeline"}
    anyone = make_job(about | {"pipeline": {"kind": "single"}})  # to read the labels, which is alike for all
    return recommend(look(anyone), asked)


def recommend(scene: Scene, asked: Mapping[str, Any] | None = None) -> Recommendation:
    """What suits a scene, beside what is asked for; the same scene always gets the same.

    Raises `JobError` if what is asked for of the pipeline does not exist.
    """
    own = (asked or {}).get("pipeline", {})
    if not isinstance(own, dict) or own.get("kind") not in (None, *NODES):
        _pipeline(own)  # which refuses it
    kind, because = (own["kind"], ASKED) if "kind" in own else kind_for(scene)
    reasons = [Reason("pipeline.kind", kind, because)]
    settings: dict[str, Any] = {"kind": kind}
    if kind == "top-down":
        anchor, because = anchor_for(scene.labels)
        settings["anchor"] = anchor
        reasons.append(Reason("pipeline.anchor", anchor, because))
    size, seen = _size_for(scene, kind, settings, own)
    settings = merged(read_recipe(f"{kind}.{size}")["pipeline"], settings)
    reasons.append(seen)
    for stage, batch in _batches(scene, _pipeline(merged(settings, own))):
        settings = merged(settings, {stage: {"batch": batch.value}})
        reasons.append(batch)
    return Recommendation({"pipeline": settings}, tuple(reasons))


def kind_for(scene: Scene) -> tuple[str, str]:
    """The kind of pipeline, and why."""
    labels, length = scene.labels, measure(scene.labels, None).length
    animals = np.diff(labels.row_start)
    most, crowded = int(animals.max()), int((animals > 1).sum())
    if most == 1:
        seen = fitting_scale(max(scene.frame), length) * length
        if seen < TINY:
            return "top-down", (
                f"no frame shows more than one animal, but it would be only {seen:.0f} px long in a whole frame, which "
                f"is seen in {LARGEST_SIDE} px at most: it is found first, then looked at closely")
        return "single", f"none of {len(labels)} labelled frames shows more than one animal"
    several = f"{crowded} of {len(labels)} labelled frames show several animals, up to {most}"
    fault = grouping.fault_of_tree(labels.skeleton.nodes, labels.skeleton.edges)
    close = crowding(labels, length)
    if close > CROWDED:
        why = f"{several}, and {100 * close:.0f} % of them lie within half a length of another, in each other's crops"
    elif most >= MANY:
        why = f"{several}: looking at each by itself would take long"
    else:
        return "top-down", (
            f"{several}, of which {100 * close:.0f} % lie within half a length of another: a crop tells them apart")
    if fault is None:
        return "bottom-up", why
    return "top-down", f"{why}; but bottom-up groups along a tree of edges, and {fault}"


def crowding(labels: Columns, length: float) -> float:
    """The share of animals, where there are several, whose middle lies within half a length of another's middle."""
    points = labels.visible_points  # (row, node, 2)
    near = total = 0
    for position in np.flatnonzero(np.diff(labels.row_start) > 1):
        own = points[labels.rows_at(int(position))]
        own = own[~np.isnan(own).any(-1).all(-1)]
        middles = (np.nanmin(own, 1) + np.nanmax(own, 1)) / 2  # (animal, 2)
        apart = np.linalg.norm(middles[:, None] - middles, axis=-1) + np.diag(np.full(len(own), np.inf))
        near += int((apart.min(1, initial=np.inf) < NEAR * length).sum())
        total += len(own)
    return near / max(total, 1)


def anchor_for(labels: Columns) -> tuple[str | None, str]:
    """The node to centre crops on, or none, and why: one that is nearly always visible, from which none is far."""
    rows = measure(labels, None).rows
    visible = (~np.isnan(labels.visible_points[rows]).any(-1)).mean(0)  # (node,)
    middle = measure(labels, None).reach
    reaches = {node: measure(labels, node).reach for node in np.flatnonzero(visible >= SEEN).tolist()}
    if not reaches:
        return None, f"no node is visible on {100 * SEEN:.0f} % of the animals; crops lie around their middle"
    best = min(reaches, key=lambda node: (round(reaches[node], 6), node))
    name, reach = labels.skeleton.nodes[best], reaches[best]
    if reach > NO_FARTHER * middle:
        return None, (
            f"of the nodes that are nearly always visible {name} is the most central, but other nodes lie up to "
            f"{reach:.0f} px from it and {middle:.0f} px from the middle: crops would have to be larger")
    return name, (
        f"visible on {100 * visible[best]:.0f} % of the animals and no node is farther from it than {reach:.0f} px, "
        f"while the middle ({middle:.0f} px) moves with the nodes that are hidden")


def _size_for(
    scene: Scene, kind: str, settings: dict[str, Any], own: Mapping[str, Any]
) -> tuple[str, Reason]:
    """The smallest network that sees enough around an animal, and why."""
    stage, said = NODES[kind], {}
    for size in ("small", "medium", "large"):
        content = merged(merged(read_recipe(f"{kind}.{size}")["pipeline"], settings), own)
        pipeline = _pipeline(content)
        plan = pipeline.plan(scene.labels, scene.channels, scene.frame)[-1]
        length = measure(scene.labels, plan.stage.anchor).length * plan.stage.view.scale
        sees = plan.stage.backbone.receptive_field
        said[size] = sees / length
        if said[size] >= {"small": SURELY, "medium": ENOUGH, "large": 0.0}[size]:
            break
    others = [
        f"the {name} one would see {ratio:.1f}, of {SURELY if name == 'small' else ENOUGH:g} wanted"
        for name, ratio in said.items() if name != size]
    because = (
        f"an animal is {length:.0f} px long in the network's input; the {size} network sees {sees} px, "
        f"{said[size]:.1f} lengths{'; ' if others else ''}{', '.join(others)}")
    return size, Reason(f"pipeline.{stage}.backbone.max_stride", plan.stage.backbone.max_stride, because)


def _batches(scene: Scene, pipeline: PipelineConfig) -> list[tuple[str, Reason]]:
    """For each stage how many examples go into a step, and why."""
    labels, chosen = scene.labels, []
    for plan in pipeline.plan(labels, scene.channels, scene.frame):
        stage = plan.stage.name
        animals = stage in ("centered_instance", "bottom_up")
        count = len(measure(labels, None).rows) if animals else len(labels)
        usual = plan.batch if scene.device == "cpu" else 2 * plan.batch
        because = (
            "small steps, many of them, learn most in the minutes of a processor" if scene.device == "cpu" else
            f"twice what a processor gets: {scene.device} computes examples side by side")
        if count < usual:
            because = f"there are no more than {count} {'animals' if animals else 'frames'} to learn from"
        chosen.append((stage, Reason(f"pipeline.{stage}.batch", min(usual, count), because)))
    return chosen


def _pipeline(content: Mapping[str, Any]) -> PipelineConfig:
    return make_job({"labels": "labels.slp", "pipeline": content}).pipeline
