"""A run that was stopped, taken up again."""

import json
from pathlib import Path

import numpy as np
import pytest
import yaml

from gambol.errors import JobError, LabelsError, OutputError, VideoError
from gambol.formats import load, save
from gambol.runs.events import Diary, Event, read_events
from gambol.runs.layout import RunFolder
from gambol.training.begin import reserved
from gambol.training.run import resume, run


@pytest.fixture
def stopped(job, tmp_path, monkeypatch):
    """A run that was left when an event came, as a kill leaves it: no note in the diary, nothing tidied up."""

    class Killed(BaseException):
        pass

    def make(when, **changes) -> RunFolder:
        def dying(diary, event):
            if when(event):
                raise Killed
            return write(diary, event)

        write = Diary.write
        with monkeypatch.context() as patch, pytest.raises(Killed):
            patch.setattr(Diary, "write", dying)
            patch.setattr("gambol.training.begin._take_back", lambda *_: None)
            list(run(job(**changes)))
        return RunFolder(tmp_path / "run")

    return make


def in_phase(name: str):
    """Whether an event tells of this phase."""
    return lambda event: event.kind == "phase" and event.data["phase"] == name


def validated(event: Event) -> bool:
    """Whether an event tells that an epoch is over."""
    return event.kind == "epoch"


@pytest.mark.usefixtures("short_epochs")
class TestResume:
    @pytest.mark.parametrize("phase", ["begin", "cache", "build", "metrics (train)", "metrics (val)"])
    def test_it_goes_on_from_wherever_it_was_stopped(self, stopped, phase):
        folder = stopped(in_phase(phase))
        events = list(resume(folder.path))
        assert events[-1].kind == "finished"
        assert folder.complete
        assert set(events[-1].data["metrics"]) == {"train", "val"}

    def test_the_diary_goes_on(self, stopped):
        folder = stopped(validated, epochs=2)
        before = folder.events.read_text()
        list(resume(folder.path))
        assert folder.events.read_text().startswith(before)
        after = list(read_events(folder.events))[len(before.splitlines()) :]
        assert (after[0]["phase"], after[0]["stage"], after[0]["run"]) == ("resume", None, str(folder.path))
        [stage] = [line for line in after[1:] if line.get("phase") == "resume"]
        assert (stage["stage"], stage["epoch"]) == ("single", 1)
        assert (after[-1]["kind"], after[-1]["stage"]) == ("finished", None)

    def test_parts_that_were_scored_are_not_predicted_again(self, stopped):
        folder = stopped(in_phase("metrics (val)"))
        scored = json.loads(folder.metrics("train").read_text())
        events = list(resume(folder.path))
        assert {event.data["phase"] for event in events if event.data.get("phase", "").startswith("metrics")} == {
            "metrics (val)"}
        assert events[-1].data["metrics"]["train"] == scored

    def test_stages_that_are_finished_are_not_trained_again(self, stopped, tiny, geckos):
        folder = stopped(
            lambda event: validated(event) and event.stage == "centered_instance",
            labels=geckos.labels, pipeline=tiny["top-down"])
        weights = (folder.stage("centroid") / "weights.safetensors").stat().st_mtime_ns
        stages = {event.stage for event in resume(folder.path)}
        assert stages == {None, "centered_instance"}
        assert (folder.stage("centroid") / "weights.safetensors").stat().st_mtime_ns == weights

    def test_the_labels_are_the_runs_own(self, stopped, labels, tmp_path):
        save(labels, tmp_path / "own.slp")
        folder = stopped(validated, labels=tmp_path / "own.slp", epochs=2)
        (tmp_path / "own.slp").unlink()
        save(labels.select_frames(np.array([0, 1])), tmp_path / "own.slp")
        assert list(resume(folder.path))[-1].data["metrics"]["train"]["frames"] == 9

    def test_the_settings_are_the_runs_own(self, stopped):
        folder = stopped(validated, epochs=3, seed=5)
        rows = [event.data["epoch"] for event in resume(folder.path) if event.kind == "epoch"]
        assert rows == [0, 1, 2]
        assert yaml.safe_load(folder.resolved.read_text())["seed"] == 5

    def test_what_a_killed_process_was_writing_is_removed(self, stopped):
        folder = stopped(validated)
        half = [folder.path / ".resolved.yaml.4711.tmp", folder.stage("single") / ".weights.safetensors.4711.tmp"]
        for path in half:
            path.write_bytes(b"half")
        list(resume(folder.path))
        assert not any(path.exists() for path in half)

    def test_the_run_that_it_was_to_replace_goes_when_it_has_begun(self, stopped, job, tmp_path):
        list(run(job()))
        folder = stopped(in_phase("cache"), overwrite=True)
        assert len(list(tmp_path.glob(".run.*.earlier"))) == 1
        list(resume(folder.path))
        assert [path.name for path in tmp_path.iterdir()] == ["run"]

    def test_one_labelled_frame_is_still_decoded_once(self, stopped, labels, tmp_path):
        save(labels.select_frames(np.array([4])), tmp_path / "one.slp")
        folder = stopped(validated, labels=tmp_path / "one.slp")
        assert [event.data["total"] for event in resume(folder.path) if event.data.get("phase") == "cache"] == [1]


