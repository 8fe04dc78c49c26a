"""A training as one file: all that it needs, and nothing that ties it to this machine."""

import hashlib
import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from gambol.errors import JobError, LabelsError, OutputError, VideoError
from gambol.formats import load, save
from gambol.labels.columns import PREDICTED, USER, joined
from gambol.labels.same_videos import FINGERPRINT
from gambol.training.job import TrainingJob, job_content, make_job
from gambol.training.package import FORMAT, JOB, LABELS, MANIFEST, README, package
from gambol.video.fingerprint import fingerprint
from gambol.video.reader import open_video
from gambol.video.source import VideoSource


@pytest.fixture
def ask(geckos, tiny, tmp_path):
    """A job for the geckos; words change it."""
    def make(**changes) -> TrainingJob:
        return TrainingJob.model_validate({"labels": geckos.labels, "pipeline": tiny["top-down"]} | changes)

    return make


def unzipped(path: Path) -> Path:
    """Everything in a package, in a folder beside it."""
    with zipfile.ZipFile(path) as packed:
        packed.extractall(path.with_suffix(""))
    return path.with_suffix("")


class TestLabels:
    def test_have_their_images_and_need_no_video(self, ask, geckos, tmp_path):
        package(ask(), tmp_path / "job.zip")
        columns, labels = load(unzipped(tmp_path / "job.zip") / LABELS["labels"]), load(geckos.labels)
        np.testing.assert_array_equal(columns.points, labels.points)
        with open_video(columns.videos[0]) as reader, open_video(geckos.video) as film:
            assert list(reader.frame_numbers) == labels.frame_index.tolist()
            np.testing.assert_array_equal(reader.read(6), film.read(6))

    def test_say_which_video_the_images_were_taken_from(self, ask, geckos, tmp_path):
        package(ask(), tmp_path / "job.zip")
        [video] = load(unzipped(tmp_path / "job.zip") / LABELS["labels"]).videos
        assert video.original.path == geckos.video
        assert video.original.stored[FINGERPRINT] == fingerprint(VideoSource(geckos.video))

    def test_are_those_that_teach_predictions_stay_at_home(self, ask, geckos, tmp_path):
        truth = load(geckos.truth)
        predicted = replace(truth, kinds=np.full(len(truth.kinds), PREDICTED, np.uint8))
        save(joined([load(geckos.labels), predicted]), tmp_path / "both.slp")
        package(ask(labels=tmp_path / "both.slp"), tmp_path / "job.zip")
        columns = load(unzipped(tmp_path / "job.zip") / LABELS["labels"])
        assert (len(columns), set(columns.kinds)) == (10, {USER})

    def test_videos_without_labels_stay_at_home_even_if_they_are_gone(self, ask, geckos, tmp_path):
        columns = load(geckos.labels)
        videos = [VideoSource(Path("/gone/empty.mp4")), *columns.videos]
        save(replace(columns, videos=videos, frame_video=columns.frame_video + 1), tmp_path / "two.slp")
        package(ask(labels=tmp_path / "two.slp"), tmp_path / "job.zip")
        packed = load(unzipped(tmp_path / "job.zip") / LABELS["labels"])
        assert (len(packed.videos), packed.frame_video.max()) == (1, 0)

    def test_suggested_frames_come_along_if_asked_for(self, ask, geckos, tmp_path):
        columns = replace(load(geckos.labels), suggestions=[(0, 4), (0, 6)], suggestion_groups={(0, 4): 3})
        save(columns, tmp_path / "suggesting.slp")
        for suggested, count in ((False, 10), (True, 11)):
            out = tmp_path / f"{suggested}.zip"
            package(ask(labels=tmp_path / "suggesting.slp"), out, suggested)
            packed = load(unzipped(out) / LABELS["labels"])
            assert packed.suggestions == ([(0, 4), (0, 6)] if suggested else [])
            with open_video(packed.videos[0]) as reader:
                assert len(reader) == count
        assert packed.suggestion_groups == {(0, 4): 3}

    def test_to_validate_on_are_a_file_of_their_own(self, ask, geckos, tmp_path):
        package(ask(validation=geckos.truth), tmp_path / "job.zip")
        folder = unzipped(tmp_path / "job.zip")
        assert len(load(folder / LABELS["validation"])) == 30
        assert yaml.safe_load((folder / JOB).read_text())["validation"] == LABELS["validation"]

    def test_of_a_package_keep_the_images_and_their_origin(self, ask, geckos, tmp_path):
        save(load(geckos.labels), tmp_path / "labels.pkg.slp", embed=True)
        package(ask(labels=tmp_path / "labels.pkg.slp"), tmp_path / "job.zip")
        folder = unzipped(tmp_path / "job.zip")
        (tmp_path / "labels.pkg.slp").unlink()
        [video] = load(folder / LABELS["labels"]).videos
        assert video.original.path == geckos.video
        with open_video(video) as reader:
            assert reader.read(27).shape == (64, 80, 1)


