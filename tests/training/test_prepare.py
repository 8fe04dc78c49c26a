"""Before the first step: labels, the split, the run folder, the plan."""

from datetime import datetime

import numpy as np
import pytest
import yaml

from gambol.errors import LabelsError, SkeletonMismatch, VideoError
from gambol.formats import load, save
from gambol.labels.columns import PREDICTED
from gambol.labels.paths import resolve
from gambol.labels.skeleton import Skeleton
from gambol.training.begin import begun
from gambol.training.prepare import Prepared, distinct, prepare, read_labels, run_folder

NOW = datetime(2031, 2, 3, 4, 5, 6)


def prepared(job) -> tuple[Prepared, list]:
    parts = read_labels(job)[0]
    made = Prepared(job, run_folder(job, parts, NOW), parts)
    with begun(job, made.folder):
        return made, list(prepare(made))


class TestReadLabels:
    def test_some_frames_are_set_aside_for_validation(self, job, labels):
        parts, warning = read_labels(job(split={"validation": 0.2}))
        assert {name: len(part) for name, part in parts.items()} == {"train": 8, "val": 2}
        assert set(parts["train"].frame_index) | set(parts["val"].frame_index) == set(labels.frame_index)
        assert warning is None

    def test_a_test_part_is_made_if_it_is_asked_for(self, job):
        parts, _ = read_labels(job(split={"validation": 0.2, "test": 0.3}))
        assert {name: len(part) for name, part in parts.items()} == {"train": 5, "val": 2, "test": 3}

    def test_a_validation_file_takes_the_place_of_the_split(self, job, labels, tmp_path):
        save(labels.select_frames(np.array([0, 1])), tmp_path / "val.slp")
        parts, _ = read_labels(job(validation=tmp_path / "val.slp"))
        assert (len(parts["train"]), len(parts["val"])) == (len(labels), 2)

    def test_a_validation_file_of_another_skeleton_is_refused(self, job, labels, tmp_path):
        labels.skeleton = Skeleton(("other", *labels.skeleton.nodes[1:]))
        save(labels, tmp_path / "val.slp")
        with pytest.raises(SkeletonMismatch, match=r"val\.slp has other nodes than labels\.slp"):
            read_labels(job(validation=tmp_path / "val.slp"))

    def test_predictions_teach_nothing(self, job, labels, tmp_path):
        labels.kinds[3:] = PREDICTED
        save(labels, tmp_path / "some.slp")
        parts, _ = read_labels(job(labels=tmp_path / "some.slp"))
        assert sum(len(part) for part in parts.values()) == 3

    def test_one_labelled_frame_trains_and_validates_with_a_warning(self, job, labels, tmp_path):
        save(labels.select_frames(np.array([4])), tmp_path / "one.slp")
        parts, warning = read_labels(job(labels=tmp_path / "one.slp"))
        assert parts["train"].frame_at(0) == parts["val"].frame_at(0) == (0, 12)
        assert "only one labelled frame" in warning

    @pytest.fixture
    def one_animal_among_empty_frames(self, labels, tmp_path):
        """Ten frames marked by hand, an animal in the first of them alone."""
        rare = labels.select_rows(np.arange(len(labels.kinds)) == 0)
        rare.negative[1:] = True
        save(rare, tmp_path / "rare.slp")
        return tmp_path / "rare.slp"

    def test_validation_without_an_animal_is_not_taken_for_perfect(self, job, one_animal_among_empty_frames):
        parts, warning = read_labels(job(labels=one_animal_among_empty_frames, split={"seed": 1}))
        assert len(parts["val"].kinds) == 1
        assert "No animal is labelled in the frames set aside" in warning

    def test_a_split_that_leaves_no_animal_to_train_on_is_refused(self, job, one_animal_among_empty_frames):
        refusals = 0
        for seed in range(40):
            try:
                read_labels(job(labels=one_animal_among_empty_frames, split={"seed": seed, "validation": 0.5}))
            except LabelsError as error:
                refusals += "leaves no animal to train on" in str(error)
        assert 5 < refusals < 35


class TestRunFolder:
    def test_by_default_it_lies_beside_the_project_and_tells_time_pipeline_and_labels(self, job, labels, tmp_path):
        save(labels, tmp_path / "own.slp")
        made, _ = prepared(job(labels=tmp_path / "own.slp", out=None))
        assert made.folder.path == tmp_path.resolve() / "models/310203_040506.single.n=10"

    def test_a_frame_that_trains_and_validates_counts_once(self, job, labels, tmp_path):
        save(labels.select_frames(np.array([4])), tmp_path / "one.slp")
        made, _ = prepared(job(labels=tmp_path / "one.slp", out=None))
        assert made.folder.path.name == "310203_040506.single.n=1"


