"""The prediction that follows a training."""

import json
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest

from gambol.errors import GambolError, OutputError
from gambol.formats import load, save
from gambol.inference.parts import folder_of, kept
from gambol.inference.predict import predict
from gambol.runs.events import read_events
from gambol.runs.layout import RunFolder
from gambol.training.run import resume, run

WANTED = {"predict": {"on": "random:20"}}


@pytest.fixture
def folder(tmp_path) -> RunFolder:
    """The run that the job makes."""
    return RunFolder(tmp_path / "run")


@pytest.fixture
def own(lone_gecko, tmp_path) -> Path:
    """The lone gecko's project with a video of its own, to be spoilt."""
    labels = load(lone_gecko.labels)
    video = shutil.copy(lone_gecko.video, tmp_path / "own.mp4")
    labels.videos = [type(labels.videos[0])(path=Path(video))]
    save(labels, tmp_path / "own.slp")
    return tmp_path / "own.slp"


@pytest.fixture
def scored(job, folder, own):
    """A training that was left when its prediction had begun; words change the job."""

    def make(**changes) -> RunFolder:
        events = run(job(**{"labels": own, "after": WANTED} | changes))
        while next(events).data.get("phase") != "prediction":
            pass
        events.close()
        return folder

    return make


@pytest.mark.usefixtures("short_epochs")
class TestAfterTheTraining:
    def test_the_projects_video_is_predicted_into_the_run(self, job, folder, own):
        events = list(run(job(labels=own, after=WANTED)))
        found = load(folder.project_predictions)
        assert len(found) == 20 and found.provenance["on"] == "random:20"
        assert folder.complete
        told = events[-1].data["prediction"]
        assert told == json.loads(folder.prediction.read_text())
        assert (told["frames"], told["frames_lost"]) == (20, 0)
        assert told["frames_with_animals"] + told["frames_without_animals"] == 20
        assert told["instances"] == len(found.kinds)
        assert told["frames_with_animals"] == len(np.unique(found.row_frame))

    def test_it_is_what_the_command_predicts(self, job, folder, own, tmp_path):
        from gambol.inference.predict import PredictionRequest

        list(run(job(labels=own, after=WANTED)))
        out = tmp_path / "by_hand.slp"
        list(predict(PredictionRequest(own, [folder.path], out, on="random:20", device="cpu")))
        assert np.array_equal(load(folder.project_predictions).points, load(out).points, equal_nan=True)

    def test_how_far_it_is_is_told_and_noted(self, job, folder, own):
        told = [event.data for event in run(job(labels=own, after=WANTED)) if event.data.get("phase") == "prediction"]
        assert told[0]["total"] == told[-1]["done"] == 20
        assert [line["done"] for line in read_events(folder.events) if line.get("phase") == "prediction"] == [
            data["done"] for data in told]

    def test_without_being_asked_for_there_is_none(self, job, folder):
        [*_, last] = run(job())
        assert "prediction" not in last.data
        assert folder.complete and not folder.prediction.exists() and not folder.project_predictions.exists()

    def test_it_may_go_elsewhere(self, job, folder, own, tmp_path):
        out = tmp_path / "elsewhere" / "found.slp"
        list(run(job(labels=own, after={"predict": {"frames": "3-7", "out": out}})))
        assert load(out).frame_index.tolist() == [3, 4, 5, 6, 7]
        assert not folder.project_predictions.exists()


