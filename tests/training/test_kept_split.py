"""The split of a run goes on in the runs that come after it, whatever became of the project."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from gambol.errors import JobError
from gambol.formats import load, save
from gambol.labels.columns import arrange
from gambol.labels.fingerprints import fingerprints
from gambol.runs.layout import RunFolder
from gambol.training.begin import begun
from gambol.training.kept_split import earlier
from gambol.training.prepare import Prepared, prepare, read_labels
from gambol.video.source import VideoSource

SHARES = {"validation": 0.2, "test": 0.2, "seed": 3}


@pytest.fixture
def first(job, labels, tmp_path, lone_gecko):
    """A run that has begun: of the first five labelled frames one validates and one tests."""
    video = tmp_path / "project" / "film.mp4"
    video.parent.mkdir()
    video.write_bytes(lone_gecko.video.read_bytes())
    own = replace(labels, videos=[VideoSource(video)])
    save(own, tmp_path / "project" / "all.slp")
    save(own.select_frames(np.arange(5)), tmp_path / "project" / "labels.slp")
    asked = job(labels=tmp_path / "project" / "labels.slp", out=tmp_path / "first", split=SHARES)
    return begin(asked)


@pytest.fixture
def later(job, first, tmp_path):
    """The parts of a job that keeps the split of the first run, and what is said: the job's changes → (parts, text)."""
    def read(**changes):
        split = SHARES | {"keep": first.path} | changes.pop("split", {})
        return read_labels(job(labels=changes.pop("labels", tmp_path / "project" / "all.slp"), split=split, **changes))

    return read


def begin(job) -> RunFolder:
    prepared = Prepared(job, RunFolder(job.out), read_labels(job)[0])
    with begun(job, prepared.folder):
        list(prepare(prepared))
    return prepared.folder


def assert_nobody_changed_sides(first, parts):
    """By pixels: no frame that the first run knew is in another part now. Returns how many it knew."""
    written = json.loads(first.split.read_text())
    before = {frame["content"]: part for part, frames in written.items() for frame in frames}
    now = {own.content: part for part, labels in parts.items() for own in fingerprints(labels)}
    known = {content: part for content, part in now.items() if content in before}
    assert known == {content: before[content] for content in known}
    return len(known)


class TestWriting:
    def test_every_frame_of_each_part_is_written_down_with_its_pixels(self, first):
        written = json.loads(first.split.read_text())
        assert {part: len(frames) for part, frames in written.items()} == {"train": 3, "val": 1, "test": 1}
        for part, frames in written.items():
            own = fingerprints(load(first.labels(part)))
            assert [frame["content"] for frame in frames] == [each.content for each in own]

    def test_the_colours_of_the_networks_images_make_no_difference(self, job, first, tmp_path):
        other = begin(job(labels=tmp_path / "project" / "labels.slp", split=SHARES, images="rgb"))
        assert json.loads(other.split.read_text()) == json.loads(first.split.read_text())


