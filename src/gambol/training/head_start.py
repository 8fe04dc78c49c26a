"""Before the first step of a training that starts from another run: its weights are fitted and put into this run.

From then on the other run is not needed, so a training that was stopped goes on also when that run is gone.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import nn

from gambol.errors import JobError, ModelError
from gambol.pipelines.saved import read_stage, read_weights, stage_hash, unreadable
from gambol.pipelines.stage import Plan
from gambol.runs.events import Event
from gambol.runs.layout import RunFolder
from gambol.storage import replacing, write_text
from gambol.training.carry_over import Carried, carry_over
from gambol.training.start_from import StartFrom, source_stages

if TYPE_CHECKING:
    from gambol.training.prepare import Prepared


def take_over(prepared: "Prepared") -> Iterator[Event]:
    """Put what the earlier runs know into each stage of this one, and note in its job which weights they were.

    Tells what could not be used. Raises `JobError` if nothing fits, or a backbone that is asked for is another one.
    """
    start = prepared.job.start_from
    if start is None:
        return
    sources, hashes = source_stages(start), dict[str, str]()
    fitting = [plan for plan in prepared.plans if plan.stage.name in sources]
    yield Event("phase", None, {"phase": "start from", "runs": [str(path) for path in start.runs]})
    for plan in fitting:
        name = plan.stage.name
        found = _require_same(stage_hash(sources[name]), start, name)
        carried = _fitted(plan, sources[name], start.parts, prepared.job.seed)
        if carried.anything:
            hashes[name] = found
            _write(prepared.folder.start(name), carried)
        if carried.notes:
            yield Event("warning", name, {"text": _in_words(carried, sources[name])})
    if not hashes:
        trains = ", ".join(plan.stage.name for plan in prepared.plans)
        what = (f"none of its heads fits in {', '.join(plan.stage.name for plan in fitting)}" if fitting
                else f"it has the stages {', '.join(sources)}, and this one trains {trains}")
        raise JobError(
            f"The run to start from has nothing in common with this training: {what}. "
            "Its weights would tell the networks nothing. "
            "Choose a run of the same pipeline with --start-from, or train without it.")
    if fresh := [plan.stage.name for plan in prepared.plans if plan.stage.name not in hashes]:
        yield Event("warning", None, {"text": (
            f"Nothing to start from was given for the stages {', '.join(fresh)}. They begin untrained. "
            "Give the whole run, or the folder of each stage.")})
    _note(prepared, start, sources, hashes)


def begin(network: nn.Module, folder: RunFolder, stage: str) -> None:
    """Give a stage's network the weights that it starts from, if there are any."""
    file = folder.start(stage)
    if file.is_file():
        network.load_state_dict(_read(file))


def _fitted(plan: Plan, source: Path, parts: str, seed: int) -> Carried:
    """The weights that a stage begins with. Where nothing was learnt they are those of a network begun afresh."""
    stage = read_stage(source)
    learnt = read_weights(source, stage).state_dict()
    torch.manual_seed(seed)
    return carry_over(stage, learnt, plan.stage, plan.stage.build().state_dict(), parts)


def _in_words(carried: Carried, source: Path) -> str:
    if not carried.anything:
        return f"Nothing that {source} has learnt fits: {'; '.join(carried.notes)}."
    return f"Not all that {source} has learnt fits: {'; '.join(carried.notes)}. Everything else is taken over."


def _read(file: Path) -> dict[str, torch.Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(file)
    except (OSError, SafetensorError) as error:
        raise unreadable(file, error) from error


def _write(file: Path, carried: Carried) -> None:
    from safetensors.torch import save_file

    with replacing(file) as temporary:
        save_file({name: tensor.contiguous() for name, tensor in carried.weights.items()}, temporary)


def _require_same(found: str, start: StartFrom, stage: str) -> str:
    if start.stages.get(stage, found) == found:
        return found
    raise ModelError(
        f"The stage '{stage}' to start from has other weights than the job says (start_from.stages). "
        "The training would not be the one that was asked for. "
        "Put the run back as it was, or remove start_from.stages from the job.")


def _note(prepared: "Prepared", start: StartFrom, sources: dict[str, Path], hashes: dict[str, str]) -> None:
    """Into the job, for resolved.yaml, and into environment.json: which weights; and the learning rate that follows."""
    job, environment = prepared.job, prepared.folder.environment
    rate = job.optimizer.learning_rate * start.learning_rate
    prepared.job = job.model_copy(update={
        "start_from": start.model_copy(update={"stages": hashes}),
        "optimizer": job.optimizer.model_copy(update={"learning_rate": rate})})
    known = json.loads(environment.read_text(encoding="utf-8")) if environment.is_file() else {}
    known["started_from"] = {name: {"path": str(sources[name]), "hash": own} for name, own in hashes.items()}
    write_text(environment, json.dumps(known, indent=1))
