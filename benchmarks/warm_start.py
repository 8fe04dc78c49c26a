"""What is gained by going on: ten labelled frames, then ten more from there, against twenty from nothing.

For: whoever changes how trainings start from others, and for docs/benchmarks.md.
Command: `GAMBOL_DATA=... python benchmarks/warm_start.py [--minutes M] [--seed N ...] [--twice] [--out FOLDER]`.
A seed takes 21 minutes of training at 5 minutes a stage, 14 more with --twice. Stopped, it goes on where it was.
Writes: benchmarks/results/warm_start.json, figures only; runs and predictions go to FOLDER (build/benchmarks).
"""

import argparse
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accuracy import RESULTS, Stages, machine, rounded, say, score

from gambol.formats import load, save
from gambol.labels.convert import labelled_for_training
from gambol.labels.paths import resolve
from gambol.runs.layout import RunFolder
from gambol.storage import write_text
from gambol.training.job import make_job
from gambol.training.run import resume, run

SET, TRAIN, TEST = "centered_pair", "centered_pair.hand.train", "centered_pair.hand.test"
FIRST, ALL = 10, 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5, help="of training, each stage")
    parser.add_argument("--seed", dest="seeds", type=int, action="append", help="may be repeated; none: 0, 1, 2")
    parser.add_argument("--rate", type=float, help="of the learning rate, for what goes on; none: gambol's default")
    parser.add_argument("--twice", action="store_true", help="also twenty from nothing in twice the minutes")
    parser.add_argument("--out", type=Path, default=Path("build/benchmarks/warm_start"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--results", type=Path, default=RESULTS)
    asked = parser.parse_args()
    if not os.environ.get("GAMBOL_DATA"):
        sys.exit("Set GAMBOL_DATA to the folder of recordings; nothing was measured.")
    torch.set_num_threads(asked.threads)
    data, file = Path(os.environ["GAMBOL_DATA"]).resolve() / SET, asked.results / "warm_start.json"
    compared = ways(asked)
    about = {"set": SET, "test": TEST, "ways": compared, "machine": machine(asked.threads)}
    before = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    same = all(before.get(key) == about[key] for key in ("set", "test", "ways"))
    rows: list[dict[str, Any]] = before["rows"] if same else []
    for seed in asked.seeds or (0, 1, 2):
        for way, settings in compared.items():
            if any((row["seed"], row["way"]) == (seed, way) for row in rows):
                continue
            folder = asked.out / f"{asked.minutes:g}.{seed}"
            say(f"seed {seed}: {way}")
            made = {"way": way, "seed": seed, "stages": train(way, settings, seed, data, folder)}
            rows.append(made | figures(data, folder / way))
            write_text(file, json.dumps(rounded(about | {"rows": rows}), indent=1) + "\n")


def ways(asked: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """What is compared; all train on the same frames, and validate on the same ones among them."""
    start = {} if asked.rate is None else {"learning_rate": asked.rate}
    compared = {
        "ten": {"frames": str(FIRST), "begun": "nothing", "minutes": asked.minutes},
        "warm": {"frames": str(ALL), "begun": "the weights of the row above", "minutes": asked.minutes, "start": start},
        "scratch": {"frames": str(ALL), "begun": "nothing", "minutes": asked.minutes},
    }
    if asked.twice:
        compared["twice"] = {"frames": str(ALL), "begun": "nothing", "minutes": 2 * asked.minutes}
    return compared


def train(way: str, about: dict[str, Any], seed: int, data: Path, folder: Path) -> dict[str, Any]:
    """Train one of the ways, or go on with it; returns each stage's figures."""
    out = RunFolder(folder / way / "run")
    ten, stages = folder / "ten" / "run", Stages()
    content: dict[str, Any] = {
        "labels": drawn(data, int(about["frames"]), seed, folder), "pipeline": {"kind": "top-down"}, "seed": seed,
        "minutes": about["minutes"], "out": out.path,
    }
    if way != "ten":
        content["split"] = {"keep": str(ten)}
    if "start" in about:
        content["start_from"] = {"runs": [str(ten)], **about["start"]}
    if out.complete:  # only its test was not noted
        return {}
    for event in resume(out.path) if out.job.is_file() else run(make_job(content, [])):
        stages.show(event)
        if event.kind == "warning":
            say(event.data["text"])
    return stages.figures


def drawn(data: Path, count: int, seed: int, folder: Path) -> Path:
    """A project with so many of the frames that were labelled by hand; the ten are among the twenty."""
    path = folder / f"{count}.slp"
    if not path.is_file():
        labels = labelled_for_training(load(data / f"{TRAIN}.slp"))
        labels = replace(labels, videos=[resolve(video, data) for video in labels.videos])
        order = np.random.default_rng(seed).permutation(len(labels))
        save(labels.select_frames(np.sort(order[:count])), path)
    return path


def figures(data: Path, out: Path) -> dict[str, Any]:
    """How good a run is on the test frames, without single nodes."""
    return {name: value for name, value in score(data / f"{TEST}.slp", out).items() if name != "nodes"}


if __name__ == "__main__":
    main()