class TestJob:
    def test_is_as_it_was_asked_for_and_names_what_lies_beside_it(self, ask, tmp_path):
        asked = ask(epochs=3, seed=7)
        package(asked, tmp_path / "job.zip")
        folder = unzipped(tmp_path / "job.zip")
        again = make_job(job_content(folder / JOB), [])
        assert again == asked.model_copy(update={"labels": folder / LABELS["labels"]})
        assert yaml.safe_load((folder / JOB).read_text())["labels"] == LABELS["labels"]

    def test_leaves_behind_what_belongs_to_this_machine(self, ask, tmp_path):
        package(ask(out=tmp_path / "run", device="cuda:3", overwrite=True), tmp_path / "job.zip")
        content = yaml.safe_load((unzipped(tmp_path / "job.zip") / JOB).read_text())
        assert not {"out", "device", "overwrite"} & set(content)

    def test_that_names_something_else_here_is_refused(self, ask, geckos, tmp_path):
        job = ask(pipeline={"kind": "top-down", "anchor": geckos.video.as_posix()})
        with pytest.raises(JobError, match=r"'pipeline\.anchor' names"):
            package(job, tmp_path / "job.zip")


class TestManifest:
    def test_knows_every_file_by_size_and_checksum(self, ask, tmp_path):
        packed = package(ask(), tmp_path / "job.zip")
        folder = unzipped(tmp_path / "job.zip")
        stored = json.loads((folder / MANIFEST).read_text())
        assert stored == packed.manifest.model_dump()
        assert set(stored["files"]) == {LABELS["labels"], JOB, README} == {
            path.name for path in folder.iterdir()} - {MANIFEST}
        for name, told in stored["files"].items():
            content = (folder / name).read_bytes()
            assert told == {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        assert (stored["format"], stored["project"]) == (FORMAT, "labels.slp")
        assert "torch" in stored["environment"]
        assert stored["content"][LABELS["labels"]] == {"frames": 10, "animals": 20, "videos": 1, "suggested": 0}


class TestWriting:
    def test_tells_how_far_it_is(self, ask, tmp_path):
        told = []
        package(ask(), tmp_path / "job.zip", progress=lambda done, total: told.append((done, total)))
        assert told == [(done, 10) for done in range(1, 11)]

    def test_an_existing_file_is_not_replaced_without_being_asked(self, ask, tmp_path):
        (tmp_path / "job.zip").write_text("mine")
        with pytest.raises(OutputError, match="exists already"):
            package(ask(), tmp_path / "job.zip")
        package(ask(), tmp_path / "job.zip", overwrite=True)
        assert zipfile.is_zipfile(tmp_path / "job.zip")

    def test_an_interruption_leaves_nothing(self, ask, tmp_path):
        def stop(done: int, total: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            package(ask(), tmp_path / "job.zip", progress=stop)
        assert list(tmp_path.iterdir()) == []

    def test_another_suffix_is_refused(self, ask, tmp_path):
        with pytest.raises(OutputError, match=r"Call it job\.zip"):
            package(ask(), tmp_path / "job.tar")

    @pytest.mark.parametrize("wrong, error", [("video", VideoError), ("labels", LabelsError)])
    def test_what_cannot_be_trained_on_is_refused_before_anything_is_written(
        self, ask, geckos, tmp_path, wrong, error
    ):
        columns = load(geckos.labels)
        if wrong == "video":
            columns = replace(columns, videos=[VideoSource(Path("/gone/film.mp4"))])
        save(columns.only(USER if wrong == "video" else PREDICTED), tmp_path / "labels.slp")
        with pytest.raises(error):
            package(ask(labels=tmp_path / "labels.slp"), tmp_path / "deep" / "job.zip")
        assert [path.name for path in tmp_path.iterdir()] == ["labels.slp"]


def test_a_package_holds_no_name_of_a_folder_but_the_videos(ask, geckos, tmp_path):
    shutil.copy(geckos.labels, tmp_path / "labels.slp")
    package(ask(labels=tmp_path / "labels.slp"), tmp_path / "job.zip")
    folder = unzipped(tmp_path / "job.zip")
    for name in (JOB, README, MANIFEST):
        assert tmp_path.as_posix() not in (folder / name).read_text()
