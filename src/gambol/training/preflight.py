"""The last look before the first step: does the device work, does it fit into memory, how long will it take."""

import shutil
import time
from collections.abc import Iterator

import numpy as np
from torch import cuda as torch_cuda
from torch import device as torch_device

from gambol.data.crops import affine_for
from gambol.data.dataset import Dataset, samples_from, steps_per_epoch
from gambol.data.loader import Loader
from gambol.errors import JobError
from gambol.inference.engines.memory import free_memory
from gambol.nn.accelerators import CUDA_BUILD, fault_of, unused_card
from gambol.nn.cost import Cost, cost_of
from gambol.nn.device import choose_device, gains_from_bf16
from gambol.pipelines.stage import Plan
from gambol.runs.events import Event
from gambol.runs.findings import Finding
from gambol.training.learner import Learner
from gambol.training.memory import enough_memory
from gambol.training.prepare import Prepared

LIBRARIES = 1.6  # what is allocated beside the values themselves, at most: see `nn/cost.py`
MARGIN = 0.8  # of the memory that is free: other programs want some, too
CHECKPOINTS = 9  # times the weights: two checkpoints of four each, and the weights
AHEAD = 5  # steps that are not timed: their examples lie ready, and the first one prepares what later ones use
STEPS, SECONDS = 12, 4.0  # that are timed, unless this much time has passed
FEW_EPOCHS = 3


def preflight(prepared: Prepared) -> Iterator[Event]:
    """Tell each finding as an event; a batch that does not fit into memory is made smaller.

    Raises `JobError` that names every refusal, if there are any.
    """
    device = choose_device(prepared.job.device)
    refused = []
    for finding in _findings(prepared, device):
        if finding.level == "refusal":
            refused.append(finding)
        yield Event("finding", None, finding.as_json())
    if refused:
        raise JobError(
            f"The training cannot begin: {'; '.join(one.text for one in refused)}. "
            "It would fail after time and labels had been spent on it. "
            f"{'; '.join(one.remedy.rstrip('.') for one in refused)}.")


def _findings(prepared: Prepared, device: torch_device) -> Iterator[Finding]:
    yield _device(prepared, device)
    if (card := unused_card(str(device))) is not None:
        remedy = "Pass --device auto." if "asked for" in card else f"For its use: {CUDA_BUILD}"
        yield Finding("warning", "graphics card", f"training runs on the CPU: {card}", remedy)
    costs = []
    for number, plan in enumerate(prepared.plans):
        free = torch_cuda.mem_get_info(device)[0] if device.type == "cuda" else free_memory()
        prepared.plans[number], cost, finding = fit_batch(plan, input_size(prepared, plan), free)
        costs.append(cost)
        yield finding
    yield _disk(prepared, costs)
    if prepared.job.preflight == "full":
        for plan in prepared.plans:
            with enough_memory(plan):
                finding = _speed(prepared, plan)
            yield finding


def _device(prepared: Prepared, device: torch_device) -> Finding:
    asked = prepared.job.precision
    bf16 = gains_from_bf16(device) if asked == "auto" else asked == "bf16"
    fault = fault_of(str(device), bf16)
    numbers = "bf16" if bf16 else "fp32"
    if fault is not None:
        return Finding("refusal", "device", f"{device} cannot train in {numbers} ({fault})",
                       "Pass --set precision=fp32 or --device cpu.")
    return Finding("ok", "device", f"{device} works, in {numbers}", data={"device": str(device), "precision": numbers})


