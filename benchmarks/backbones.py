"""Backbones side by side: a few minutes each on one stage; error, speed of training and of prediction, memory.

For: whoever adds or changes a backbone, and for docs/benchmarks.md.
Command: `GAMBOL_DATA=... python benchmarks/backbones.py [--minutes M] [--subject unet ...] [--out FOLDER]`.
An hour at the default of 5 minutes each. What is in the results already is not measured again, so it can be stopped.
Writes: benchmarks/results/backbones.json.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RESULT = HERE / "results" / "backbones.json"
PRETRAINED = {"kind": "efficientnet_lite0", "weights": "tunable"}
STAGE = "centered_instance"
SUBJECTS: dict[str, dict[str, Any]] = {  # of which the rest follows from the defaults of each
    "unet": {}, "leap": {"kind": "leap"}, "resnet 50": {"kind": "resnet", "version": 50},
    "convnext tiny": {"kind": "convnext", "size": "tiny"},
    "efficientnet_lite0": {"kind": "efficientnet_lite0"}, "efficientnet_lite0, ImageNet": PRETRAINED,
}
LABELLED = (20, 40, 63)  # frames of mirror_mouse


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subject", dest="subjects", action="append", choices=SUBJECTS, help="may be repeated")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("build/benchmarks/backbones"))
    parser.add_argument("--result", type=Path, default=RESULT)
    parser.add_argument("--trial", help=argparse.SUPPRESS)  # used by this program on itself
    asked = parser.parse_args()
    if not os.environ.get("GAMBOL_DATA"):
        sys.exit("Set GAMBOL_DATA to the folder of recordings; nothing was measured.")
    if asked.trial:
        print(json.dumps(carry_out(**json.loads(asked.trial))))
        return
    kept = json.loads(asked.result.read_text()) if asked.result.is_file() else {}
    for name, trial in trials(asked).items():
        if kept.get(name, {}).get("minutes") == asked.minutes:
            continue
        kept[name] = in_a_process_of_its_own(trial, asked) | {"minutes": asked.minutes}
        print(f"{time.strftime('%H:%M:%S')}  {name}: median {kept[name].get('median')} px", flush=True)
        from gambol.storage import write_text

        write_text(asked.result, json.dumps(kept, indent=1) + "\n")


def trials(asked: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """What is to be trained, by name: every backbone on crops of two flies, two of them on few frames of a mouse."""
    out = asked.out.resolve()
    every: dict[str, dict[str, Any]] = {
        f"centered_pair, {name}": {
            "folder": "centered_pair", "train": "centered_pair.gt.train", "val": "centered_pair.gt.val",
            "test": "centered_pair.gt.test", "pipeline": "top-down", "stage": STAGE, "backbone": backbone,
            "frames": None,
        }
        for name, backbone in SUBJECTS.items() if not asked.subjects or name in asked.subjects
    }
    if not asked.subjects:
        every |= {
            f"mirror_mouse, {frames} frames, {name}": {
                "folder": "mirror_mouse", "train": "mirror_mouse.train", "val": "mirror_mouse.val",
                "test": "mirror_mouse.test", "pipeline": "single", "stage": "single", "backbone": SUBJECTS[name],
                "frames": frames,
            }
            for frames in LABELLED for name in ("unet", "efficientnet_lite0, ImageNet")
        }
    return {
        name: trial | {"out": str(out / f"{number:02}"), "minutes": asked.minutes, "threads": asked.threads}
        for number, (name, trial) in enumerate(every.items())
    }


def in_a_process_of_its_own(trial: dict[str, Any], asked: argparse.Namespace) -> dict[str, Any]:
    """Carry a trial out where no other has left anything in memory."""
    words = [sys.executable, str(Path(__file__).resolve()), "--trial", json.dumps(trial)]
    done = subprocess.run(words, capture_output=True, text=True, env={
        **os.environ, "OMP_NUM_THREADS": str(asked.threads)})
    if done.returncode:
        sys.exit(f"A trial did not finish:\n{done.stdout[-1000:]}{done.stderr[-4000:]}")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def carry_out(
    folder: str, train: str, val: str, test: str, pipeline: str, stage: str, backbone: dict[str, Any],
    frames: int | None, out: str, minutes: float, threads: int,
) -> dict[str, Any]:
    """Train the stage (and whatever it needs as briefly as can be), and try it on the test frames."""
    import torch
    from accuracy import rounded, some_frames
    from training_step import StepClock

    from gambol.training.job import make_job
    from gambol.training.run import run

    torch.set_num_threads(threads)
    data, place, clock = Path(os.environ["GAMBOL_DATA"]).resolve() / folder, Path(out), StepClock()
    labels = data / f"{train}.slp"
    if frames is not None:
        labels = some_frames(labels, frames, place / "train.slp")
    changes = [f"pipeline.{stage}.backbone={json.dumps(backbone)}"] if backbone else []
    changes += ["pipeline.centroid.effort=0.01"] if pipeline == "top-down" else []
    content = {"labels": labels, "validation": data / f"{val}.slp", "out": place / "run", "overwrite": True,
               "pipeline": {"kind": pipeline}, "minutes": minutes, "device": "cpu"}
    steps = 0
    for event in run(make_job(content, changes)):
        if event.stage == stage:
            clock.show(event)
            steps = event.data.get("steps", steps)
    peak = peak_memory()
    found = tried(place / "run", stage, data / f"{test}.slp")
    figures = {"steps": steps, "steps_per_second": 1e3 / clock.figures()["period_ms"], "training_mb": peak, **found}
    result: dict[str, Any] = rounded(figures)
    return result


def tried(run: Path, stage: str, test: Path) -> dict[str, Any]:
    """Accuracy of one stage on labelled frames, whatever is before it taken for right, and how fast it is."""
    from dataclasses import replace

    from gambol.data.crops import affine_for
    from gambol.data.frames import FrameStore
    from gambol.formats import load
    from gambol.inference.predictor import load_predictor
    from gambol.labels.convert import labelled_for_training, poses
    from gambol.labels.paths import resolve
    from gambol.nn.cost import cost_of
    from gambol.training.accuracy import measure

    labels = labelled_for_training(load(test))
    labels = replace(labels, videos=[resolve(video, test.parent) for video in labels.videos])
    predictor = load_predictor([run], device="cpu")
    store = FrameStore(labels, channels=predictor.channels)
    places = [labels.frame_at(position) for position in range(len(labels))]
    images, truth = [store.image(*place) for place in places], [poses(labels, *place) for place in places]
    predictor.pipeline.check(stage, images[:2], truth[:2])  # a first call prepares what later ones use
    began = time.perf_counter()
    pairs = predictor.pipeline.check(stage, images, truth)
    seconds = time.perf_counter() - began
    config = predictor.pipeline.stages[stage]
    size = affine_for(config.view, images[0].shape[:2], (0, 0))[1]
    cost = cost_of(config.backbone, config.heads, config.channels, size, batch=1)
    return measure(pairs) | {
        "looks_per_second": sum(len(true) for _, true in pairs) / seconds, "parameters": cost.parameters,
        "gflop": cost.gflop, "receptive_field": config.backbone.receptive_field}


def peak_memory() -> float:
    """MB that this process had at most."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) / 1024


if __name__ == "__main__":
    main()
