"""How much memory a call may take, and what threads allocate from."""

import platform
import subprocess
import sys

import pytest

from gambol.data.crops import WholeFrame
from gambol.inference.engines import memory
from gambol.labels.skeleton import Skeleton
from gambol.nn.backbones import UNetConfig
from gambol.nn.heads import ConfidenceMapsConfig
from gambol.pipelines.stage import StageConfig


@pytest.fixture
def stage() -> StageConfig:
    """A network that holds 10 + 5 numbers for each pixel: 60 bytes."""
    return StageConfig(
        name="single", skeleton=Skeleton(("nose",)), channels=1, view=WholeFrame(multiple=2),
        backbone=UNetConfig(filters=10, filters_rate=2, max_stride=2, output_stride=1),
        heads={"nodes": ConfidenceMapsConfig(nodes=1, stride=1)})


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine, perhaps a container on it, in which so many bytes are free."""

    def make(available: int | None, limit: str | None = None, taken: int = 0) -> None:
        for name, text in (
            ("MEMINFO", None if available is None else f"MemTotal: 9 kB\nMemAvailable: {available // 1024} kB\n"),
            ("LIMIT", limit), ("TAKEN", str(taken)),
        ):
            monkeypatch.setattr(memory, name, tmp_path / name)
            if text is not None:
                (tmp_path / name).write_text(text)

    return make


class TestMostPixels:
    def test_on_a_cpu_no_more_than_its_caches_gain_from(self, stage, machine):
        machine(10**12)
        assert memory.most_pixels(stage, "cpu", parallel=2) == memory.MOST_ON_CPU / 60

    def test_a_share_of_what_is_free_if_that_is_less(self, stage, machine):
        machine(1024 * 1000)
        assert memory.most_pixels(stage, "cpu", parallel=2) == memory.SHARE * 1024 * 1000 / 2 / 60

    def test_a_graphics_card_counts_its_own_memory(self, stage, monkeypatch):
        monkeypatch.setattr("torch.cuda.mem_get_info", lambda device: (6_000_000, 8_000_000))
        assert memory.most_pixels(stage, "cuda:0", parallel=1) == memory.SHARE * 100_000

    def test_where_nobody_knows_everything_is_tried(self, stage):
        assert memory.most_pixels(stage, "mps", parallel=1) == float("inf")


class TestFreeMemory:
    @pytest.mark.parametrize(
        ("limit", "taken", "free"),
        [(None, 0, 4096), ("max\n", 0, 4096), ("3000\n", 1000, 2000), ("9999\n", 0, 4096), ("10", 20, 0)])
    def test_it_is_what_machine_and_container_can_give(self, machine, limit, taken, free):
        machine(4096, limit, taken)
        assert memory.free_memory() == free

    def test_a_system_that_does_not_say_is_not_guessed_at(self, machine):
        machine(None)
        assert memory.free_memory() is None


ALLOCATING = """
import ctypes, sys, threading
from gambol.inference.engines.memory import share_arenas
if sys.argv[1] == "shared":
    share_arenas()
library, together = ctypes.CDLL(None), threading.Barrier(8)
def allocate():
    together.wait()
    for _ in range(1000):
        library.malloc(1000)
    together.wait()
threads = [threading.Thread(target=allocate) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
library.malloc_stats()
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has arenas that can be limited")
class TestSharedArenas:
    @staticmethod
    def arenas(how: str) -> int:
        done = subprocess.run([sys.executable, "-c", ALLOCATING, how], capture_output=True, text=True, check=True)
        return done.stderr.count("Arena ")

    def test_threads_allocate_from_two_of_them(self):
        assert self.arenas("each its own") > memory.ARENAS, "test invalid"
        assert self.arenas("shared") == memory.ARENAS