def input_size(prepared: Prepared, plan: Plan) -> tuple[int, int]:
    """The (height, width) of the largest training example, input pixels."""
    labels, store, view = prepared.parts["train"], prepared.frames["train"], plan.window or plan.stage.view
    sizes = {store.size(*labels.frame_at(position)) for position in range(len(labels))}
    inputs = np.array([affine_for(view, size, (0, 0))[1] for size in sizes]).max(0)
    height, width = (-(-int(side) // plan.stage.backbone.max_stride) * plan.stage.backbone.max_stride
                     for side in inputs)
    return height, width


def fit_batch(plan: Plan, size: tuple[int, int], free: int | None) -> tuple[Plan, Cost, Finding]:
    """The plan with a batch that fits into memory, what it costs, and what there is to say.

    size: of an example, (height, width) in input pixels. free: bytes of memory; None if nobody knows.
    """
    name, asked = plan.stage.name, plan.batch
    cost = _cost(plan, size)
    while free is not None and LIBRARIES * cost.training_bytes > MARGIN * free and plan.batch > 1:
        plan = plan.model_copy(update={"batch": plan.batch // 2})
        cost = _cost(plan, size)
    needed = LIBRARIES * cost.training_bytes
    data = {"bytes": needed, "free": free, "batch": plan.batch, "parameters": cost.parameters, "gflop": cost.gflop}
    known = "" if free is None else f" of {free / 1e9:.1f} GB that are free"
    told = f"about {needed / 1e9:.1f} GB{known}, {plan.batch} examples in a step"
    if free is not None and needed > MARGIN * free:
        return plan, cost, Finding(
            "refusal", f"memory, {name}", f"'{name}' needs {told}",
            f"Pass --set pipeline.{name}.scale={plan.stage.view.scale / 2:g} or close other programs.", data)
    if plan.batch < asked:
        return plan, cost, Finding(
            "warning", f"memory, {name}", f"{asked} examples in a step do not fit: {told}",
            f"Close other programs, or pass --set pipeline.{name}.batch={plan.batch} to ask for it.", data)
    return plan, cost, Finding("ok", f"memory, {name}", told, data=data)


def _cost(plan: Plan, size: tuple[int, int]) -> Cost:
    stage = plan.stage
    return cost_of(stage.backbone, stage.heads, stage.channels, size, plan.batch)


def _disk(prepared: Prepared, costs: list[Cost]) -> Finding:
    """Room for checkpoints and weights; what a stage leaves is small beside its checkpoints."""
    needed = sum(4 * one.parameters for one in costs) + CHECKPOINTS * 4 * max(one.parameters for one in costs)
    free = shutil.disk_usage(prepared.folder.path).free
    told = f"about {needed / 1e6:.0f} MB are needed, {free / 1e9:.1f} GB are free"
    if needed > free:
        return Finding("refusal", "disk", f"{prepared.folder.path} has no room: {told}",
                       "Free some space or choose another folder with --out.", {"bytes": needed, "free": free})
    return Finding("ok", "disk", told, data={"bytes": needed, "free": free})


def _speed(prepared: Prepared, plan: Plan) -> Finding:
    """Steps in a second, by taking some, and what follows for the time or the epochs."""
    stage, labels, job = plan.stage, prepared.parts["train"], prepared.job
    view = plan.window or stage.view
    samples = samples_from(labels, view, stage.anchor, stage.fallback, company=view is plan.window)
    dataset = Dataset(samples, prepared.frames["train"], view, labels.skeleton.mirrored, plan.augment, job.seed)
    learner, began, ends = Learner(plan, job, prepared.folder), time.perf_counter(), []
    for batch in Loader(dataset, plan.batch).epoch(0, AHEAD + STEPS):
        learner.learn(batch, 0.0)
        ends.append(time.perf_counter())
        if len(ends) > 2 and ends[-1] - began > SECONDS:
            break
    timed = ends[min(AHEAD, len(ends) // 2) - 1 :]
    seconds = (timed[-1] - timed[0]) / (len(timed) - 1)
    per_epoch = steps_per_epoch(len(samples), plan.batch)
    told, data = f"{1 / seconds:.1f} steps/s", {"steps_per_second": 1 / seconds, "steps_per_epoch": per_epoch}
    if job.minutes is None:
        minutes = (job.epochs or 100) * per_epoch * seconds / 60
        return Finding("ok", f"speed, {stage.name}", f"{told}: about {minutes:.0f} min, validation not counted",
                       data=data | {"minutes": minutes})
    epochs = 60 * job.minutes * plan.effort / seconds / per_epoch
    told = f"{told}: about {epochs:.1f} epochs of {per_epoch} steps in {job.minutes * plan.effort:g} min"
    if epochs < FEW_EPOCHS:
        return Finding("warning", f"speed, {stage.name}", f"{told}, which is little to learn from",
                       "Pass more --minutes, or a smaller --recipe.", data | {"epochs": epochs})
    return Finding("ok", f"speed, {stage.name}", told, data=data | {"epochs": epochs})
