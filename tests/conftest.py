"""What every test may ask for: real recordings, if this machine has them; a filmed world; a tiny trained model."""

import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from gambol.runs.events import Event
    from gambol.worlds.world import World

VARIABLE = "GAMBOL_DATA"
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")  # how fast examples are made says how busy the machine is, nothing of the code
os.environ.setdefault("OMP_NUM_THREADS", "1")  # networks of tests are tiny: a second thread mostly waits for the first


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real recordings that $GAMBOL_DATA names; without one the test is skipped, and counted.

    A variable that names no folder is a mistake, not a machine without data: then the test fails.
    """
    value = os.environ.get(VARIABLE)
    if not value:
        pytest.skip(f"needs real recordings: set {VARIABLE} to their folder")
    folder = Path(value)
    if not folder.is_dir():
        pytest.fail(f"{VARIABLE} is {value}, which is not a folder", pytrace=False)
    return folder


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Close by saying how much was left untested for want of data, so that green never hides it."""
    skipped = terminalreporter.stats.get("skipped", [])
    missed = [report for report in skipped if VARIABLE in str(report.longrepr)]
    terminalreporter.section("real recordings")
    if missed:
        terminalreporter.write_line(
            f"SKIPPED for lack of data: {len(missed)} of the tests. Set {VARIABLE} to the folder of recordings.",
            red=True, bold=True)
    else:
        terminalreporter.write_line("Skipped for lack of data: none.")


@dataclass(frozen=True)
class Film:
    """A made-up world on disk: its video, the truth about every frame, and a project with every third one labelled."""

    world: "World"
    video: Path
    truth: Path
    labels: Path


@dataclass(frozen=True)
class Trained:
    """A run, and what was told while it was trained."""

    run: Path
    events: "list[Event]"


@dataclass(frozen=True)
class Outcome:
    """How a command ended: its exit code and what it said."""

    code: int
    out: str
    err: str

    @property
    def sentences(self) -> list[str]:
        """What it said on the error stream, sentence by sentence."""
        return re.split(r"(?<=\.)\s+|\n(?=[A-Z])", self.err.strip())


def _film(folder: Path, **world: Any) -> Film:
    from gambol.formats import save
    from gambol.worlds.film import render, truth_columns
    from gambol.worlds.world import World, WorldConfig

    made = World(WorldConfig(**{"frames": 30, "height": 64, "width": 80, "animal_size": 30, "margin": 0.4} | world))
    film = Film(made, folder / "film.mp4", folder / "truth.slp", folder / "labels.slp")
    render(made, film.video)
    save(truth_columns(made, film.video), film.truth)
    save(truth_columns(made, film.video, range(0, len(made), 3)), film.labels)
    return film


@pytest.fixture(scope="session")
def geckos(tmp_path_factory: pytest.TempPathFactory) -> Film:
    """Two geckos in grey, 30 frames of 80 x 64 pixels, ten of them labelled."""
    return _film(tmp_path_factory.mktemp("geckos"), animals=2)


@pytest.fixture(scope="session")
def lone_gecko(tmp_path_factory: pytest.TempPathFactory) -> Film:
    """The same place with a single gecko."""
    return _film(tmp_path_factory.mktemp("lone_gecko"), animals=1)


@pytest.fixture(scope="session")
def coloured_geckos(tmp_path_factory: pytest.TempPathFactory) -> Film:
    """Two geckos in colour."""
    return _film(tmp_path_factory.mktemp("coloured_geckos"), animals=2, colour=True, frames=6)


@pytest.fixture(scope="session")
def tiny() -> dict[str, dict[str, Any]]:
    """Settings, by pipeline, that train in seconds what finds next to nothing."""
    backbone = {"filters": 4, "filters_rate": 1.5, "max_stride": 8, "output_stride": 4, "stem_stride": 1}
    stage = {"backbone": backbone, "scale": 1.0, "batch": 2}
    return {
        "single": {"kind": "single", "single": stage},
        "top-down": {
            "kind": "top-down", "centroid": stage | {"scale": 0.5}, "centered_instance": stage | {"crop_size": 40}},
        "bottom-up": {"kind": "bottom-up", "bottom_up": stage | {"window": 48}},
    }


@pytest.fixture(scope="session")
def small_backbones() -> dict[str, dict[str, Any]]:
    """Settings, by kind, of backbones that are small enough to train in a test."""
    decoder = {"filters": 16, "refine": 1}
    return {
        "unet": {"kind": "unet", "filters": 8, "max_stride": 8, "output_stride": 2},
        "leap": {"kind": "leap", "filters": 8, "max_stride": 4, "output_stride": 2, "down_convs": 2},
        "resnet": {"kind": "resnet", "filters": 8, "max_stride": 8, "output_stride": 2, "decoder": decoder},
        "convnext": {"kind": "convnext", "filters": 16, "stem_stride": 2, "max_stride": 8, "output_stride": 2,
                     "decoder": decoder},
        "efficientnet_lite0": {"kind": "efficientnet_lite0", "width": 0.5, "max_stride": 8, "output_stride": 2,
                               "decoder": decoder},
        "hourglass": {"kind": "hourglass", "stem_stride": 2, "max_stride": 8, "output_stride": 2, "stem_filters": 8,
                      "filters": 16, "filter_increase": 8, "stacks": 2},
    }


@pytest.fixture(scope="session")
def trained(geckos: Film, tiny: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A top-down run on the geckos, two epochs of 30 steps for each stage."""
    from gambol.training.job import TrainingJob
    from gambol.training.run import run

    out = tmp_path_factory.mktemp("trained") / "run"
    content = {"labels": geckos.labels, "out": out, "pipeline": tiny["top-down"], "epochs": 2, "device": "cpu"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gambol.training.loop.steps_per_epoch", lambda samples, batch: 30)
        return Trained(out, list(run(TrainingJob.model_validate(content))))


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Run `gambol` with these words, as a terminal would: words -> `Outcome`."""
    from gambol.cli import main

    def call(*words: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["gambol", *map(str, words)])
        capsys.readouterr()
        code: Any = 0
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        return Outcome(code, *capsys.readouterr())

    return call


@pytest.fixture
def refused(command: Callable[..., Outcome], tmp_path: Path) -> Callable[..., str]:
    """Run `gambol` with words that it has to refuse: exit code 2, three sentences, and nothing left in `tmp_path`."""

    def call(*words: object) -> str:
        before = _content(tmp_path)
        outcome = command(*words)
        assert (outcome.code, len(outcome.sentences)) == (2, 3), outcome
        assert _content(tmp_path) == before
        return outcome.err

    return call


def _content(folder: Path) -> dict[Path, float | None]:
    """Everything below a folder, and when files were written."""
    return {path: path.stat().st_mtime_ns if path.is_file() else None for path in folder.rglob("*")}
