"""What `auto` recommends beside each fixed recipe of the same pipeline, at equal minutes, on validation frames.

For: whoever changes a recipe or the rules of `auto`, and for docs/benchmarks.md.
Command: `GAMBOL_DATA=... python benchmarks/recipes.py [--set mirror_mouse ...] [--minutes M] [--out FOLDER]`.
With 2 minutes a stage all of it takes some 40 minutes. What is in the results at these minutes is not done again, so
that it can be stopped and gone on with at any time. A recipe that asks for the very networks that were trained under
another name (as `auto` often does) shares their figures: two trainings of one thing would differ by chance alone.
Writes: benchmarks/results/recipes.json after each training; runs go to FOLDER (build/recipes).
"""

import argparse
import hashlib
import json
import math
import os
import sys
from pathlib import Path
from typing import Any

import torch
from accuracy import RESULTS, SEED, TRIALS, carry_out, machine, rounded, say

from gambol.storage import write_text
from gambol.training.compose import Composed, compose

SETS = "centered_pair", "flies13", "mirror_mouse", "dlc_reaching"
SIZES = "small", "medium", "large"
WORST = 1.1  # times the error of the best fixed recipe that `auto` may have

Figures = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", dest="sets", action="append", choices=SETS, help="may be repeated; none: all")
    parser.add_argument("--minutes", type=float, default=2.0, help="of training, each stage")
    parser.add_argument("--out", type=Path, default=Path("build/recipes"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--results", type=Path, default=RESULTS)
    asked = parser.parse_args()
    if not os.environ.get("GAMBOL_DATA"):
        sys.exit("Set GAMBOL_DATA to the folder of recordings; nothing was measured.")
    torch.set_num_threads(asked.threads)
    file = asked.results / "recipes.json"
    results: Figures = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {"sets": {}}
    for name in asked.sets or SETS:
        own: dict[str, Figures] = results["sets"].setdefault(name, {})
        for recipe in (*(f"{TRIALS[name].pipeline}.{size}" for size in SIZES), "auto"):
            if recipe in own and own[recipe]["minutes"] == asked.minutes:
                say(f"{name}, {recipe}: in the results already")
                continue
            own[recipe] = figures_of(job(name, recipe, asked), own, asked.minutes)
            results["machine"] = machine(asked.threads)
            write_text(file, json.dumps(rounded(results), indent=1) + "\n")
            say(f"{name}, {recipe}: {rounded(own[recipe]['mean'])} px mean error")
        say(f"{name}: auto has {beside_best(own):.2f} times the error of the best fixed recipe, {WORST} allowed")


def job(name: str, recipe: str, asked: argparse.Namespace) -> Composed:
    """The training of a set by a recipe."""
    trial = TRIALS[name]
    data = Path(os.environ["GAMBOL_DATA"]).resolve() / trial.folder
    content = {
        "labels": data / f"{trial.train}.slp", "validation": data / f"{trial.val}.slp", "minutes": asked.minutes,
        "out": asked.out / name / recipe, "overwrite": True, "seed": SEED,
    }
    return compose(content, recipe)


def figures_of(composed: Composed, others: dict[str, Figures], minutes: float) -> Figures:
    """How good the training gets on the frames that validate, in pixels over the nodes that were found."""
    asked = json.dumps(composed.job.pipeline.model_dump(mode="json"), sort_keys=True)
    networks = hashlib.sha256(asked.encode()).hexdigest()[:16]
    for other, figures in others.items():
        if (figures["networks"], figures["minutes"]) == (networks, minutes):
            return {**figures, "as": figures.get("as", other)}
    training, scores = carry_out(composed.job)
    report = scores["val"]
    return {
        "minutes": minutes, "networks": networks, "kind": composed.job.pipeline.kind,
        "chosen": {reason.setting: reason.value for reason in composed.chosen},
        "steps": {stage: made["steps"] for stage, made in training["stages"].items()},
        **{key: report["error_px"][key] for key in ("mean", "median", "p95")},
        "mAP": report["oks"]["mAP"], "missed_points": report["missed_points"],
    }


def beside_best(own: dict[str, Figures]) -> float:
    """The mean error of `auto`, divided by that of the fixed recipe that has the least."""
    errors = {recipe: math.inf if one["mean"] is None else one["mean"] for recipe, one in own.items()}  # nothing found
    return float(errors["auto"] / min(error for recipe, error in errors.items() if recipe != "auto"))


if __name__ == "__main__":
    main()
