"""Which devices there are, whether they work, and why a graphics card that is there may not be used."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import torch

NVIDIA = Path("/proc/driver/nvidia/version")
CUDA_BUILD = "pip install --force-reinstall torch --index-url https://download.pytorch.org/whl/cu126"


def devices() -> Iterator[str]:
    """The names of the devices that PyTorch knows here, the fastest kind first."""
    if torch.cuda.is_available():
        yield from (f"cuda:{number}" for number in range(torch.cuda.device_count()))
    if torch.backends.mps.is_available():
        yield "mps"
    yield "cpu"


def fault_of(device: str, bf16: bool = False) -> str | None:
    """Why a convolution, forth and back as in training, does not work on a device; None if it does."""
    try:
        image = torch.ones(1, 1, 8, 8, device=device, requires_grad=True)
        weight = torch.ones(1, 1, 3, 3, device=device)
        with torch.autocast(torch.device(device).type, torch.bfloat16, enabled=bf16):
            made = torch.nn.functional.conv2d(image, weight)
        (gradient,) = torch.autograd.grad(made.float().sum(), image)
        if float(gradient[0, 0, 4, 4]) != 9:
            return "a convolution gave a wrong result"
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        return str(error).splitlines()[0]
    return None


def unused_card(device: str) -> str | None:
    """Why a graphics card of this machine will not be used when `device` is; None if it will, or there is none."""
    kind = torch.device(device).type
    if kind != "cpu":
        return None
    if torch.cuda.is_available():
        return f"{torch.cuda.get_device_name(0)} is there, but {device} was asked for"
    if not NVIDIA.exists() and shutil.which("nvidia-smi") is None:
        return None
    if torch.version.cuda is None:
        return f"an NVIDIA card is there, but PyTorch {torch.__version__} was installed without CUDA"
    return f"an NVIDIA card is there, but its driver does not work with CUDA {torch.version.cuda}"
