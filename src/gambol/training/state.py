"""What the training of a stage is made of at one moment, taken out as plain tensors and put back."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from gambol.data.dataset import Dataset
from gambol.training.checkpoint import Damaged


@dataclass
class Reached:
    """How far the training of a stage has come, in plain numbers; JSON can say all of them.

    epoch: the one that is being trained, of which the steps with these losses are done · step: of all epochs ·
    best, best_epoch: the lowest validation loss, and where · log: figures of the epochs before · over: no more are to
    come · seconds: training time used · waited: how much of it for data · retries: how often it was begun again, at a
    lower learning rate each time; since: the step at which it was.
    """

    epoch: int = 0
    step: int = 0
    losses: list[float] = field(default_factory=list)
    best: float = float("inf")
    best_epoch: int = -1
    log: list[dict[str, Any]] = field(default_factory=list)
    over: bool = False
    seconds: float = 0.0
    waited: float = 0.0
    retries: int = 0
    since: int = 0


def take(networks: Mapping[str, nn.Module], optimizer: Optimizer) -> dict[str, Tensor]:
    """The networks' weights, what the optimizer remembers of its steps, and the random state; as copies on the CPU."""
    state = {f"{name}.{key}": tensor for name, own in networks.items() for key, tensor in own.state_dict().items()}
    for number, own in optimizer.state_dict()["state"].items():
        state |= {f"optimizer.{number}.{key}": torch.as_tensor(value) for key, value in own.items()}
    state["random.cpu"] = torch.get_rng_state()
    if torch.cuda.is_available():
        state["random.cuda"] = torch.cuda.get_rng_state()
    return {name: tensor.detach().to("cpu", copy=True).contiguous() for name, tensor in state.items()}


def put_back(tensors: Mapping[str, Tensor], networks: Mapping[str, nn.Module], optimizer: Optimizer) -> None:
    """Make networks and optimizer what they were when `take` was called.

    Raises `Damaged`, and changes nothing, if the tensors are not those of such networks.
    """
    known = {f"{name}.{key}": own.shape for name, network in networks.items()
             for key, own in network.state_dict().items()}
    found = {name: own.shape for name, own in tensors.items() if not name.startswith(("optimizer.", "random."))}
    if found != known:
        raise Damaged("it is of another network")
    for name, network in networks.items():
        network.load_state_dict(_below(f"{name}.", tensors))
    content = optimizer.state_dict()
    content["state"] = {
        number: _memories(_below(f"optimizer.{number}.", tensors), parameter)
        for number, parameter in enumerate(_parameters(optimizer))
    }
    optimizer.load_state_dict(content)
    torch.set_rng_state(tensors["random.cpu"])
    if torch.cuda.is_available() and "random.cuda" in tensors:
        torch.cuda.set_rng_state(tensors["random.cuda"])


def fingerprint(*datasets: Dataset) -> str:
    """A short word for the labels that datasets draw from; other labels have another one."""
    known = hashlib.sha256()
    for dataset in datasets:
        known.update(f"{len(dataset)}:".encode())
        for sample in dataset.samples:
            known.update(f"{tuple(sample.key)} {sample.points.shape}".encode())
            known.update(sample.points.tobytes())
    return known.hexdigest()[:16]


def _below(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _parameters(optimizer: Optimizer) -> list[nn.Parameter]:
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]


def _memories(values: Mapping[str, Tensor], parameter: nn.Parameter) -> dict[str, Any]:
    """What the optimizer remembers of one parameter, laid out in memory as the parameter is.

    The fused AdamW walks through parameter and moments side by side as they lie in memory, whatever their strides say.
    """
    return {
        key: torch.empty_like(parameter).copy_(value) if value.shape == parameter.shape else value
        for key, value in values.items()
    }
