"""Labels go out as a package, a model is trained where no video is, and its predictions come home."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sleap_io

from gambol.formats import load, save
from gambol.labels.columns import PREDICTED, USER, joined


@pytest.fixture
def home(geckos, tmp_path) -> Path:
    """A project at home: ten frames labelled, predictions in all, two frames suggested; its video beside it."""
    folder = tmp_path / "home"
    folder.mkdir()
    shutil.copy(geckos.video, folder / "film.mp4")
    truth = load(geckos.truth)
    predicted = replace(truth, kinds=np.full(len(truth.kinds), PREDICTED, np.uint8), points=truth.points + 1.0)
    columns = replace(joined([load(geckos.labels), predicted]), suggestions=[(0, 4), (0, 8)])
    video = replace(columns.videos[0], path=folder / "film.mp4")
    save(replace(columns, videos=[video]), folder / "geckos.slp")
    return folder


def test_a_round_trip_leaves_what_a_person_placed_untouched(command, home, tiny, tmp_path, monkeypatch):
    monkeypatch.setattr("gambol.training.loop.steps_per_epoch", lambda samples, batch: 25)
    changes = [word for stage, settings in tiny["top-down"].items() if stage != "kind"
               for word in ("--set", f"pipeline.{stage}={json.dumps(settings)}")]
    packed = command("package", home / "geckos.slp", "--pipeline", "top-down", "--epochs", 1, "--suggested", *changes,
                     "-o", home / "job.zip")
    assert packed.code == 0, packed.err

    away = tmp_path / "away"  # another machine: the package is all there is
    away.mkdir()
    (home / "job.zip").rename(away / "job.zip")
    home = home.rename(tmp_path / "hidden")
    trained = command("train", away / "job.zip", "--device", "cpu")
    assert trained.code == 0, trained.err
    [run] = (away / "job" / "models").iterdir()
    predicted = command("predict", away / "job" / "labels.pkg.slp", "-m", run, "-o", away / "predictions.slp",
                        "--threshold", 0, "--animal-threshold", 0.001, "--device", "cpu")
    assert predicted.code == 0, predicted.err

    home = home.rename(tmp_path / "moved home")  # and a video that lies elsewhere now, under another name
    video = (home / "film.mp4").rename(home / "renamed.mp4")
    before = load(home / "geckos.slp")
    save(replace(before, videos=[replace(before.videos[0], path=video)]), home / "geckos.slp")
    brought = shutil.move(away / "predictions.slp", home / "predictions.slp")
    shutil.rmtree(away)
    merged = command("merge", home / "geckos.slp", brought)
    assert merged.code == 0, merged.err
    assert "same content" in merged.out

    after, found = load(home / "geckos.slp"), load(brought)
    np.testing.assert_array_equal(after.only(USER).points, before.only(USER).points)
    np.testing.assert_array_equal(after.only(USER).row_start, before.only(USER).row_start)
    assert found.frame_index.tolist() == sorted({*range(0, 30, 3), 4, 8})
    for place in range(len(after)):
        video, frame = after.frame_at(place)
        own = after.take(after.rows(video, frame))
        rows = found.rows(0, frame)
        expected = found.points[rows] if found.position(0, frame) is not None else (
            before.points[before.rows(0, frame)][before.kinds[before.rows(0, frame)] == PREDICTED])
        np.testing.assert_array_equal(own["points"][own["kinds"] == PREDICTED], expected)

    labels = sleap_io.load_slp(str(home / "geckos.slp"))
    assert (len(labels), len(labels.videos)) == (30, 1)
    assert sum(len(frame.user_instances) for frame in labels) == 20
    assert labels[0].image.shape == (64, 80, 1)
