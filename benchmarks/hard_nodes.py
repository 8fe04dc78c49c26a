"""What online hard-node mining does to the nodes of centered_pair: the centred instance trained with and without it.

For: whoever changes the loss of confidence maps, and for docs/benchmarks.md.
Command: `GAMBOL_DATA=... python benchmarks/hard_nodes.py [--minutes M] [--seeds N]`; N x 3 trainings of M minutes each.
Every network looks at crops around the true places on the validation frames, so that finding animals plays no part.
What is in the results at these minutes is not done again.
Writes: benchmarks/results/hard_nodes.json after each training; runs go to FOLDER (build/hard_nodes).
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

import torch
from accuracy import RESULTS, Stages, machine, rounded, say

from gambol.data.frames import FrameStore
from gambol.evaluation.report import evaluate
from gambol.formats import load
from gambol.inference.engines.torch import TorchEngine
from gambol.labels.columns import PREDICTED, USER, Columns
from gambol.labels.convert import from_poses, labelled_for_training
from gambol.labels.convert import poses as poses_of
from gambol.nn.device import choose_device, gains_from_bf16
from gambol.pipelines.base import PredictOptions
from gambol.pipelines.choose import assemble
from gambol.pipelines.saved import read_stage, read_weights
from gambol.storage import write_text
from gambol.training.job import TrainingJob, make_job
from gambol.training.run import run

STAGE = "centered_instance"
VARIANTS: dict[str, dict[str, Any] | None] = {"off": None, "as SLEAP": {}, "gentle": {"weight": 1.0}}

Figures = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5.0, help="of training, each")
    parser.add_argument("--seeds", type=int, default=2, help="trainings of each variant")
    parser.add_argument("--out", type=Path, default=Path("build/hard_nodes"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--results", type=Path, default=RESULTS)
    asked = parser.parse_args()
    if not os.environ.get("GAMBOL_DATA"):
        sys.exit("Set GAMBOL_DATA to the folder of recordings; nothing was measured.")
    torch.set_num_threads(asked.threads)
    file = asked.results / "hard_nodes.json"
    results: Figures = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {"runs": []}
    for seed in range(asked.seeds):
        for variant in VARIANTS:
            key = {"variant": variant, "seed": seed, "minutes": asked.minutes}
            if any(key.items() <= one.items() for one in results["runs"]):
                say(f"{variant}, seed {seed}: in the results already")
                continue
            figures = key | measured(job(variant, seed, asked))
            results["machine"] = machine(asked.threads)
            results["runs"].append(figures)
            write_text(file, json.dumps(rounded(results), indent=1) + "\n")
            say(f"{variant}, seed {seed}: {rounded(figures['mean'])} px mean error")


def job(variant: str, seed: int, asked: argparse.Namespace) -> TrainingJob:
    """A top-down training that spends next to nothing on finding animals."""
    data = Path(os.environ["GAMBOL_DATA"]).resolve() / "centered_pair"
    stage = {"hard_nodes": VARIANTS[variant]} if VARIANTS[variant] is not None else {}
    return make_job({
        "labels": data / "centered_pair.gt.train.slp", "validation": data / "centered_pair.gt.val.slp",
        "out": asked.out / variant.replace(" ", "_") / str(seed), "overwrite": True, "seed": seed,
        "minutes": asked.minutes,
        "pipeline": {"kind": "top-down", "centroid": {"effort": 1e-3}, STAGE: stage},
    })


def measured(asked: TrainingJob) -> Figures:
    """Train the stage, and tell how far its nodes are from the validation labels."""
    stages = Stages()
    for event in run(asked):
        stages.show(event)
        if event.kind == "phase" and "run" in event.data:
            folder = Path(event.data["run"])
        if (event.kind, event.stage) == ("finished", STAGE):
            break
    assert asked.validation is not None
    report = found_in(labelled_for_training(load(asked.validation)), asked.validation.parent, folder)
    nodes = {name: one["error_px"]["mean"] for name, one in report["nodes"].items()}
    return {
        "steps": stages.figures[STAGE]["steps"], **{key: report["error_px"][key] for key in ("mean", "median", "p95")},
        "pck5": report["pck"]["5"], "nodes": nodes,
    }


def found_in(labels: Columns, base: Path, run_folder: Path) -> Figures:
    """The report of what the stage finds in crops around the true places."""
    store = FrameStore(labels, base)
    places = [labels.frame_at(position) for position in range(len(labels))]
    device = choose_device("auto")
    stage = read_stage(run_folder / STAGE)
    network = TorchEngine(read_weights(run_folder / STAGE, stage).to(device), device, gains_from_bf16(device))
    stages = {"centroid": read_stage(run_folder / "centroid"), STAGE: stage}
    pipeline = assemble(stages, {STAGE: network}, PredictOptions())
    truth = [poses_of(labels, *place) for place in places]
    pairs = pipeline.check(STAGE, [store.image(*place) for place in places], truth)
    found, true = (
        from_poses(labels.skeleton, labels.videos, [(*place, pair[side]) for place, pair in zip(
            places, pairs, strict=True)], kind)
        for side, kind in ((0, PREDICTED), (1, USER))
    )
    return evaluate(true, found).as_json()


if __name__ == "__main__":
    main()
