"""OpenVINO: the engine of CPUs. It runs networks that `export.py` has converted, and needs no torch."""

import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from jaxtyping import Float32, UInt8

from gambol.inference.engines.base import EngineUnavailable, ran_out_of_memory
from gambol.inference.engines.memory import share_arenas

if TYPE_CHECKING:
    from gambol.inference.engines.exported import Exported

MOST_STREAMS = 8  # each holds activations of its own, so that more of them cost memory


class OpenVINOEngine:
    """An exported network on the CPU, in bfloat16 where the CPU multiplies it natively; its heads stay in float32.

    Each core works on a call of its own: many calls together are faster so than one call on many cores.
    """

    def __init__(self, exported: "Exported", heads: Sequence[str], precision: str = "auto") -> None:
        """heads: names of the outputs, in their order. precision: auto, bf16 or fp32.

        Raises `EngineUnavailable` if it cannot run here.
        """
        core = _core()
        native = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        if precision == "bf16" and not native:
            raise EngineUnavailable("this CPU has no instructions for bf16")
        self.heads = tuple(heads)
        self.bf16 = native and precision != "fp32"
        cores = int(core.get_property("CPU", "RANGE_FOR_STREAMS")[1])
        self.parallel = min(cores, MOST_STREAMS)
        settings = {
            "INFERENCE_PRECISION_HINT": "bf16" if self.bf16 else "f32", "NUM_STREAMS": self.parallel,
            "INFERENCE_NUM_THREADS": cores, "ENABLE_CPU_PINNING": False,
        }
        try:
            network = core.read_model(exported.graph, exported.weights)
            self._network = core.compile_model(network, "CPU", settings)
        except RuntimeError as error:
            raise EngineUnavailable(f"OpenVINO cannot run the network ({_first_line(error)})") from error
        self._own = threading.local()

    @property
    def name(self) -> str:
        """`openvino bf16` or `openvino fp32`."""
        return "openvino bf16" if self.bf16 else "openvino fp32"

    def __call__(self, inputs: UInt8[np.ndarray, "batch h w channel"]) -> Mapping[str, Float32[np.ndarray, "..."]]:
        """Maps (batch, map, h, w), float32, by head."""
        request = self._request()
        try:
            request.infer({0: inputs}, share_inputs=True)
        except RuntimeError as error:
            if ran_out_of_memory(error):
                raise MemoryError(_first_line(error)) from error
            raise
        return {name: np.array(request.get_output_tensor(number).data) for number, name in enumerate(self.heads)}

    def _request(self) -> Any:
        """This thread's own request: no two calls share their buffers."""
        if not hasattr(self._own, "request"):
            self._own.request = self._network.create_infer_request()
        return self._own.request


def load_openvino(converter: bool = False) -> ModuleType:
    """The library, kept from reporting its usage; the part that converts networks takes long to load.

    Raises `EngineUnavailable` if it is not installed.
    """
    try:
        with _hidden("openvino_telemetry", "openvino.tools.ovc"):
            import openvino
        if converter:
            with _hidden("openvino_telemetry"):
                import openvino.tools.ovc
    except (ImportError, OSError) as error:
        raise EngineUnavailable(f"OpenVINO cannot be loaded ({_first_line(error)})") from error
    return openvino


@cache
def _core() -> Any:
    share_arenas()
    openvino = load_openvino()
    openvino.Type.u8.to_dtype()  # makes a table; if several threads make it at once (2026.4), they wait for ever
    return openvino.Core()


@contextmanager
def _hidden(*names: str) -> Iterator[None]:
    """Modules that are not loaded yet seem not to be installed, so that others do without them."""
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update(cast("dict[str, ModuleType]", dict.fromkeys(absent)))
    try:
        yield
    finally:
        for name in absent:
            sys.modules.pop(name, None)


def _first_line(error: BaseException) -> str:
    lines = [line for line in str(error).splitlines() if line and not line.startswith(("Exception from", "Check '"))]
    return (lines or [type(error).__name__])[0].strip()
