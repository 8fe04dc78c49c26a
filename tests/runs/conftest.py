"""Runs that the tests of this room look at."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def finished(trained, tmp_path) -> Path:
    """A copy of the tiny model's run, to be spoilt."""
    return shutil.copytree(trained.run, tmp_path / "runs" / "finished")


@pytest.fixture
def stopped(finished) -> Path:
    """A run that was killed while its second stage was trained: no figures, and the diary ends with a step."""
    path = shutil.copytree(finished, finished.with_name("stopped"))
    for metrics in path.glob("metrics.*.json"):
        metrics.unlink()
    lines = (path / "events.jsonl").read_text().splitlines(keepends=True)
    steps = [place for place, line in enumerate(lines) if '"step"' in line and "centered_instance" in line]
    (path / "events.jsonl").write_text("".join(lines[: steps[0] + 1]))
    return path