class TestKeeping:
    def test_frames_stay_and_new_ones_are_shared_out_and_it_is_said(self, first, later):
        parts, told = later()
        assert assert_nobody_changed_sides(first, parts) == 5
        assert {part: len(own) for part, own in parts.items()} == {"train": 6, "val": 2, "test": 2}
        assert f"5 of 10 labelled frames were known to {first.path} and stay" in told
        assert "The other 5 are shared out" in told

    def test_without_it_they_would_change(self, job, first, tmp_path):
        parts, told = read_labels(job(labels=tmp_path / "project" / "all.slp", split=SHARES))
        assert told is None
        with pytest.raises(AssertionError):
            assert_nobody_changed_sides(first, parts)

    def test_in_a_merged_and_reordered_project_whose_video_moved_under_another_name(
        self, first, later, geckos, tmp_path
    ):
        (tmp_path / "project" / "film.mp4").rename(tmp_path / "elsewhere.mp4")
        own, others = load(tmp_path / "project" / "all.slp"), load(geckos.labels)
        count = len(own) + len(others)
        both = replace(
            own, videos=[others.videos[0], VideoSource(tmp_path / "elsewhere.mp4")], origin=None,
            frame_video=np.repeat([0, 1], [len(others), len(own)]), negative=np.zeros(count, bool),
            frame_index=np.concatenate([others.frame_index, own.frame_index]))
        save(arrange(both, len(others) + np.arange(len(own.kinds))), tmp_path / "merged.slp")
        marked = load(tmp_path / "merged.slp")
        marked.negative[: len(others)] = True
        save(marked, tmp_path / "merged.slp")
        parts, told = later(labels=tmp_path / "merged.slp")
        assert assert_nobody_changed_sides(first, parts) == 5
        assert f"5 of {count} labelled frames" in told

    def test_in_a_package_whose_video_is_gone(self, first, later, tmp_path):
        save(load(tmp_path / "project" / "all.slp"), tmp_path / "project" / "all.pkg.slp", embed=True)
        (tmp_path / "project" / "film.mp4").unlink()
        parts, _ = later(labels=tmp_path / "project" / "all.pkg.slp")
        assert assert_nobody_changed_sides(first, parts) == 5

    def test_frames_that_were_removed_leave_a_gap_that_new_ones_fill(self, first, later, tmp_path):
        validated = load(first.labels("val")).frame_index
        labels = load(tmp_path / "project" / "all.slp")
        save(labels.select_frames(~np.isin(labels.frame_index, validated)), tmp_path / "fewer.slp")
        parts, _ = later(labels=tmp_path / "fewer.slp")
        assert assert_nobody_changed_sides(first, parts) == 4
        assert len(parts["val"]) == 2

    def test_if_only_frames_are_left_that_trained_they_validate_as_well_and_it_is_said(self, first, later):
        parts, told = later(labels=first.labels("train"))
        assert len(parts["train"]) == len(parts["val"]) == 3
        assert "did not train the earlier run" in told

    def test_labels_that_all_validated_are_refused(self, first, later):
        from gambol.errors import LabelsError

        with pytest.raises(LabelsError, match="leaves no animal to train on"):
            later(labels=first.labels("val"))

    def test_a_run_without_the_file_is_known_by_its_labels(self, first, later):
        first.split.unlink()
        parts, told = later()
        assert first.split.exists() is False
        assert "5 of 10" in told
        assert {part: len(own) for part, own in parts.items()} == {"train": 6, "val": 2, "test": 2}

    def test_run_after_run(self, job, first, later, tmp_path):
        second = begin(job(labels=tmp_path / "project" / "all.slp", out=tmp_path / "second",
                           split=SHARES | {"keep": first.path, "learn_from": 4}))
        parts, told = later(split={"keep": second.path})
        assert assert_nobody_changed_sides(second, parts) == 8
        assert assert_nobody_changed_sides(first, parts) == 5
        assert f"8 of 10 labelled frames were known to {second.path} and stay" in told


    def test_frames_that_were_not_labelled_in_between_are_remembered(self, job, first, later, tmp_path):
        between = job(labels=first.labels("train"), out=tmp_path / "second", split=SHARES | {"keep": first.path})
        labels = load(tmp_path / "project" / "all.slp").select_frames(np.arange(5, 10))
        save(labels, tmp_path / "others.slp")
        second = begin(between.model_copy(update={"labels": tmp_path / "others.slp"}))
        parts, told = later(split={"keep": second.path})
        assert assert_nobody_changed_sides(first, parts) == 5
        assert f"10 of 10 labelled frames were known to {second.path} and stay" in told

    def test_two_runs_may_be_kept_and_a_frame_that_one_learnt_from_trains(self, job, first, later, trained, tmp_path):
        split = SHARES | {"seed": 4}
        other = begin(job(labels=tmp_path / "project" / "labels.slp", out=tmp_path / "other", split=split))
        shutil.copytree(trained.run / "centroid", other.stage("centroid"))
        parts, told = later(start_from=other.path)
        assert f"known to {first.path} and {other.path}" in told
        assert "had been on several sides" in told
        for run in (first, other):
            learnt = {frame["content"] for frame in json.loads(run.split.read_text())["train"]}
            assert not learnt & {own.content for part in ("val", "test") for own in fingerprints(parts[part])}