@pytest.mark.usefixtures("short_epochs")
class TestAnInterruption:
    def test_a_run_whose_prediction_was_left_is_not_complete_and_says_so(self, scored):
        folder = scored()
        assert folder.scored and not folder.complete
        assert list(read_events(folder.events))[-1]["kind"] == "cancelled"

    def test_resuming_goes_on_there_and_trains_nothing(self, scored):
        folder = scored()
        before = {path: path.stat().st_mtime_ns for path in folder.path.rglob("*.json")}
        events = list(resume(folder.path))
        assert folder.complete and len(load(folder.project_predictions)) == 20
        assert {event.data.get("phase") for event in events} == {"resume", "prediction", None}
        assert all(path.stat().st_mtime_ns == written for path, written in before.items())
        assert set(events[-1].data["metrics"]) == {"train", "val"} and events[-1].data["speed"]

    def test_parts_that_are_done_are_kept(self, job, folder, own, monkeypatch):
        monkeypatch.setattr("gambol.inference.collect.SECONDS", 0.0)
        monkeypatch.setattr("gambol.training.prediction.SECONDS_BETWEEN_EVENTS", 0.0)
        events = run(job(labels=own, after={"predict": {}}))
        while next(events).data.get("done", 0) < 20 or not folder.scored:
            pass
        events.close()
        assert kept(folder.project_predictions) == 16
        told = [event.data["done"] for event in resume(folder.path) if event.data.get("phase") == "prediction"]
        assert (told[0], told[-1]) == (16, 30)
        assert len(load(folder.project_predictions)) == 30
        assert not folder_of(folder.project_predictions).exists()

    @pytest.mark.parametrize("out", [None, "found.slp"])
    def test_what_was_predicted_just_before_a_kill_is_not_predicted_again(self, job, folder, own, tmp_path, out):
        wanted = {"predict": {"frames": "3-7"} | ({"out": tmp_path / out} if out else {})}
        told = list(run(job(labels=own, after=wanted)))[-1].data["prediction"]
        folder.prediction.unlink()
        place = tmp_path / out if out else folder.project_predictions
        written = place.stat().st_mtime_ns
        again = list(resume(folder.path))[-1].data["prediction"]
        assert again == told and place.stat().st_mtime_ns == written

    def test_labels_that_came_meanwhile_are_no_hindrance(self, scored, own):
        folder = scored(after={"predict": {"on": "unlabelled"}})
        labels = load(own)
        own.unlink()
        save(labels.select_frames(np.array([0, 1])), own)
        assert list(resume(folder.path))[-1].data["prediction"]["frames"] == 28


@pytest.mark.usefixtures("short_epochs")
class TestAPredictionThatFails:
    def test_leaves_a_finished_model_and_says_what_to_do(self, scored, own):
        folder = scored()
        shutil.move(own.with_suffix(".mp4"), own.with_name("moved.mp4"))
        events = list(resume(folder.path))
        [text] = [event.data["text"] for event in events if event.kind == "warning"]
        assert text.startswith("The videos of own.slp were not predicted: ")
        assert len(text.split(". ")) == 3 and "own.mp4" in text
        assert events[-1].kind == "finished" and folder.complete
        assert not folder.project_predictions.exists()

    def test_the_command_that_it_gives_does_it(self, scored, own, command):
        folder = scored(after={"predict": {"on": "random:4", "animals": 1, "node_threshold": 0.1}})
        shutil.move(own.with_suffix(".mp4"), own.with_name("moved.mp4"))
        [*_, last] = resume(folder.path)
        shutil.move(own.with_name("moved.mp4"), own.with_suffix(".mp4"))
        gambol, *words = shlex.split(last.data["prediction"]["by_hand"])
        assert gambol == "gambol" and command(*words).code == 0
        found = load(folder.project_predictions)
        assert len(found) == 4 and found.provenance["options"]["node_threshold"] == 0.1

    @pytest.mark.parametrize("out", ["there.slp", "own.slp", "found.mp4"])
    def test_what_can_never_be_written_is_refused_before_the_training(self, job, own, tmp_path, out):
        (tmp_path / "there.slp").write_text("mine")
        before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
        with pytest.raises(GambolError, match=out):
            list(run(job(labels=own, after={"predict": {"out": tmp_path / out}})))
        assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before

    def test_a_run_folder_that_can_no_longer_be_written_ends_the_run_so_that_it_can_go_on(self, scored, monkeypatch):
        folder = scored()

        def full(path, text):
            raise OutputError("The disk is full.")

        with monkeypatch.context() as patch, pytest.raises(OutputError):
            patch.setattr("gambol.training.prediction.write_text", full)
            list(resume(folder.path))
        assert not folder.complete
        assert list(resume(folder.path))[-1].data["prediction"]["frames"] == 20
