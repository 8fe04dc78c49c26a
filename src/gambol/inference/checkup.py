"""Whether all that gambol needs is here and works: devices, codecs, engines, memory, places to write to."""

import os
import platform
import shutil
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from gambol.errors import GambolError
from gambol.inference.engines.base import EngineUnavailable
from gambol.inference.engines.exported import user_cache
from gambol.inference.engines.memory import free_memory
from gambol.pipelines.base import Network
from gambol.runs.findings import Finding, Level

PACKAGES = ("gambol", "torch", "openvino", "numpy", "opencv-python-headless", "av", "sleap-io", "lightning-fabric")
LITTLE_MEMORY, LITTLE_DISK = 2e9, 2e9  # bytes
UPGRADE = "pip install --upgrade av"
SIDE, SECONDS = 256, 0.5  # of the test image, px; that each engine is timed for


def checkup() -> Iterator[Finding]:
    """Look at one thing after the other; each finding comes when it is known. Takes some seconds."""
    yield _versions()
    yield from _devices()
    yield _codec()
    yield from _engines()
    yield _cores()
    yield _memory()
    yield from _places()


def _versions() -> Finding:
    known = {}
    for name in PACKAGES:
        try:
            known[name] = version(name)
        except PackageNotFoundError:
            known[name] = "missing"
    missing = [name for name, one in known.items() if one == "missing" and name != "openvino"]
    told = ", ".join(f"{name} {one}" for name, one in known.items())
    told += f"; Python {platform.python_version()} on {platform.platform()}"
    remedy = f"pip install {' '.join(missing)}" if missing else ""
    return Finding("refusal" if missing else "ok", "versions", told, remedy, known)


def _devices() -> Iterator[Finding]:
    from gambol.nn.accelerators import CUDA_BUILD, devices, fault_of, unused_card

    names = list(devices())
    for name in names:
        fault = fault_of(name)
        level: Level = "ok" if fault is None else "refusal" if name == "cpu" else "warning"
        told = f"{name} works" if fault is None else f"{name} does not work: {fault}"
        yield Finding(level, "device", told, "" if fault is None else "Pass --device cpu until it does.")
    if (card := unused_card(names[0])) is not None:
        yield Finding("warning", "graphics card", card, f"For its use: {CUDA_BUILD}")


def _codec() -> Finding:
    """A short film written and read again: H.264, which most recordings are in."""
    from gambol.video.reader import open_video
    from gambol.video.writer import VideoWriter

    film = np.zeros((8, 48, 64, 3), np.uint8)
    film[np.arange(8), :, 8 * np.arange(8)] = 255
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "film.mp4"
            with VideoWriter(path, 25.0, (48, 64)) as writer:
                for image in film:
                    writer.write(image)
            with open_video(path) as reader:
                error = float(np.abs(reader.read(5).astype(int) - film[5].astype(int)).mean())
                count = len(reader)
    except (GambolError, OSError, RuntimeError, ValueError) as fault:
        return Finding("refusal", "video", f"H.264 cannot be written and read ({fault})", UPGRADE)
    if count != len(film) or error > 16:
        return Finding("refusal", "video", f"H.264 comes back changed: {count} frames for {len(film)}", UPGRADE)
    return Finding("ok", "video", "H.264 is written and read exactly, frame by frame")


def _engines() -> Iterator[Finding]:
    """Each engine that there is with a small network, and how fast it is."""
    import torch

    from gambol.inference.engines.export import export
    from gambol.inference.engines.openvino import OpenVINOEngine
    from gambol.inference.engines.torch import TorchEngine
    from gambol.labels.skeleton import Skeleton
    from gambol.pipelines.saved import write_stage
    from gambol.pipelines.stage import StageConfig

    stage = StageConfig.model_validate({
        "name": "single", "skeleton": Skeleton(("nose",)), "channels": 1, "view": {"kind": "frame", "multiple": 16},
        "backbone": {"kind": "unet", "filters": 16, "max_stride": 16, "output_stride": 4},
        "heads": {"nodes": {"kind": "confidence_maps", "nodes": 1}}})

    model = stage.build().eval()
    reference = TorchEngine(model, torch.device("cpu"), bf16=False)
    yield _timed(reference.name, reference)
    try:
        with tempfile.TemporaryDirectory() as folder:
            write_stage(Path(folder), stage, model.state_dict())
            fast = OpenVINOEngine(export(Path(folder), stage), ["nodes"])
    except EngineUnavailable as error:
        yield Finding("warning", "engine", f"OpenVINO does not work ({error}): prediction on the CPU is several times "
                      "slower without it", "pip install openvino")
        return
    yield _timed(fast.name, fast)


def _timed(name: str, engine: Network) -> Finding:
    image, count = np.zeros((1, SIDE, SIDE, 1), np.uint8), 0
    engine(image)
    began = time.perf_counter()
    while time.perf_counter() - began < SECONDS:
        engine(image)
        count += 1
    speed = count / (time.perf_counter() - began)
    return Finding("ok", "engine", f"{name}: {speed:.0f} images of {SIDE} x {SIDE} px a second, one at a time",
                   data={"engine": name, "images_per_second": speed})


def _cores() -> Finding:
    cores, limit = os.cpu_count() or 1, os.environ.get("OMP_NUM_THREADS")
    if limit is not None and limit.isdigit() and int(limit) < cores:
        return Finding("warning", "cores", f"{cores}, but OMP_NUM_THREADS={limit} lets PyTorch use only {limit}",
                       "Unset OMP_NUM_THREADS to train on all of them.")
    return Finding("ok", "cores", str(cores))


def _memory() -> Finding:
    free = free_memory()
    if free is None:
        return Finding("ok", "memory", "this system does not say how much is free")
    little = free < LITTLE_MEMORY
    remedy = "Close other programs before you train." if little else ""
    return Finding("warning" if little else "ok", "memory", f"{free / 1e9:.1f} GB are free", remedy, {"free": free})


def _places() -> Iterator[Finding]:
    """Room where things are kept, and whether anything can be written there."""
    places = {"cache": user_cache(), "temporary files": Path(tempfile.gettempdir()), "this folder": Path.cwd()}
    for name, place in places.items():
        there = next(path for path in (place, *place.parents) if path.exists())
        if not os.access(there, os.W_OK):
            yield Finding("warning", name, f"{place} cannot be written to", "Choose a folder in which you may write.")
            continue
        free = shutil.disk_usage(there).free
        little = free < LITTLE_DISK
        yield Finding("warning" if little else "ok", name, f"{place}, {free / 1e9:.1f} GB free",
                      "Free some space." if little else "", {"free": free})