class TestDoubles:
    def test_validation_frames_that_repeat_training_frames_are_told(self, job, tmp_path, labels):
        copy = tmp_path / "copy.mp4"
        copy.write_bytes(labels.videos[0].path.read_bytes())
        save(labels.select_frames(np.arange(4)), tmp_path / "train.slp")
        save(replace(labels, videos=[VideoSource(copy)]).select_frames(np.arange(2, 8)), tmp_path / "val.slp")
        asked = job(labels=tmp_path / "train.slp", validation=tmp_path / "val.slp")
        prepared = Prepared(asked, RunFolder(asked.out), read_labels(asked)[0])
        with begun(asked, prepared.folder):
            events = list(prepare(prepared))
        assert any("2 of 6 validation frames show exactly" in event.data.get("text", "") for event in events)


class TestValidationFiles:
    def test_frames_on_the_other_side_are_told(self, first, later):
        _, told = later(validation=first.labels("train"))
        assert f"3 of 3 validation frames trained {first.path}" in told
        assert "2 of 10 training frames validated or tested it" in told
        assert "too good" in told

    def test_where_there_are_none_nothing_is_said(self, first, later):
        assert later(labels=first.labels("train"), validation=first.labels("val"))[1] is None

    def test_a_share_of_the_labels_may_be_learnt_from(self, later, first):
        parts, _ = later(validation=first.labels("val"), labels=first.labels("train"), split={"learn_from": 2})
        assert (len(parts["train"]), len(parts["val"])) == (2, 1)


class TestStartingFromARun:
    @pytest.fixture
    def started(self, job, trained, geckos, tiny):
        """What a job that starts from the geckos' run is told of its split; words change it."""
        usual = {"labels": geckos.labels, "pipeline": tiny["top-down"], "start_from": trained.run}
        return lambda **changes: read_labels(job(**usual | changes))[1]

    def test_its_split_is_kept(self, started):
        assert "10 of 10 labelled frames were known to" in started()

    def test_unless_it_is_not_to_be_which_is_said_loudly(self, started):
        told = started(split={"keep": False})
        assert "split.keep is false" in told
        assert "validation figures are too good" in told

    def test_if_it_cannot_be_read_that_is_said_as_well(self, started, trained, tmp_path):
        copy = shutil.copytree(trained.run, tmp_path / "copy")
        (copy / "split.json").write_text('{"train": [{"frame": 5}]}')
        told = started(start_from=copy)
        assert "cannot be kept" in told
        assert "validation figures are too good" in told

    def test_if_it_is_a_stage_without_its_run_too(self, started, trained, tmp_path):
        shutil.copytree(trained.run / "centroid", tmp_path / "alone" / "centroid")
        told = started(start_from=tmp_path / "alone" / "centroid")
        assert "no whole run" in told
        assert "validation figures are too good" in told

    def test_a_stage_in_its_run_is_enough(self, started, trained):
        assert f"known to {trained.run} and stay" in started(start_from=trained.run / "centroid")


class TestRefusals:
    def test_a_run_that_is_none(self, later, tmp_path):
        with pytest.raises(JobError, match="is not a run folder"):
            later(split={"keep": tmp_path})

    @pytest.mark.parametrize("content", ["", "[]", '{"other": []}', '{"train": [{"place": "a"}]}', '{"train": 5}'])
    def test_a_damaged_split(self, first, later, content):
        first.split.write_text(content)
        with pytest.raises(JobError, match=r"split\.json cannot be read as a split"):
            later()

    def test_a_run_that_kept_nothing_of_it(self, first, later):
        for path in (first.split, *(first.labels(part) for part in ("train", "val", "test"))):
            path.unlink()
        with pytest.raises(JobError, match=r"neither a split\.json nor labels"):
            later()


def test_a_job_that_keeps_nothing_looks_at_nothing(job):
    assert earlier(job()).sides(None) == (None, None)
