"""Which device computes, and in which precision it gains."""

from collections.abc import Mapping

import torch

from gambol.errors import DeviceError


def choose_device(name: str) -> torch.device:
    """The device called `auto` (cuda, else mps, else cpu), `cpu`, `cuda`, `cuda:1` or `mps`.

    Raises `DeviceError` if it is not there.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        device = torch.device(name)
        torch.nn.functional.conv2d(torch.ones(1, 1, 3, 3, device=device), torch.ones(1, 1, 3, 3, device=device))
    except (RuntimeError, AssertionError) as error:
        raise DeviceError(
            f"The device '{name}' does not work here ({str(error).splitlines()[0]}). "
            "Nothing was computed, rather than slowly and unnoticed on another device. "
            "Pass --device cpu, or install the PyTorch build for your graphics card.") from error
    return device


def gains_from_bf16(device: torch.device) -> bool:
    """Whether the hardware multiplies bfloat16 natively; where it only emulates it, float32 is faster."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type == "cpu":
        abilities: Mapping[str, object] = getattr(torch.cpu, "get_capabilities", dict)()  # an older torch cannot tell
        return bool(abilities.get("avx512_bf16") or abilities.get("amx_bf16"))
    return False
