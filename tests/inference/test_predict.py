"""A file in, a predictions file out."""

import errno
import shutil
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from gambol.errors import FrameOutOfRange, GambolError, OutputError, SkeletonMismatch, VideoError
from gambol.formats import load, save
from gambol.formats.slp import SlpWriter
from gambol.inference import collect
from gambol.inference.basis import block_size
from gambol.inference.parts import Parts, kept
from gambol.inference.predict import PredictionRequest, predict
from gambol.labels.columns import FRAME_FIELDS, PREDICTED, ROW_FIELDS, Columns
from gambol.labels.paths import resolve
from gambol.labels.skeleton import Skeleton
from gambol.pipelines.saved import find_stages, read_stage, write_stage
from gambol.video.fingerprint import changed
from gambol.video.pyav import PyAVReader
from gambol.video.reader import open_video
from gambol.video.source import VideoSource


def predicted(request: PredictionRequest) -> Columns:
    list(predict(request))
    return load(request.output)


class TestInputs:
    def test_a_video_is_predicted_from_end_to_end(self, request_for, geckos):
        result = predicted(request_for(geckos.video))
        assert result.frame_index.tolist() == list(range(30))
        assert (result.kinds == PREDICTED).all()
        assert len(result.kinds) > 0
        assert result.skeleton.nodes == geckos.world.skeleton.nodes
        assert result.videos[0].path == geckos.video

    def test_a_project_is_predicted_in_its_videos(self, request_for, geckos):
        result = predicted(request_for(geckos.labels, on="labelled"))
        assert result.frame_index.tolist() == list(range(0, 30, 3))

    def test_a_package_needs_no_video(self, request_for, labels, tmp_path, geckos):
        package = tmp_path / "elsewhere" / "labels.pkg.slp"
        save(labels, package, embed=True)
        result = predicted(request_for(package))
        assert result.frame_index.tolist() == list(range(0, 30, 3))
        with open_video(resolve(result.videos[0], tmp_path)) as reader:
            assert reader.read(3).shape == (64, 80, 1)
        from_video = predicted(request_for(geckos.video, frames="0,3,6", out=tmp_path / "video.slp"))
        assert len(from_video.kinds) == len(result.select_frames(np.arange(3)).kinds)

    def test_several_videos_are_predicted_in_their_order(self, request_for, labels, tmp_path, geckos):
        other = shutil.copy(geckos.video, tmp_path / "other.mp4")
        labels.videos = [*labels.videos, type(labels.videos[0])(path=other)]
        save(labels, tmp_path / "two.slp")
        result = predicted(request_for(tmp_path / "two.slp", frames="2-4"))
        assert [result.frame_at(position) for position in range(6)] == [(v, f) for v in (0, 1) for f in (2, 3, 4)]
        first, second = (result.points[result.rows(video, 3)] for video in (0, 1))
        assert np.allclose(first, second, equal_nan=True)

    def test_frames_are_predicted_once_and_in_order(self, request_for, geckos):
        assert predicted(request_for(geckos.video, frames="9,3-5,4")).frame_index.tolist() == [3, 4, 5, 9]


