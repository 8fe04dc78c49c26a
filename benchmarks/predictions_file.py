"""How long predictions take to write and to open, and how much memory, against the number of frames.

For: whoever changes `formats/slp*`, `labels/columns.py` or `inference/parts.py`, and for docs/benchmarks.md.
Command: `python benchmarks/predictions_file.py`, a minute or two. Needs no recordings and no network: the poses are
made up, two animals of 24 nodes in every frame. Every step is a process of its own, three times, so that its memory
is its own; the least of each figure counts.
Writes: benchmarks/results/predictions_file.json.
"""

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from gambol.formats import load
from gambol.formats.slp import SlpWriter
from gambol.inference.collect import Tally, predict_stretch
from gambol.inference.parts import Part, Parts
from gambol.labels.convert import from_poses, poses
from gambol.labels.skeleton import Skeleton
from gambol.pipelines.base import PredictOptions
from gambol.pipelines.timings import Timings
from gambol.poses import Poses
from gambol.storage import write_text
from gambol.video.source import VideoSource

RESULT = Path(__file__).parent / "results" / "predictions_file.json"
FRAMES = (10_000, 50_000, 100_000, 400_000)
ANIMALS, NODES, BLOCK, TURNS = 2, 24, 256, 3
SKELETON = Skeleton(tuple(f"node {node}" for node in range(NODES)), tuple((n, n + 1) for n in range(NODES - 1)))
VIDEO = VideoSource(Path("/made/up.mp4"))


def main() -> None:
    rows = []
    for frames in FRAMES:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "predictions.slp"
            row: dict[str, Any] = {"frames": frames}
            for step in STEPS:
                turns = [measure(step, file, frames) for _ in range(TURNS)]
                row[step] = {name: min(turn[name] for turn in turns) for name in turns[0]}
            rows.append({**row, "megabytes": file.stat().st_size / 1e6})
            print(json.dumps(rows[-1]))
    machine = {"cores": os.cpu_count(), "system": platform.platform()}
    result = {"animals": ANIMALS, "nodes": NODES, "turns": TURNS, "machine": machine, "rows": rows}
    write_text(RESULT, json.dumps(result, indent=1) + "\n")


def measure(step: str, file: Path, frames: int) -> dict[str, float]:
    """One step in a process of its own: what it says of itself."""
    command = [sys.executable, __file__, step, str(file), str(frames)]
    return dict(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))


def made_up() -> Iterator[Poses]:
    """Poses of frame after frame, without end; the same few over and over, as making them up must not be measured."""
    random = np.random.default_rng(0)
    some = [
        Poses(random.uniform(0, 400, (ANIMALS, NODES, 2)), random.uniform(0, 1, (ANIMALS, NODES)),
              random.uniform(0, 1, ANIMALS), np.full(ANIMALS, -1))
        for _ in range(BLOCK)
    ]
    while True:
        yield from some


def write(file: Path, frames: int) -> dict[str, float]:
    """Poses to the file, block by block."""
    source = enumerate(islice(made_up(), frames))
    with SlpWriter(file, SKELETON, [VIDEO], overwrite=True) as writer:
        while block := [(0, frame, found) for frame, found in islice(source, BLOCK)]:
            writer.append(from_poses(SKELETON, [VIDEO], block))
        writer.finish({})
    return {}


def parts(file: Path, frames: int) -> dict[str, float]:
    """The way that `gambol predict` takes, without video and network: into parts on the disk, then to the file."""
    source = made_up()
    pipeline = SimpleNamespace(
        options=PredictOptions(batch=16), timings=Timings(),
        predict=lambda images: list(islice(source, len(images))))
    image = np.zeros((1, 1, 1), np.uint8)
    reader = SimpleNamespace(stream=lambda asked, channels: ((frame, image) for frame in asked))
    predictor: Any = SimpleNamespace(pipeline=pipeline, channels=1, workers=1)
    store = Parts(file, SKELETON, [VIDEO])
    video: Any = reader
    for _ in predict_stretch(predictor, video, range(frames), Part(0, 0, frames), store, Tally(), 16):
        pass

    def assemble(path: Path) -> None:
        with SlpWriter(path, SKELETON, [VIDEO], overwrite=True) as writer:
            for _, columns in store.read():
                writer.append(columns)
            writer.finish({})

    store.publish(assemble, {})
    return {}


def open_lazily(file: Path, frames: int) -> dict[str, float]:
    """Open it and look at a frame in its middle; how long the frame took is said apart, in ms."""
    columns = load(file, lazy=True)
    started = time.perf_counter()
    found = poses(columns, 0, frames // 2)
    assert len(found) == ANIMALS
    return {"frame_ms": 1000 * (time.perf_counter() - started)}


def read(file: Path, frames: int) -> dict[str, float]:
    """Read all of it."""
    assert len(load(file)) == frames
    return {}


STEPS: dict[str, Callable[[Path, int], dict[str, float]]] = {
    "parts": parts, "write": write, "open": open_lazily, "read": read,
}


def one_step(arguments: Sequence[str]) -> None:
    """Do one step and say what it took, as JSON: seconds, and MB at its peak beyond those of the program itself."""
    step, file, frames = arguments
    before = peak()
    started = time.perf_counter()
    said = STEPS[step](Path(file), int(frames))
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "memory": peak() - before, **said}))


def peak() -> float:
    """The most memory that this process has had, in MB (Linux counts in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


if __name__ == "__main__":
    if len(sys.argv) > 1:
        one_step(sys.argv[1:])
    else:
        main()
