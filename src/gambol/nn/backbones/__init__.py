"""Backbones: image in, features at several strides out.

To add one: 1. a folder with `config.py` (a `Config` with a `kind`, free of torch, whose `build` imports the network)
and `network.py` (a `Backbone`); 2. its config in the union below; 3. its word on the how-to page of backbones.
"""

from gambol.nn.backbones.unet.config import UNetConfig

AnyBackbone = UNetConfig

__all__ = ["AnyBackbone", "UNetConfig"]
