"""A prediction that is killed at any moment, or stopped, goes on with the same command to the same result."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from gambol.formats import load
from gambol.inference.parts import folder_of, kept
from gambol.labels.columns import FRAME_FIELDS, ROW_FIELDS
from gambol.worlds.film import render
from gambol.worlds.world import World, WorldConfig

FRAMES = 160
GAMBOL = """
import faulthandler, signal, time
faulthandler.dump_traceback_later(100, exit=True)  # a process that hangs says where
signal.signal(signal.SIGINT, signal.default_int_handler)  # as in a terminal, however the tests were started
from gambol.inference import collect
found = collect.predict_frames

def slowly(*words, **options):
    for result in found(*words, **options):
        time.sleep(0.01)
        yield result

collect.predict_frames, collect.SECONDS = slowly, 0.0  # time to be killed, and a part for each block
from gambol.cli import main
main()
"""


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    """Two geckos, long enough to be killed often."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    render(World(WorldConfig(frames=FRAMES, height=64, width=80, animal_size=30, margin=0.4, animals=2)), path)
    return path


@pytest.fixture
def start(trained, film):
    """Start a prediction of the film in a process of its own."""
    processes = []

    def begin(out: Path) -> subprocess.Popen:
        words = ["predict", film, "-m", trained.run, "-o", out, "--device", "cpu", "--threshold", 0,
                 "--animal-threshold", 0.001, "--animals", 2]
        command = [sys.executable, "-c", GAMBOL, *map(str, words)]
        processes.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return processes[-1]

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


def wait_for_more(out: Path, before: int, process: subprocess.Popen) -> None:
    """Until more frames are done than before, or the process has ended."""
    while process.poll() is None and kept(out) <= before:
        time.sleep(0.005)


def test_killed_at_random_moments_it_goes_on_to_the_same_result(start, tmp_path):
    out, whole = tmp_path / "out.slp", tmp_path / "whole.slp"
    undisturbed = start(whole)
    assert undisturbed.wait(200) == 0
    moments, done = random.Random(0), 0
    for _ in range(3):
        process = start(out)
        wait_for_more(out, done, process)
        time.sleep(moments.uniform(0, 0.2))
        process.kill()
        process.communicate()
        assert out.exists() or kept(out) > done, "it has to go on from kill to kill"
        done = kept(out)
    end = start(out)
    said, errors = end.communicate(timeout=200)
    assert end.returncode == 0, errors
    assert f"{done} frames were there already" in said
    result, expected = load(out), load(whole)
    assert len(result) == FRAMES
    for name in (*ROW_FIELDS, *FRAME_FIELDS, "row_start"):
        np.testing.assert_array_equal(getattr(result, name), getattr(expected, name), err_msg=name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.slp", "whole.slp"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT between processes")
def test_ctrl_c_ends_it_with_130_and_says_what_stays(start, tmp_path):
    out = tmp_path / "out.slp"
    process = start(out)
    wait_for_more(out, 0, process)
    process.send_signal(signal.SIGINT)
    said, errors = process.communicate(timeout=200)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert f"{kept(out)} frames stay in {folder_of(out)}, and the same command goes on from there." in said
    assert kept(out) >= 16
    assert [path.name for path in tmp_path.iterdir()] == ["out.slp.parts"]
