"""The engine of CPUs."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from gambol.inference.engines.base import EngineUnavailable
from gambol.inference.engines.exported import Exported, exported
from gambol.inference.engines.openvino import OpenVINOEngine
from gambol.pipelines.saved import read_stage


@pytest.fixture(scope="module")
def network(firefly_run) -> Exported:
    return exported(firefly_run / "centroid", read_stage(firefly_run / "centroid"))


@pytest.fixture
def bf16(network) -> OpenVINOEngine:
    """An engine that rounds, on a CPU that does so."""
    engine = OpenVINOEngine(network, ["centroids"])
    if not engine.bf16:
        pytest.skip("this CPU computes in fp32")
    return engine


class TestPrecision:
    def test_it_says_in_which_numbers_it_computes(self, network):
        assert OpenVINOEngine(network, ["centroids"], "fp32").name == "openvino fp32"

    def test_maps_are_float32_and_seldom_equal_even_if_the_network_rounds(self, bf16, fireflies):
        maps = bf16(fireflies.images)["centroids"]
        assert (bf16.name, maps.dtype) == ("openvino bf16", np.float32)
        bright = maps[maps > 0.2]
        assert len(np.unique(bright)) > 0.9 * len(bright)  # rounded ones have hardly more than 500 values

    def test_a_precision_that_the_cpu_does_not_have_is_no_choice(self, network, monkeypatch):
        class Core:
            def get_property(self, device, name):
                return ["FP32"]

        monkeypatch.setattr("gambol.inference.engines.openvino._core", Core)
        with pytest.raises(EngineUnavailable, match="bf16"):
            OpenVINOEngine(network, ["centroids"], "bf16")


class TestCalls:
    def test_many_threads_get_each_their_own_maps(self, network, fireflies):
        engine = OpenVINOEngine(network, ["centroids"], "fp32")
        alone = [engine(image[None])["centroids"] for image in fireflies.images]
        with ThreadPoolExecutor(4) as pool:
            together = list(pool.map(lambda image: engine(image[None])["centroids"], fireflies.images))
        assert all(np.array_equal(one, other) for one, other in zip(alone, together, strict=True))

    def test_maps_do_not_depend_on_what_else_is_in_the_batch(self, network, fireflies):
        engine = OpenVINOEngine(network, ["centroids"])
        assert np.array_equal(engine(fireflies.images)["centroids"][5], engine(fireflies.images[5:6])["centroids"][0])

    def test_running_out_of_memory_is_a_memory_error(self, network, fireflies, monkeypatch):
        engine = OpenVINOEngine(network, ["centroids"])
        monkeypatch.setattr(engine, "_request", lambda: Starving("bad allocation: std::bad_alloc"))
        with pytest.raises(MemoryError):
            engine(fireflies.images)

    def test_other_errors_stay_what_they_are(self, network, fireflies, monkeypatch):
        engine = OpenVINOEngine(network, ["centroids"])
        monkeypatch.setattr(engine, "_request", lambda: Starving("the network is broken"))
        with pytest.raises(RuntimeError, match="broken"):
            engine(fireflies.images)


class Starving:
    """A request that fails in these words."""

    def __init__(self, words: str) -> None:
        self.words = words

    def infer(self, inputs, share_inputs):
        raise RuntimeError(self.words)


def test_a_network_that_openvino_cannot_read_is_told_in_words(network):
    with pytest.raises(EngineUnavailable, match="OpenVINO cannot run the network"):
        OpenVINOEngine(Exported(b"<net", network.weights), ["centroids"])


@pytest.mark.parametrize("converter", [False, True])
def test_openvino_reports_no_usage(converter):
    program = (
        "import sys; from gambol.inference.engines.openvino import load_openvino; "
        f"load_openvino(converter={converter}); print([name for name in sys.modules if 'openvino_telemetry' in name])")
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert (told.stdout.strip(), told.stderr) == ("[]", "")


def test_threads_that_begin_at_the_same_time_do_not_wait_for_one_another_for_ever():
    """Each translates a type of numbers for the first time; a process of its own, as it happens only once."""
    program = """
import sys, threading
from gambol.inference.engines.openvino import _core, load_openvino
_core()
sys.setswitchinterval(1e-6)
together = threading.Barrier(3)
def begin():
    together.wait()
    load_openvino().Type.u8.to_dtype()
threads = [threading.Thread(target=begin, daemon=True) for _ in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join(30)
assert not any(thread.is_alive() for thread in threads)
import os; os._exit(0)
"""
    for _ in range(3):
        subprocess.run([sys.executable, "-c", program], check=True, timeout=100)
