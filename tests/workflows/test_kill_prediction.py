"""`kill -9` at the prediction that follows a training, then `gambol train --resume`: it comes to the same."""

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from gambol.formats import load
from gambol.runs.layout import RunFolder

GAMBOL = """
import os, signal, sys
from gambol.inference import collect
from gambol.runs.events import Diary
from gambol.training import loop, prediction

collect.SECONDS = prediction.SECONDS_BETWEEN_EVENTS = 0
loop.steps_per_epoch = lambda samples, batch: 10
last, write = int(sys.argv.pop(1)), Diary.write

def writing(diary, event):
    write(diary, event)
    if event.data.get("phase") == "prediction" and event.data["done"] == last:
        os.kill(os.getpid(), signal.SIGKILL)

Diary.write = writing
from gambol.cli import main
main()
"""


def gambol(*words: object, last: int = -1) -> int:
    """Run `gambol` in a process of its own, to its end or until so many frames are predicted."""
    ended = subprocess.run([sys.executable, "-c", GAMBOL, str(last), *map(str, words)], capture_output=True, text=True)
    assert ended.returncode in (0, -signal.SIGKILL), ended.stderr
    return ended.returncode


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_killed_prediction_goes_on_where_it_was_and_gives_what_the_command_gives(lone_gecko, tiny, tmp_path):
    run = RunFolder(tmp_path / "run")
    words = ["train", "--labels", lone_gecko.labels, "--pipeline", "single", "--out", run.path, "--epochs", 1,
             "--device", "cpu", "--set", f"pipeline.single={json.dumps(tiny['single']['single'])}",
             "--set", "after.predict.on=all"]
    assert gambol(*words, last=20) == -signal.SIGKILL
    assert run.scored and not run.complete and not run.project_predictions.exists()
    assert gambol("train", "--resume", run.path) == 0
    assert run.complete
    assert gambol("predict", lone_gecko.labels, "-m", run.path, "-o", tmp_path / "undisturbed.slp") == 0
    found, undisturbed = load(run.project_predictions), load(tmp_path / "undisturbed.slp")
    assert found.provenance["frames_before"] == 16
    assert np.array_equal(found.points, undisturbed.points, equal_nan=True)
    left = [path for path in tmp_path.rglob("*") if path.name.endswith((".tmp", ".lock", ".parts"))]
    assert left == []