class TestPrepare:
    def test_a_frame_that_trains_and_validates_is_decoded_once(self, job, labels, tmp_path):
        save(labels.select_frames(np.array([4])), tmp_path / "one.slp")
        made, events = prepared(job(labels=tmp_path / "one.slp"))
        decoded = [event.data for event in events if event.data.get("phase") == "cache"]
        assert [(data["done"], data["total"]) for data in decoded] == [(1, 1)]
        assert made.frames["train"] is made.frames["val"]

    def test_so_are_frames_that_a_validation_file_names_as_well(self, job, labels, lone_gecko, tmp_path):
        made, events = prepared(job(validation=lone_gecko.labels))
        assert sum(event.data.get("phase") == "cache" for event in events) == len(labels)
        assert distinct(made.parts) == ["train"]

    def test_the_split_is_recorded_and_opens_from_anywhere(self, job, labels, tmp_path, lone_gecko):
        (tmp_path / "project").mkdir()
        (tmp_path / "project" / "film.mp4").write_bytes(lone_gecko.video.read_bytes())
        labels.videos = [type(labels.videos[0])(path=lone_gecko.video.with_name("moved") / "film.mp4")]
        save(labels, tmp_path / "project" / "labels.slp")
        made, _ = prepared(job(labels=tmp_path / "project" / "labels.slp"))
        for part in ("train", "val"):
            recorded = load(made.folder.labels(part))
            assert np.array_equal(recorded.frame_index, made.parts[part].frame_index)
            assert resolve(recorded.videos[0], made.folder.path).path == tmp_path / "project" / "film.mp4"

    def test_frames_are_decoded_and_counted(self, job):
        made, events = prepared(job())
        counts = [event.data["done"] for event in events if event.data.get("phase") == "cache"]
        assert counts == list(range(1, 11))
        assert made.frames["train"].image(*made.parts["train"].frame_at(0)).shape == (64, 80, 1)

    def test_every_choice_is_written_down(self, job):
        made, _ = prepared(job())
        resolved = yaml.safe_load(made.folder.resolved.read_text())
        assert resolved["patience"] == job().patience
        assert resolved["stages"][0]["stage"]["heads"]["nodes"]["sigma"] > 0

    @pytest.mark.parametrize(("images", "channels"), [("auto", 1), ("grey", 1), ("rgb", 3)])
    def test_networks_see_the_colours_that_the_video_has_or_that_are_asked_for(self, job, images, channels):
        made, _ = prepared(job(images=images))
        assert made.plans[0].stage.channels == channels

    def test_coloured_videos_make_coloured_networks(self, job, coloured_geckos):
        made, _ = prepared(job(labels=coloured_geckos.labels))
        assert made.plans[0].stage.channels == 3

    def test_animals_that_the_crop_cuts_are_named(self, job, tiny, geckos):
        small = tiny["top-down"] | {"centered_instance": tiny["top-down"]["centered_instance"] | {"crop_size": 24}}
        _, events = prepared(job(labels=geckos.labels, pipeline=small))
        [warning] = [event for event in events if event.kind == "warning"]
        assert "film.mp4 frame" in warning.data["text"]
        assert warning.stage == "centered_instance"

    def test_a_crop_that_holds_all_animals_gives_no_warning(self, job, tiny, geckos):
        large = tiny["top-down"] | {"centered_instance": tiny["top-down"]["centered_instance"] | {"crop_size": 80}}
        _, events = prepared(job(labels=geckos.labels, pipeline=large))
        assert not [event for event in events if event.kind == "warning"]

    @pytest.mark.parametrize(("degrees", "warned"), [(180.0, True), (0.0, False)])
    def test_a_crop_holds_in_its_corners_what_is_not_turned_out_of_them(
        self, job, tiny, labels, tmp_path, degrees, warned
    ):
        middle = np.nanmean(labels.points, 1, keepdims=True)
        labels.points = middle + 25 * np.sign(labels.points - middle)  # in the corners of a square of 50 px
        save(labels, tmp_path / "square.slp")
        stage = tiny["top-down"]["centered_instance"] | {
            "crop_size": 64, "scale": 1.0, "augment": {"rotation": {"degrees": [-degrees, degrees]}}}
        pipeline = tiny["top-down"] | {"centered_instance": stage}
        _, events = prepared(job(labels=tmp_path / "square.slp", pipeline=pipeline))
        assert bool([event for event in events if "cuts off" in event.data.get("text", "")]) == warned

    def test_a_dead_video_leaves_no_run_folder(self, job, labels, tmp_path):
        labels.videos = [type(labels.videos[0])(path=tmp_path / "gone.mp4")]
        save(labels, tmp_path / "dead.slp")
        with pytest.raises(VideoError, match=r"gone\.mp4 was not found"):
            prepared(job(labels=tmp_path / "dead.slp"))
        assert [path.name for path in tmp_path.iterdir()] == ["dead.slp"]

    def test_a_video_without_labels_need_not_be_there(self, job, labels, tmp_path):
        labels.videos = [*labels.videos, type(labels.videos[0])(path=tmp_path / "gone.mp4")]
        save(labels, tmp_path / "two.slp")
        made, _ = prepared(job(labels=tmp_path / "two.slp"))
        assert len(made.plans) == 1
