"""A whole training, from labels to figures."""

import json
import math
import shutil

import numpy as np
import pytest
import yaml

from gambol.errors import GambolError, VideoError
from gambol.formats import load, save
from gambol.pipelines.saved import find_stages
from gambol.runs.layout import RunFolder
from gambol.training.loop import StageTraining
from gambol.training.run import run


def diary(folder: RunFolder) -> list[dict]:
    def no_such_number(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    return [json.loads(line, parse_constant=no_such_number) for line in folder.events.read_text().splitlines()]


class TestAFinishedRun:
    def test_its_folder_holds_all_that_was_promised(self, trained):
        stage = {"weights.safetensors", "model.yaml", "training_log.csv", "checkpoint/finished.json",
                 "previews/0001.png", "previews/0002.png",
                 *(f"engine/{file}" for file in ("engine.json", "network.xml", "network.bin"))}
        expected = {"job.yaml", "resolved.yaml", "split.json", "environment.json", "events.jsonl", "speed.json", *(
            f"{kind}.{part}.{suffix}" for part in ("train", "val")
            for kind, suffix in (("labels", "slp"), ("predictions", "slp"), ("metrics", "json"))), *(
            f"{name}/{file}" for name in ("centroid", "centered_instance") for file in stage)}
        made = {path.relative_to(trained.run).as_posix() for path in trained.run.rglob("*") if path.is_file()}
        assert made == expected

    def test_its_diary_is_what_was_told_line_by_line(self, trained):
        lines = diary(RunFolder(trained.run))
        told = [event for event in trained.events if event != trained.events[0]]  # "load" comes before the folder
        assert [(line["kind"], line["stage"]) for line in lines] == [(event.kind, event.stage) for event in told]
        assert all(line["time"] > 1e9 for line in lines)
        assert {line["phase"].partition(" ")[0] for line in lines if line["kind"] == "phase"} == {
            "begin", "cache", "build", "first", "steps", "validation", "previews", "speed", "metrics"}

    def test_stages_are_trained_in_their_order(self, trained):
        finished = [event.stage for event in trained.events if event.kind == "finished"]
        assert finished == ["centroid", "centered_instance", None]
        assert set(find_stages([trained.run])) == {"centroid", "centered_instance"}

    def test_its_loss_fell_and_its_accuracy_was_measured(self, trained):
        for stage in ("centroid", "centered_instance"):
            rows = [event.data for event in trained.events if event.kind == "epoch" and event.stage == stage]
            assert rows[-1]["train_loss"] < rows[0]["train_loss"]
            assert 0 <= rows[-1]["accuracy_found"] <= 1

    def test_its_job_can_be_carried_out_again(self, trained):
        from gambol.training.job import job_content, make_job

        again = make_job(job_content(trained.run / "job.yaml"), [])
        asked = yaml.safe_load((trained.run / "job.yaml").read_text())
        assert again.model_dump(mode="json", exclude_unset=True) == asked
        assert again.labels.is_file()


@pytest.mark.usefixtures("short_epochs")
class TestBeginning:
    def test_one_labelled_frame_trains_with_a_warning(self, job, labels, tmp_path):
        save(labels.select_frames(np.array([0])), tmp_path / "one.slp")
        events = list(run(job(labels=tmp_path / "one.slp")))
        [warning] = [event.data["text"] for event in events if event.kind == "warning"]
        assert "used for training and for validation" in warning
        assert events[-1].kind == "finished"
        assert events[-1].data["metrics"]["val"]["frames"] == 1

    def test_grey_video_trains_a_network_of_colours_and_the_reverse(self, job, coloured_geckos, tmp_path):
        for name, changes in (("a", {"images": "rgb"}), ("b", {"images": "grey", "labels": coloured_geckos.labels})):
            assert list(run(job(out=tmp_path / name, **changes)))[-1].kind == "finished"

    def test_what_cannot_be_decoded_leaves_nothing_and_gives_back_an_earlier_run(self, job, labels, tmp_path):
        broken = tmp_path / "broken.mp4"
        broken.write_bytes(labels.videos[0].path.read_bytes()[:2000])
        labels.videos = [type(labels.videos[0])(path=broken)]
        save(labels, tmp_path / "broken.slp")
        list(run(job()))
        before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
        with pytest.raises(VideoError):
            list(run(job(labels=tmp_path / "broken.slp", overwrite=True)))
        assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()} == before

    def test_leaving_it_while_frames_are_decoded_leaves_nothing(self, job, tmp_path):
        events = run(job())
        while next(events).data.get("phase") != "cache":
            pass
        events.close()
        assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("short_epochs")
class TestLabelsThatChangeMeanwhile:
    def test_a_run_learns_from_those_that_it_began_with(self, job, lone_gecko, tmp_path):
        project = tmp_path / "project.slp"
        shutil.copy(lone_gecko.labels, project)
        for event in run(job(labels=project, epochs=2)):
            if event.kind == "phase" and event.data["phase"] == "build":
                project.write_bytes(b"saved again, and spoilt")
        begun = load(tmp_path / "run" / "labels.train.slp")
        assert event.kind == "finished" and len(begun) > 0
        assert event.data["metrics"]["train"]["frames"] == len(begun)


class TestEndingEarly:
    def test_ctrl_c_keeps_the_weights_and_is_noted(self, job, tmp_path, monkeypatch):
        learn = StageTraining._learn

        def interrupted(training, batch, used):
            if training.reached.step == 10:
                raise KeyboardInterrupt
            return learn(training, batch, used)

        monkeypatch.setattr(StageTraining, "_learn", interrupted)
        with pytest.raises(KeyboardInterrupt):
            list(run(job(epochs=5)))
        assert set(find_stages([tmp_path / "run"])) == {"single"}
        last = diary(RunFolder(tmp_path / "run"))[-1]
        assert (last["kind"], last["text"]) == ("cancelled", "stopped by the user")

    def test_leaving_the_loop_is_noted_as_well(self, job, tmp_path):
        events = run(job(epochs=50))
        while next(events).kind != "step":
            pass
        events.close()
        assert set(find_stages([tmp_path / "run"])) == {"single"}
        assert diary(RunFolder(tmp_path / "run"))[-1]["kind"] == "cancelled"

    def test_leaving_it_after_the_end_is_no_failure(self, job, tmp_path):
        events = run(job())
        while not ((event := next(events)).kind == "finished" and event.stage is None):
            pass
        events.close()
        assert diary(RunFolder(tmp_path / "run"))[-1]["kind"] == "finished"

    def test_a_training_that_fails_says_why(self, job, tmp_path, monkeypatch):
        monkeypatch.setattr(StageTraining, "_learn", lambda *_: math.nan)
        with pytest.raises(GambolError, match="ran away"):
            list(run(job()))
        last = diary(RunFolder(tmp_path / "run"))[-1]
        assert last["kind"] == "failed"
        assert "ran away" in last["text"]


def test_labels_and_predictions_of_a_run_name_videos_that_are_there(trained):
    for path in trained.run.glob("*.slp"):
        assert all(video.path.is_file() for video in load(path).videos)