class TestOutput:
    def test_it_lies_beside_the_input_unless_asked_otherwise(self, monkeypatch, tmp_path):
        monkeypatch.chdir(tmp_path)
        names = {name: PredictionRequest(Path(name), []).output for name in ("a/b.mp4", "p.slp", "p.pkg.slp", ".")}
        assert names == {
            "a/b.mp4": Path("a/b.mp4.predictions.slp"), "p.slp": Path("p.predictions.slp"),
            "p.pkg.slp": Path("p.predictions.slp"), ".": tmp_path.parent / f"{tmp_path.name}.predictions.slp"}

    def test_it_says_how_it_came_about(self, request_for, geckos, trained):
        told = predicted(request_for(geckos.video, frames="0-4")).provenance
        assert (told["software"], told["frames"], told["on"]) == ("gambol", 5, "0-4")
        assert told["models"]["centroid"] == (trained.run / "centroid").as_posix()
        assert told["options"]["animals"] == 2
        assert {"gambol", "torch"} <= set(told["environment"])
        assert told["source"] == geckos.video.as_posix()
        assert {"device", "seconds", "frames_per_second", "finished"} <= set(told)

    def test_progress_counts_frames_animals_and_frames_with_any(self, request_for, geckos):
        request = request_for(geckos.video, frames="0-6")
        states = list(predict(request))
        result = load(request.output)
        assert [state.done for state in states] == [*range(8), 7]
        assert {state.total for state in states} == {7}
        assert states[-1].instances == len(result.kinds)
        assert states[-1].with_animals == np.count_nonzero(np.diff(result.row_start))

    def test_frames_without_animals_are_there_with_none(self, request_for, geckos):
        result = predicted(request_for(geckos.video, {"animal_threshold": 1e6}, frames="0-3"))
        assert (len(result), len(result.kinds)) == (4, 0)

    def test_what_is_found_in_a_frame_does_not_depend_on_the_batch(self, request_for, geckos, tmp_path):
        whole, *others = (
            predicted(request_for(geckos.video, {"batch": batch}, frames="0-8", out=tmp_path / f"{batch}.slp"))
            for batch in (1, 3, 20))
        for other in others:
            assert np.array_equal(other.row_start, whole.row_start)
            assert np.allclose(other.points, whole.points, atol=1e-3, equal_nan=True)
            assert np.allclose(other.point_scores, whole.point_scores, atol=1e-4)


class TestWarnings:
    def test_a_grey_model_works_on_coloured_video_with_a_warning(self, request_for, coloured_geckos):
        states = list(predict(request_for(coloured_geckos.video)))
        assert "trained on grey images, but film.mp4 is colour" in states[0].warning
        assert states[-1].done == 6

    def test_a_coloured_model_works_on_grey_video_with_a_warning(self, request_for, geckos, trained, tmp_path):
        for name, folder in find_stages([trained.run]).items():
            stage = read_stage(folder).model_copy(update={"channels": 3})
            write_stage(tmp_path / "rgb" / name, stage, stage.build().state_dict())
        states = list(predict(request_for(geckos.video, models=[tmp_path / "rgb"], frames="0-2")))
        assert "trained on colour images, but film.mp4 is grey" in states[0].warning
        assert states[-1].done == 3

    def test_images_of_the_same_kind_give_no_warning(self, request_for, geckos):
        assert next(iter(predict(request_for(geckos.video)))).warning is None


class TestRefusals:
    @pytest.fixture(autouse=True)
    def nothing_is_written(self, tmp_path):
        yield
        assert not (tmp_path / "out.slp").exists()
        assert not list(tmp_path.glob(".*"))

    def test_a_project_of_another_skeleton(self, request_for, labels, tmp_path):
        labels.skeleton = Skeleton(("snout", *labels.skeleton.nodes[1:]))
        save(labels, tmp_path / "other.slp")
        with pytest.raises(SkeletonMismatch, match="only in the model: nose; only in the project: snout"):
            list(predict(request_for(tmp_path / "other.slp")))

    def test_frames_that_are_not_there(self, request_for, geckos):
        with pytest.raises(FrameOutOfRange, match="Frame 30"):
            list(predict(request_for(geckos.video, frames="28-40")))

    def test_frames_named_twice_over(self, request_for, geckos):
        with pytest.raises(GambolError, match="asked for twice"):
            list(predict(request_for(geckos.video, frames="1", on="random:3")))

    def test_an_output_that_would_replace_its_input(self, request_for, geckos, tmp_path):
        own = shutil.copy(geckos.labels, tmp_path / "own.slp")
        with pytest.raises(OutputError, match="Its labels would be lost"):
            list(predict(request_for(own, out=own, overwrite=True)))
        assert own.read_bytes() == geckos.labels.read_bytes()

    def test_an_output_that_no_program_would_take_for_a_project(self, request_for, geckos, tmp_path):
        with pytest.raises(OutputError, match=r"Call it out\.slp"):
            list(predict(request_for(geckos.video, out=tmp_path / "out.h5")))

    def test_a_video_that_is_gone(self, request_for, tmp_path):
        with pytest.raises(VideoError):
            list(predict(request_for(tmp_path / "gone.mp4")))


