"""What a network costs: parameters, computation and memory, told without computing or allocating anything."""

import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from gambol.nn.backbones import AnyBackbone
from gambol.nn.heads import AnyHead
from gambol.nn.heads.base import weighted_square_error
from gambol.nn.model import Model

COPIES = 5  # of each parameter in training: itself, its gradient, AdamW's two moments, its average


@dataclass(frozen=True)
class Cost:
    """What one network costs.

    parameters: numbers that are learnt or were · gflop: 10⁹ multiplications and additions to infer one image; a
    training step takes about three times as many for each example · inference_bytes, training_bytes: memory for the
    weights and, at the worst moment, for a batch, in float32; the libraries take up to three fifths more, as they lay
    features out anew.
    """

    parameters: int
    gflop: float
    inference_bytes: int
    training_bytes: int


def cost_of(
    backbone: AnyBackbone, heads: Mapping[str, AnyHead], channels: int, size: tuple[int, int], batch: int
) -> Cost:
    """What a network of a backbone and heads costs for batches of images. size: (height, width), input pixels.

    Raises `ValueError` if the size is not a multiple of the backbone's `max_stride`, or a head's stride is not there.
    """
    if any(length % backbone.max_stride for length in size):
        raise ValueError(f"the size {size} is not a multiple of {backbone.max_stride}, the backbone's max_stride")
    with torch.device("meta"):
        model = Model(backbone, heads, channels, fresh=False)
        images = torch.zeros(batch, channels, *size)
    weights = sum(weight.numel() * weight.element_size() for weight in model.parameters())
    learnt = sum(weight.numel() * weight.element_size() for weight in model.parameters() if weight.requires_grad)
    return Cost(
        parameters=sum(weight.numel() for weight in model.parameters()),
        gflop=_flop(model, images[:1]) / 1e9,
        inference_bytes=weights + _peak_of_inference(model, images),
        training_bytes=weights + (COPIES - 1) * learnt + _peak_of_training(model, images),
    )


def _flop(model: nn.Module, images: Tensor) -> int:
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model.eval()(images)
    total: int = counter.get_total_flops()
    return total


def _peak_of_inference(model: nn.Module, images: Tensor) -> int:
    with torch.no_grad(), _Allocated() as allocated:
        model.eval()(images)
    most: int = allocated.most
    return most


def _peak_of_training(model: Model, images: Tensor) -> int:
    """Without the parameters' gradients, which stay from step to step."""
    gradients = sum(weight.numel() * weight.element_size() for weight in model.parameters() if weight.requires_grad)
    with _Allocated() as allocated:
        model.train()
        losses = [_like_a_loss(maps) for maps in model(images).values()]
        torch.autograd.backward(torch.stack(losses).sum())
    most: int = allocated.most
    return most - gradients


def _like_a_loss(maps: Tensor) -> Tensor:
    """What the heads do once their targets are drawn; which of their points count is not known without computing."""
    return weighted_square_error(maps, torch.zeros_like(maps), torch.ones_like(maps[..., 0, 0], dtype=torch.bool), 1.0)


class _Allocated(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the bytes of tensors while they live, also of tensors that hold nothing; `most` is the most at a time."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.now: int = 0
        self.most: int = 0
        self._known: set[int] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        before = {id(leaf.untyped_storage()) for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)}
        for leaf in tree_leaves(result):
            if isinstance(leaf, Tensor) and id(leaf.untyped_storage()) not in before:
                self._count(leaf.untyped_storage())
        return result

    def _count(self, storage: torch.UntypedStorage) -> None:
        key, size = id(storage), storage.nbytes()
        if key in self._known:
            return
        self._known.add(key)
        self.now += size
        self.most = max(self.most, self.now)
        weakref.finalize(storage, self._forget, key, size)

    def _forget(self, key: int, size: int) -> None:
        self._known.discard(key)
        self.now -= size
