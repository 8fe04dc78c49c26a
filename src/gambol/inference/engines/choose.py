"""Which engine runs the networks of a run: the fastest one that works here, or the one that was asked for."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gambol.errors import DeviceError, GambolError
from gambol.inference.engines.base import Engine, EngineUnavailable
from gambol.inference.engines.exported import exported
from gambol.inference.engines.openvino import OpenVINOEngine
from gambol.pipelines.saved import read_weights
from gambol.pipelines.stage import StageConfig

ENGINES, PRECISIONS = ("auto", "torch", "openvino"), ("auto", "bf16", "fp32")
GRAPHICS = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg", "C:/Windows/System32/nvcuda.dll")  # drivers that torch can use


@dataclass(frozen=True)
class Engines:
    """The engines of a run's stages.

    device: where they compute · warning: why they are not the ones that were expected, in three sentences.
    """

    by_stage: Mapping[str, Engine]
    device: str
    warning: str | None = None

    @property
    def name(self) -> str:
        """What runs the networks, and in which numbers: `openvino bf16`."""
        return next(iter(self.by_stage.values())).name

    @property
    def parallel(self) -> int:
        """How many calls they work on at a time."""
        return next(iter(self.by_stage.values())).parallel


def choose_engines(
    folders: Mapping[str, Path], stages: Mapping[str, StageConfig], device: str = "auto", engine: str = "auto",
    precision: str = "auto",
) -> Engines:
    """Load the networks: with OpenVINO on a CPU, with torch on a GPU, unless asked otherwise.

    Raises `GambolError` for a name that does not exist, `DeviceError` if what was asked for does not work here,
    `ModelError` if a network cannot be read.
    """
    _require_known("engine", engine, ENGINES)
    _require_known("precision", precision, PRECISIONS)
    if engine == "torch" or (engine == "auto" and _on_graphics_card(device)):
        return _torch(folders, stages, device, precision)
    if device not in ("auto", "cpu"):
        raise DeviceError(
            f"The engine openvino computes on the CPU, but the device '{device}' was asked for. "
            "It would leave that device idle. "
            "Leave out --engine to use the device, or pass --device cpu.")
    try:
        return _openvino(folders, stages, precision)
    except EngineUnavailable as reason:
        if engine == "openvino":
            raise DeviceError(
                f"The engine openvino cannot be used: {reason}. "
                "Nothing was computed, rather than slowly and unnoticed with another engine. "
                "Pass --engine torch, or install what is missing: pip install openvino.") from reason
        warning = (
            f"The networks run in PyTorch, because {reason}. "
            "Predictions are the same, but take several times as long. "
            "Install OpenVINO (pip install openvino), or pass --engine torch to do without it.")
        return _torch(folders, stages, device, precision, warning)


def _require_known(what: str, name: str, names: tuple[str, ...]) -> None:
    if name not in names:
        raise GambolError(
            f"There is no {what} called '{name}'. "
            "Nothing was predicted. "
            f"Choose one of: {', '.join(names)}.")


def _on_graphics_card(device: str) -> bool:
    """Whether that device is not the CPU. Torch, which takes long to load, is asked only if there is a driver."""
    if device != "auto":
        return device != "cpu"
    if sys.platform != "darwin" and not any(Path(place).exists() for place in GRAPHICS):
        return False
    from gambol.nn.device import choose_device

    return choose_device(device).type != "cpu"


def _openvino(folders: Mapping[str, Path], stages: Mapping[str, StageConfig], precision: str) -> Engines:
    engines = {
        name: OpenVINOEngine(exported(folders[name], stage), tuple(stage.heads), precision)
        for name, stage in stages.items()
    }
    return Engines(engines, "cpu")


def _torch(
    folders: Mapping[str, Path], stages: Mapping[str, StageConfig], device: str, precision: str,
    warning: str | None = None,
) -> Engines:
    from gambol.inference.engines.torch import TorchEngine
    from gambol.nn.device import choose_device

    place = choose_device(device)
    bf16 = None if precision == "auto" else precision == "bf16"
    engines = {name: TorchEngine(read_weights(folders[name], stage), place, bf16) for name, stage in stages.items()}
    return Engines(engines, str(place), warning)