class TestEndingEarly:
    @pytest.fixture(autouse=True)
    def every_block(self, monkeypatch):
        """A part for each block of 16 frames, as if each took long."""
        monkeypatch.setattr(collect, "SECONDS", 0.0)

    def leave(self, request: PredictionRequest, after: int) -> None:
        """Stop when so many frames are done."""
        with closing(predict(request)) as states:
            while next(states).done < after:
                pass

    def test_leaving_it_before_anything_is_finished_leaves_nothing(self, request_for, geckos, tmp_path):
        self.leave(request_for(geckos.video), 3)
        assert list(tmp_path.iterdir()) == []

    def test_an_earlier_result_stays_until_another_is_whole(self, request_for, geckos, tmp_path):
        (tmp_path / "out.slp").write_text("an earlier result")
        for _ in range(2):  # a command with --overwrite goes on as well
            self.leave(request_for(geckos.video, overwrite=True), 20)
            assert (tmp_path / "out.slp").read_text() == "an earlier result"
            assert kept(tmp_path / "out.slp") == 16
        predicted(request_for(geckos.video, overwrite=True))

    @pytest.mark.parametrize("batch", [1, 3, 4])
    def test_the_same_request_goes_on_and_the_result_is_the_same(self, request_for, geckos, tmp_path, batch):
        whole = predicted(request_for(geckos.video, {"batch": batch}, out=tmp_path / "whole.slp"))
        self.leave(request_for(geckos.video, {"batch": batch}), 20)
        states = list(predict(request_for(geckos.video, {"batch": batch})))
        first = block_size(batch)
        assert [state.done for state in states] == [*range(first, 31), 30]
        assert {state.before for state in states} == {first}
        result = load(tmp_path / "out.slp")
        for name in (*ROW_FIELDS, *FRAME_FIELDS, "row_start"):
            np.testing.assert_array_equal(getattr(result, name), getattr(whole, name), err_msg=name)
        assert states[-1].instances == len(whole.kinds)
        assert result.provenance["frames_before"] == first
        assert sorted(path.name for path in tmp_path.iterdir()) == ["out.slp", "whole.slp"]

    def test_a_process_that_died_when_all_was_written_is_brought_to_its_end(
            self, request_for, geckos, tmp_path, monkeypatch):
        with monkeypatch.context() as patch:
            patch.setattr(Parts, "discard", lambda self: None)
            before = list(predict(request_for(geckos.video)))[-1]
        written = (tmp_path / "out.slp").read_bytes()
        with pytest.raises(OutputError, match="other frames were asked for"):
            list(predict(request_for(geckos.video, frames="1")))
        assert list(predict(request_for(geckos.video))) == [before]
        assert (tmp_path / "out.slp").read_bytes() == written
        assert [path.name for path in tmp_path.iterdir()] == ["out.slp"]
        with pytest.raises(OutputError, match="exists already"):
            list(predict(request_for(geckos.video)))

    def test_a_result_that_cannot_be_put_together_keeps_its_parts(self, request_for, geckos, tmp_path, monkeypatch):
        def full(*arguments, **named):
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(SlpWriter, "append", full)
            with pytest.raises(OutputError, match=r"The disk is full.+The 30 frames that were finished stay there"):
                list(predict(request_for(geckos.video)))
        assert not (tmp_path / "out.slp").exists()
        assert next(iter(predict(request_for(geckos.video)))).before == 30


