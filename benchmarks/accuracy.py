"""Train, predict and evaluate on real recordings with the defaults of gambol: how good it gets in a few minutes.

For: whoever changes a recipe, and for docs/benchmarks.md.
Command: `GAMBOL_DATA=... python benchmarks/accuracy.py [--set centered_pair ...] [--minutes M] [--out FOLDER]`.
All sets take 90 minutes of training at their own lengths; each stage of a pipeline counts by itself.
Writes: benchmarks/results/<set>.json, figures only; runs and predictions go to FOLDER (build/benchmarks).
"""

import argparse
import json
import os
import sys
import time
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from training_step import StepClock

from gambol.evaluation.report import Evaluation, evaluate
from gambol.formats import load, save
from gambol.inference.predict import PredictionRequest, predict
from gambol.labels.convert import labelled_for_training
from gambol.labels.paths import resolve
from gambol.nn.device import choose_device, gains_from_bf16
from gambol.runs.events import Event
from gambol.storage import write_text
from gambol.training.job import TrainingJob, make_job
from gambol.training.run import run

RESULTS = Path(__file__).parent / "results"
SEED = 0


@dataclass(frozen=True)
class Trial:
    """What is trained and tested; files are .slp below a folder of $GAMBOL_DATA, named without the ending.

    minutes: of training, each stage. frames: train on so many labelled frames only, drawn by SEED.
    """

    folder: str
    pipeline: str
    minutes: float
    train: str
    tests: tuple[str, ...]
    val: str | None = None
    frames: int | None = None


