"""Backbones: image in, features at several strides out.

To add one: 1. a folder with `config.py` (a `BackboneConfig` with a `kind`, free of torch, whose `build` imports the
network) and `network.py` (a `Backbone`); 2. its config in the union below; 3. its line on the page of models, and its
row in the tests that hold all backbones to what they promise. Encoders that only shrink can share `decoder/`.
"""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from gambol.nn.backbones.config import BackboneConfig
from gambol.nn.backbones.convnext.config import ConvNeXtConfig
from gambol.nn.backbones.efficientnet_lite0.config import EfficientNetLite0Config
from gambol.nn.backbones.hourglass.config import HourglassConfig
from gambol.nn.backbones.leap.config import LEAPConfig
from gambol.nn.backbones.resnet.config import ResNetConfig
from gambol.nn.backbones.unet.config import UNetConfig


def _told_apart(asked: Any) -> Any:
    """A kind's name alone stands for its defaults; settings without a kind are those of a U-Net."""
    if isinstance(asked, str):
        return {"kind": asked}
    return {"kind": "unet"} | asked if isinstance(asked, dict) else asked


AnyBackbone = Annotated[
    UNetConfig | LEAPConfig | ResNetConfig | ConvNeXtConfig | EfficientNetLite0Config | HourglassConfig,
    Field(discriminator="kind"),
    BeforeValidator(_told_apart),
]

__all__ = [
    "AnyBackbone", "BackboneConfig", "ConvNeXtConfig", "EfficientNetLite0Config", "HourglassConfig", "LEAPConfig",
    "ResNetConfig", "UNetConfig",
]