class TestWhatDoesNotBelongTogether:
    """Parts of another result are not gone on with."""

    @pytest.fixture
    def started(self, geckos, trained, tmp_path):
        """A film and a model of one's own, and sixteen frames that are done."""
        shutil.copy(geckos.video, tmp_path / "film.mp4")
        shutil.copytree(trained.run, tmp_path / "run")
        return tmp_path

    @pytest.fixture
    def go_on(self, request_for, started):
        """Go on with other options or changes than before."""
        def make(options=None, **changes):
            return request_for(started / "film.mp4", options, models=[started / "run"], **changes)

        with closing(predict(make())) as states:
            while next(states).done < 20:
                pass
        return make

    def refused(self, request: PredictionRequest) -> str:
        with pytest.raises(OutputError) as refusal:
            list(predict(request))
        assert kept(request.output) == 16
        text = str(refusal.value)
        assert "pass --overwrite to begin anew" in text
        return text

    def test_a_model_file_that_was_altered(self, go_on, started):
        weights = started / "run" / "centered_instance" / "weights.safetensors"
        content = bytearray(weights.read_bytes())
        content[-2] ^= 1
        weights.write_bytes(content)
        assert "the model was another one" in self.refused(go_on())
        states = list(predict(go_on(overwrite=True)))
        assert states[-1].before == 0

    def test_other_options(self, go_on):
        assert "animals was 2, and is 1 now" in self.refused(go_on({"animals": 1}))

    def test_other_frames(self, go_on):
        assert "other frames were asked for (all, and now 0-9)" in self.refused(go_on(frames="0-9"))

    def test_a_video_that_has_changed(self, go_on, started, coloured_geckos):
        shutil.copy(coloured_geckos.video, started / "film.mp4")
        assert "film.mp4 has" in self.refused(go_on())


def test_two_processes_do_not_write_one_output(request_for, geckos, tmp_path):
    with closing(predict(request_for(geckos.video))) as states:
        next(states)
        with pytest.raises(OutputError, match=r"out\.slp is being written already, by process \d+"):
            list(predict(request_for(geckos.video)))
    assert list(tmp_path.iterdir()) == []


class TestLostFrames:
    @pytest.fixture(autouse=True)
    def two_are_lost(self, monkeypatch):
        """Frames 3 and 20 cannot be decoded."""
        stream = PyAVReader.stream

        def holey(reader, indices, channels=None):
            return ((index, image) for index, image in stream(reader, indices, channels) if index not in (3, 20))

        monkeypatch.setattr(PyAVReader, "stream", holey)

    def test_they_are_counted_said_and_recorded(self, request_for, geckos):
        states = list(predict(request_for(geckos.video)))
        assert (states[-1].done, states[-1].lost, states[-1].total) == (28, 2, 30)
        assert "2 frames could not be decoded: film.mp4 3, 20." in states[-1].warning
        result = load(request_for(geckos.video).output)
        assert result.frame_index.tolist() == [number for number in range(30) if number not in (3, 20)]
        assert result.provenance["lost_frames"] == [
            {"video": 0, "name": "film.mp4", "count": 2, "frames": "3, 20"}]


def test_the_videos_are_known_again_by_what_is_recorded(request_for, labels, geckos, tmp_path):
    other = shutil.copy(geckos.video, tmp_path / "other.mp4")
    labels.videos = [*labels.videos, VideoSource(other)]
    save(labels, tmp_path / "two.slp")
    recorded = predicted(request_for(tmp_path / "two.slp", frames="2-4")).provenance["videos"]
    assert [changed(VideoSource(video), recorded[number]) for number, video in enumerate((geckos.video, other))] == [
        None, None]
    other.write_bytes(other.read_bytes()[:-1])
    assert changed(VideoSource(other), recorded[1])


def test_an_output_opens_in_sleap_io(request_for, geckos):
    import sleap_io as sio

    request = request_for(geckos.video, frames="0-3")
    result = predicted(request)
    labels = sio.load_slp(str(request.output), open_videos=False)
    points = np.stack([animal.numpy() for frame in labels for animal in frame.instances])
    assert np.allclose(points, result.visible_points, equal_nan=True)
