"""Ctrl-C in a terminal: exit code 130, and what was learnt stays."""

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


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT between processes")
def test_ctrl_c_ends_a_training_with_130_and_keeps_the_best_weights(lone_gecko, tiny, tmp_path):
    run = tmp_path / "run"
    words = ["train", "--labels", lone_gecko.labels, "--pipeline", "single", "--out", run, "--epochs", "100000",
             "--device", "cpu", "--set", f"pipeline.single={json.dumps(tiny['single']['single'])}"]
    command = [sys.executable, "-c", GAMBOL, *map(str, words)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        wait_for("best", run / "events.jsonl", process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert "The best weights of each stage so far are kept" in out
    folder = find_stages([run])["single"]
    read_weights(folder, read_stage(folder))
    assert json.loads((run / "events.jsonl").read_text().splitlines()[-1])["kind"] == "failed"
