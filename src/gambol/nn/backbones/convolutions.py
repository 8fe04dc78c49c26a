"""Plain convolutions in a row, without normalisation, as U-Net and LEAP have them."""

from torch import nn


def block(channels: int, width: int, convolutions: int, kernel: int = 3) -> nn.Sequential:
    """So many convolutions that keep the size, each with a ReLU; from `channels` to `width` channels."""
    layers: list[nn.Module] = []
    for _ in range(convolutions):
        layers += [nn.Conv2d(channels, width, kernel, padding=kernel // 2), nn.ReLU()]
        channels = width
    return nn.Sequential(*layers)
