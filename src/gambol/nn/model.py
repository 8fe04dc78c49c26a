"""A backbone and its heads: images in, maps out."""

from collections.abc import Mapping
from typing import cast

import torch
from torch import Tensor, nn

from gambol.nn.backbones import AnyBackbone
from gambol.nn.backbones.base import Backbone, start_kaiming
from gambol.nn.heads import AnyHead
from gambol.nn.heads.base import Head


class Model(nn.Module):
    """One network: what a stage trains, saves and runs."""

    def __init__(
        self, backbone: AnyBackbone, heads: Mapping[str, AnyHead], in_channels: int, fresh: bool = True
    ) -> None:
        """fresh: with the weights from which training begins; if not, others are to be loaded, and these are anything.

        Raises `ValueError` if a head asks for a stride that the backbone does not give, `JobError` if training is to
        begin from published weights that are not installed.
        """
        super().__init__()
        for head in heads.values():
            backbone.require_stride(head.stride)
        self.backbone: Backbone = backbone.build(in_channels)
        built = {name: head.build(self.backbone.channels[head.stride]) for name, head in heads.items()}
        self.heads = cast("Mapping[str, Head]", nn.ModuleDict(built))
        if fresh:
            self._start()

    def _start(self) -> None:
        self.backbone.start()
        for head in self.heads.values():
            head.apply(start_kaiming)
        for head in self.heads.values():
            head.start()

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """Images (batch, channel, height, width), uint8 or 0..1, to head name → maps (batch, map, h, w), float32."""
        if images.dtype == torch.uint8:
            images = images.float() / 255
        levels = self.backbone(images)
        return {name: head(levels[head.config.stride]) for name, head in self.heads.items()}

    def loss(self, maps: Mapping[str, Tensor], points: Tensor) -> Tensor:
        """The heads' losses, summed. points: (batch, animal, node, 2), input pixels, NaN = not labelled."""
        return torch.stack([head.loss(maps[name], points) for name, head in self.heads.items()]).sum()
