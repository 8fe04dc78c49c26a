"""`kill -9` at a training, then `gambol train --resume`: it comes to what the undisturbed one comes to."""

import csv
import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from gambol.runs.events import read_events
from gambol.runs.layout import RunFolder

EPOCHS, STEPS = 3, 20

GAMBOL = f"""
import os, signal, sys
from gambol.runs.events import Diary
from gambol.training import loop
from gambol.training.loop import StageTraining

moment = sys.argv.pop(1).split()
loop.steps_per_epoch = lambda samples, batch: {STEPS}
loop.SECONDS_BETWEEN_CHECKPOINTS = float(sys.argv.pop(1))
learn, write = StageTraining._learn, Diary.write

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def learning(training, batch, used):
    if moment == ["step", training.plan.stage.name, str(training.reached.step)]:
        die()
    return learn(training, batch, used)

def writing(diary, event):
    write(diary, event)
    if moment == [event.data.get("phase", "").partition(" ")[0], str(event.data.get("done"))]:
        die()

StageTraining._learn, Diary.write = learning, writing
from gambol.cli import main
main()
"""

MOMENTS = (  # (when it is killed, seconds between the checkpoints of an epoch)
    ("cache 3", 60),
    ("step centroid 33", 0),
    ("step centered_instance 51", 60),
    ("metrics 2", 60),
)


def gambol(*words: object, moment: str = "never", seconds: float = 60) -> int:
    """Run `gambol` in a process of its own, with one thread, to its end or to the moment at which it is killed."""
    command = [sys.executable, "-c", GAMBOL, moment, str(seconds), *map(str, words)]
    ended = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert ended.returncode in (0, -signal.SIGKILL), ended.stderr
    return ended.returncode


def losses(folder: RunFolder, stage: str) -> list[tuple[str, ...]]:
    """The epochs of a stage as its table has them."""
    with folder.log(stage).open(newline="") as file:
        return [(row["epoch"], row["step"], row["train_loss"], row["val_loss"]) for row in csv.DictReader(file)]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_training_that_is_killed_again_and_again_comes_to_the_same_weights(geckos, tiny, tmp_path):
    undisturbed, killed = RunFolder(tmp_path / "undisturbed"), RunFolder(tmp_path / "killed")
    changes = [word for stage, settings in tiny["top-down"].items() if stage != "kind"
               for word in ("--set", f"pipeline.{stage}={json.dumps(settings)}")]

    def words(folder: RunFolder) -> list[object]:
        return ["train", "--labels", geckos.labels, "--pipeline", "top-down", "--out", folder.path, "--epochs", EPOCHS,
                "--device", "cpu", "--set", "optimizer.warmup=5", *changes]

    with ThreadPoolExecutor(1) as beside:
        other = beside.submit(gambol, *words(undisturbed))
        order = words(killed)
        for moment, seconds in MOMENTS:
            assert gambol(*order, moment=moment, seconds=seconds) == -signal.SIGKILL, moment
            order = ["train", "--resume", killed.path]
        assert gambol(*order) == 0
        assert other.result() == 0

    assert killed.complete
    for stage in ("centroid", "centered_instance"):
        weights = [folder.stage(stage) / "weights.safetensors" for folder in (undisturbed, killed)]
        assert weights[0].read_bytes() == weights[1].read_bytes()
        assert losses(killed, stage) == losses(undisturbed, stage)
        assert [int(row[0]) for row in losses(killed, stage)] == list(range(EPOCHS))
    same_figures(undisturbed, killed)
    assert [line["phase"] for line in read_events(killed.events) if line.get("phase") == "resume" and not line["stage"]
            ] == ["resume"] * len(MOMENTS)
    left = [path for path in tmp_path.rglob("*") if path.name.endswith((".tmp", ".lock", ".earlier"))]
    assert left == []


def same_figures(one: RunFolder, other: RunFolder) -> None:
    """Both predict their parts of the split equally well."""
    for part in ("train", "val"):
        first, second = (json.loads(Path(folder.metrics(part)).read_text()) for folder in (one, other))
        assert first["missed_points"] == second["missed_points"]
        assert np.array_equal(list(first["pck"].values()), list(second["pck"].values()))