@pytest.mark.usefixtures("short_epochs")
class TestRefusals:
    def test_a_finished_run(self, job):
        list(run(job()))
        folder = RunFolder(job().out)
        before = {path: path.stat().st_mtime_ns for path in folder.path.rglob("*")}
        with pytest.raises(JobError, match="is finished"):
            list(resume(folder.path))
        assert {path: path.stat().st_mtime_ns for path in folder.path.rglob("*")} == before

    def test_what_is_no_run(self, tmp_path):
        with pytest.raises(JobError, match="does not exist"):
            list(resume(tmp_path / "nowhere" / "run"))
        (tmp_path / "folder").mkdir()
        with pytest.raises(JobError, match="is not a run folder"):
            list(resume(tmp_path / "folder"))
        assert [path.name for path in tmp_path.rglob("*")] == ["folder"]

    def test_a_run_at_which_another_process_is(self, stopped):
        folder = stopped(validated)
        with reserved(folder), pytest.raises(OutputError, match="is being written already"):
            list(resume(folder.path))

    @pytest.mark.parametrize("content", ["", "stages: 5", "a: [", "seed: 1\nstages: []", "- 1"])
    def test_a_run_that_does_not_say_how_to_go_on(self, stopped, content):
        folder = stopped(validated)
        folder.resolved.write_text(content)
        with pytest.raises(JobError, match=r"resolved\.yaml does not say how to go on"):
            list(resume(folder.path))

    @pytest.mark.parametrize("part", ["train", "val"])
    def test_a_run_whose_labels_are_gone(self, stopped, part):
        folder = stopped(validated)
        folder.labels(part).unlink()
        with pytest.raises(LabelsError, match=rf"labels\.{part}\.slp does not exist"):
            list(resume(folder.path))

    def test_a_run_whose_labels_were_changed(self, stopped):
        folder = stopped(validated, epochs=2)
        changed = load(folder.labels("train"))
        changed.points += 1
        save(changed, folder.labels("train"))
        with pytest.raises(LabelsError, match="not those with which its training began"):
            list(resume(folder.path))

    def test_a_run_whose_project_is_gone_before_its_labels_were_split(self, stopped, labels, tmp_path):
        save(labels, tmp_path / "own.slp")
        folder = stopped(in_phase("cache"), labels=tmp_path / "own.slp")
        (tmp_path / "own.slp").unlink()
        with pytest.raises(LabelsError, match=r"own\.slp does not exist"):
            list(resume(folder.path))
        assert folder.job.is_file()

    def test_a_run_whose_video_is_gone(self, stopped, labels, lone_gecko, tmp_path):
        video = Path(tmp_path / "moved.mp4")
        video.write_bytes(lone_gecko.video.read_bytes())
        labels.videos = [type(labels.videos[0])(path=video)]
        save(labels, tmp_path / "own.slp")
        folder = stopped(validated, labels=tmp_path / "own.slp")
        video.unlink()
        with pytest.raises(VideoError, match=r"moved\.mp4 was not found"):
            list(resume(folder.path))
        assert list(read_events(folder.events))[-1]["kind"] == "failed"
