"""Ctrl-C in a terminal: once ends the stage, twice everything; what was learnt stays."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gambol.pipelines.saved import find_stages, read_stage, read_weights

GAMBOL = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # as in a terminal, however the tests were started
from gambol.cli import main
main()
"""


def wait_for(kind: str, diary: Path, process: subprocess.Popen, seconds: float = 200) -> None:
    """Until the diary of a run tells of this kind of event."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, process.communicate()
        if diary.is_file() and f'"kind": "{kind}"' in diary.read_text():
            return
        time.sleep(0.05)
    process.kill()
    raise AssertionError(f"no event '{kind}' within {seconds} s")


@pytest.fixture
def training(lone_gecko, tiny, tmp_path):
    """A training without end, as a process in a terminal, and its run folder."""
    run = tmp_path / "run"
    words = ["train", "--labels", lone_gecko.labels, "--pipeline", "single", "--out", run, "--epochs", "100000",
             "--device", "cpu", "--set", f"pipeline.single={json.dumps(tiny['single']['single'])}"]
    command = [sys.executable, "-c", GAMBOL, *map(str, words)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    yield process, run
    process.kill()


def kinds(run: Path) -> list[str]:
    return [json.loads(line)["kind"] for line in (run / "events.jsonl").read_text().splitlines()]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT between processes")
class TestCtrlC:
    def test_once_ends_the_stage_early_and_the_run_goes_on_to_its_end(self, training):
        process, run = training
        wait_for("best", run / "events.jsonl", process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        assert "Press Ctrl-C once more to stop everything" in out
        assert "The model is in" in out
        assert "stopped" in kinds(run) and kinds(run)[-1] == "finished"
        assert (run / "metrics.val.json").is_file()

    def test_twice_ends_everything_with_130_and_keeps_the_best_weights(self, training):
        process, run = training
        wait_for("best", run / "events.jsonl", process)
        process.send_signal(signal.SIGINT)
        time.sleep(0.01)  # two signals at the same moment are one
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 130, err
        assert "Traceback" not in err
        assert "The best weights of each stage so far are kept" in out
        assert f"gambol train --resume {run}" in out.replace("\n", "")
        folder = find_stages([run])["single"]
        read_weights(folder, read_stage(folder))
        assert kinds(run)[-1] == "cancelled"
