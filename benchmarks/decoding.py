"""How long it takes to turn maps into animals: peaks, refinement, lines and grouping, on ideal maps of made-up animals.

For: whoever changes a codec, and for docs/benchmarks.md.
Command: `python benchmarks/decoding.py`. A minute on one core, of which nothing else should make use.
Writes: benchmarks/results/decoding.json.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from gambol.data.crops import WholeFrame
from gambol.geometry.affine import Affine
from gambol.labels.skeleton import Skeleton
from gambol.nn.backbones import UNetConfig
from gambol.nn.codecs import confidence_maps, part_affinity_fields
from gambol.nn.heads import ConfidenceMapsConfig, PartAffinityFieldsConfig
from gambol.pipelines.base import PredictOptions
from gambol.pipelines.bottom_up import BottomUp
from gambol.pipelines.stage import StageConfig
from gambol.storage import write_text

RESULTS = Path(__file__).parent / "results"
SCENES = ((2, 24, 384), (5, 24, 512), (10, 24, 768), (30, 30, 1280))  # animals, nodes, side of the input
LENGTH, EDGE = 110.0, 35.0  # of an animal, of an edge, input pixels
TURNS = 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, default=RESULTS)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    scenes = [measure(*scene) for scene in SCENES]
    for one in scenes:
        print(f"{one['animals']} animals of {one['nodes']} nodes: {one['ms']:.2f} ms a frame "
              f"(peaks {one['peaks_ms']:.2f}, grouping {one['grouping_ms']:.2f}), found {one['found']}")
    write_text(asked.results / "decoding.json", json.dumps({"scenes": scenes}, indent=1) + "\n")


def measure(animals: int, nodes: int, side: int) -> dict[str, Any]:
    """Milliseconds for one frame, median of the turns: all, up to the peaks, and from there on."""
    rng = np.random.default_rng(animals)
    edges = tuple((int(rng.integers(max(0, node - 4), node)), node) for node in range(1, nodes))
    points = torch.from_numpy(herd(rng, animals, edges, side))[None]
    head = ConfidenceMapsConfig(nodes=nodes, sigma=3.8, stride=4)
    fields = PartAffinityFieldsConfig(edges=edges, sigma=4.0, stride=8, lengths=(EDGE,) * len(edges))
    stage = StageConfig(
        name="bottom_up", skeleton=Skeleton(tuple(map(str, range(nodes))), edges), channels=1, backbone=UNetConfig(),
        view=WholeFrame(multiple=16), heads={"nodes": head, "edges": fields})
    pipeline = BottomUp({"bottom_up": stage}, {}, PredictOptions())
    maps = {
        "nodes": confidence_maps.brightest(points, (side // 4, side // 4), head.sigma, 4).float().numpy(),
        "edges": part_affinity_fields.encode(points, edges, (side // 8, side // 8), fields.sigma, 8).float().numpy(),
    }
    whole = milliseconds(lambda: pipeline.group(maps, [Affine.identity()]))
    peaks = milliseconds(lambda: confidence_maps.decode_each(maps["nodes"], head.sigma, 4, 0.2))
    [poses] = pipeline.group(maps, [Affine.identity()])
    return {"animals": animals, "nodes": nodes, "side": side, "found": len(poses), "ms": round(whole, 3),
            "peaks_ms": round(peaks, 3), "grouping_ms": round(whole - peaks, 3)}


def herd(rng: np.random.Generator, animals: int, edges: tuple[tuple[int, int], ...], side: int) -> np.ndarray:
    """Animals on a random tree, each within its own part of the picture: (animal, node, 2)."""
    places = int(np.ceil(np.sqrt(animals)))
    herd = np.empty((animals, len(edges) + 1, 2))
    for animal in range(animals):
        corner = np.array(divmod(animal, places)) * (side - LENGTH) / max(1, places - 1)
        herd[animal, 0] = corner + LENGTH / 2
        for source, node in edges:
            angle = rng.uniform(0, 2 * np.pi)
            step = EDGE * rng.uniform(0.5, 1) * np.array([np.cos(angle), np.sin(angle)])
            herd[animal, node] = np.clip(herd[animal, source] + step, corner, corner + LENGTH - 1)
    return herd


def milliseconds(work: Callable[[], object]) -> float:
    """Median time of the work."""
    times = []
    for _ in range(TURNS):
        began = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


if __name__ == "__main__":
    main()
