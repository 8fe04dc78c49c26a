"""How much memory a network may take for the inputs of one call, and how threads share what they allocate from."""

import ctypes
import sys
from contextlib import suppress
from pathlib import Path

from gambol.pipelines.stage import StageConfig

MOST_ON_CPU = 12_000_000  # bytes: with more at a time nothing is faster, as the values leave the caches
SHARE = 0.25  # of the memory that is free, for all calls together: other programs want some, too
BYTES = 4  # of a float32

MEMINFO = Path("/proc/meminfo")
ARENA_MAX, ARENAS = -8, 2  # glibc's number for the setting; the least at which threads do not wait for one another
LIMIT, TAKEN = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")


def most_pixels(stage: StageConfig, device: str, parallel: int) -> float:
    """Pixels that the inputs of one call may have altogether, when so many calls run at a time."""
    free = free_memory() if device == "cpu" else _free_on_card(device)
    most = float("inf") if free is None else SHARE * free / parallel
    if device == "cpu":
        most = min(most, MOST_ON_CPU)
    return most / (BYTES * stage.backbone.values_per_pixel)


def share_arenas() -> None:
    """Let threads share what they allocate from: each keeping its own costs tens of MB. Only glibc can be told so."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).mallopt(ARENA_MAX, ARENAS)


def free_memory() -> int | None:
    """Bytes that this machine, or the container, can still give; `None` where the system does not say it."""
    try:
        lines = dict(line.split(":", 1) for line in MEMINFO.read_text(encoding="utf-8").splitlines())
        free = 1024 * int(lines["MemAvailable"].split()[0])
    except (OSError, KeyError, ValueError):
        return None
    try:
        return max(0, min(free, int(LIMIT.read_text()) - int(TAKEN.read_text())))
    except (OSError, ValueError):  # no container, or one without a limit
        return free


def _free_on_card(device: str) -> int | None:
    """Bytes that a graphics card can still give; torch is loaded already where one is used."""
    import torch

    return torch.cuda.mem_get_info(device)[0] if device.startswith("cuda") else None