TRIALS = {
    "centered_pair": Trial(
        "centered_pair", "top-down", 10, "centered_pair.gt.train",
        ("centered_pair.gt.test", "centered_pair.hand.test"), "centered_pair.gt.val",
    ),
    "tutorial": Trial(
        "centered_pair", "top-down", 5, "centered_pair.hand.train", ("centered_pair.hand.test",), frames=10),
    "flies13": Trial(
        "flies13_clip", "top-down", 10, "flies13_clip.gt.train", ("flies13_clip.gt.test",), "flies13_clip.gt.val"),
    "mirror_mouse": Trial(
        "mirror_mouse", "single", 10, "mirror_mouse.train", ("mirror_mouse.test",), "mirror_mouse.val"),
    "centered_pair.bottom-up": Trial(
        "centered_pair", "bottom-up", 10, "centered_pair.gt.train",
        ("centered_pair.gt.test", "centered_pair.hand.test"), "centered_pair.gt.val",
    ),
    "flies13.bottom-up": Trial(
        "flies13_clip", "bottom-up", 10, "flies13_clip.gt.train", ("flies13_clip.gt.test",), "flies13_clip.gt.val"),
    "dlc_reaching": Trial("dlc_reaching", "single", 10, "reaching.train", ("reaching.test",), "reaching.val"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", dest="sets", action="append", choices=TRIALS, help="may be repeated; none: all")
    parser.add_argument("--minutes", type=float, help="of training, each stage, instead of the set's own")
    parser.add_argument("--out", type=Path, default=Path("build/benchmarks"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--results", type=Path, default=RESULTS)
    asked = parser.parse_args()
    if not os.environ.get("GAMBOL_DATA"):
        sys.exit("Set GAMBOL_DATA to the folder of recordings; nothing was measured.")
    torch.set_num_threads(asked.threads)
    for name in asked.sets or TRIALS:
        trial = TRIALS[name]
        trial = replace(trial, minutes=asked.minutes or trial.minutes)
        data = Path(os.environ["GAMBOL_DATA"]).resolve() / trial.folder
        say(f"{name}: {trial.pipeline}, {trial.minutes:g} minutes a stage")
        result = {"set": name, "pipeline": trial.pipeline, "minutes": trial.minutes, "machine": machine(asked.threads)}
        result["training"] = train(trial, data, asked.out / name)
        result["tests"] = {test: score(data / f"{test}.slp", asked.out / name) for test in trial.tests}
        write_text(asked.results / f"{name}.json", json.dumps(rounded(result), indent=1) + "\n")


def train(trial: Trial, data: Path, out: Path) -> dict[str, Any]:
    """Train as `gambol train` does without a recipe; returns seconds, frames, and each stage's figures."""
    labels = data / f"{trial.train}.slp"
    if trial.frames is not None:
        labels = some_frames(labels, trial.frames, out / "train.slp")
    content: dict[str, Any] = {
        "labels": labels, "pipeline": {"kind": trial.pipeline}, "minutes": trial.minutes, "out": out / "run",
        "overwrite": True, "seed": SEED,
    }
    if trial.val is not None:
        content["validation"] = data / f"{trial.val}.slp"
    return carry_out(make_job(content, []))[0]


def carry_out(job: TrainingJob) -> tuple[dict[str, Any], dict[str, Any]]:
    """Train, and tell how it goes; returns seconds, frames and each stage's figures, and the scores of each part."""
    began, stages = time.monotonic(), Stages()
    for event in run(job):
        stages.show(event)
        if event.kind == "warning":
            say(event.data["text"])
    scores: dict[str, Any] = event.data["metrics"]
    parts = {part: figures["frames"] for part, figures in scores.items()}
    return {"seconds": time.monotonic() - began, "frames": parts, "stages": stages.figures}, scores


class Stages:
    """What the stages of a training tell, as progress lines and as figures."""

    def __init__(self) -> None:
        self.figures: dict[str, dict[str, Any]] = {}
        self.clocks: dict[str, StepClock] = {}
        self.began = 0.0

    def show(self, event: Event) -> None:
        """Take in one event."""
        if event.stage is None:
            return
        clock = self.clocks.setdefault(event.stage, StepClock())
        clock.show(event)
        match event.kind:
            case "phase" if event.data["phase"] == "first step":
                self.began = time.monotonic()
            case "epoch":
                shown = ("epoch", "step", "train_loss", "val_loss", "accuracy_median", "accuracy_found")
                told = {key: event.data[key] for key in shown if key in event.data}
                say(f"{event.stage}: " + ", ".join(f"{key} {value:.5g}" for key, value in told.items()))
            case "finished":
                seconds = time.monotonic() - self.began
                made = {"steps": event.data["steps"], "best_epoch": event.data["best_epoch"], "seconds": seconds}
                self.figures[event.stage] = made | clock.figures()


def some_frames(path: Path, count: int, out: Path) -> Path:
    """Write `count` labelled frames of a project to a file of their own."""
    labels = labelled_for_training(load(path))
    chosen = np.random.default_rng(SEED).choice(len(labels), size=count, replace=False)
    labels = replace(labels, videos=[resolve(video, path.parent) for video in labels.videos])
    save(labels.select_frames(np.sort(chosen)), out)
    return out


def score(test: Path, out: Path) -> dict[str, Any]:
    """Predict the labelled frames of a test file as `gambol predict --on labelled` does, and evaluate them."""
    found = out / f"{test.stem}.predictions.slp"
    *_, end = predict(PredictionRequest(test, [out / "run"], found, on="labelled", overwrite=True))
    speed = end.done / end.seconds
    result = evaluate(load(test), load(found))
    error = ", ".join(f"{key} {result.error_px[key]:.2f}" for key in ("median", "mean", "p95"))
    say(f"{test.stem}: mAP {result.oks['mAP']:.3f}, {error} px, {speed:.1f} frames/s")
    return {"frames_per_second": speed} | figures_of(result)


def figures_of(result: Evaluation) -> dict[str, Any]:
    """An evaluation for the table: also the share of frames in which every animal was found, and less of the nodes."""
    report = result.as_json()
    report["complete_frames"] = float(np.mean([frame.missed_instances == 0 for frame in result.frame_reports]))
    report["predicted_instances"] = result.instances - result.missed_instances + result.extra_instances
    for node in report["nodes"].values():
        node["error_px"] = {key: node["error_px"][key] for key in ("mean", "median", "p95")}
        del node["pck"]
    return report


def machine(threads: int) -> dict[str, Any]:
    """What of the machine and the versions bears on the figures."""
    device = choose_device("auto")
    return {
        "gambol": version("gambol"), "torch": version("torch"), "device": device.type, "threads": threads,
        "precision": "bf16" if gains_from_bf16(device) else "fp32",
    }


def rounded(value: Any) -> Any:
    """The same with numbers to four significant digits."""
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    return float(f"{value:.4g}") if isinstance(value, float) else value


def say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {line}", flush=True)


if __name__ == "__main__":
    main()
