"""What settings follow from."""

from dataclasses import replace

import pytest

from gambol.errors import LabelsError, VideoError
from gambol.formats import load, save
from gambol.training import scene as page
from gambol.training.scene import device_word, look
from gambol.video.source import VideoSource


class TestLook:
    def test_it_sees_the_part_that_teaches_and_its_images(self, job):
        seen = look(job())
        assert (len(seen.labels), seen.frames, seen.frame, seen.channels, seen.device) == (9, 10, (64, 80), 1, "cpu")

    def test_colour_is_seen_unless_grey_is_asked_for(self, job, coloured_geckos):
        assert look(job(labels=coloured_geckos.labels)).channels == 3
        assert look(job(labels=coloured_geckos.labels, images="grey")).channels == 1

    def test_a_single_frame_counts_once_and_is_warned_of(self, job, labels, tmp_path):
        save(labels.select_frames([0]), tmp_path / "one.slp")
        seen = look(job(labels=tmp_path / "one.slp"))
        assert (len(seen.labels), seen.frames) == (1, 1)
        assert "only one labelled frame" in seen.warning

    def test_labels_of_their_own_to_validate_on_count_as_well(self, job, lone_gecko):
        assert look(job(validation=lone_gecko.truth)).frames == 10 + 30

    def test_what_cannot_be_trained_on_is_refused(self, job, tmp_path, lone_gecko):
        with pytest.raises(LabelsError):
            look(job(labels=tmp_path / "missing.slp"))
        dead = replace(load(lone_gecko.labels), videos=[VideoSource(tmp_path / "gone.mp4")])
        save(dead, tmp_path / "dead.slp")
        with pytest.raises(VideoError, match=r"gone\.mp4"):
            look(job(labels=tmp_path / "dead.slp"))


class TestDeviceWord:
    @pytest.mark.parametrize(("asked", "word"), [("cpu", "cpu"), ("cuda:1", "cuda"), ("mps", "mps")])
    def test_what_is_asked_for_is_believed(self, asked, word):
        assert device_word(asked) == word

    def test_on_linux_without_a_driver_there_is_a_processor_only(self, monkeypatch):
        monkeypatch.setattr(page, "ACCELERATORS", ())
        monkeypatch.setattr("sys.platform", "linux")
        monkeypatch.setattr("gambol.nn.device.choose_device", lambda name: pytest.fail("torch was asked"))
        assert device_word("auto") == "cpu"

    def test_where_there_may_be_more_torch_is_asked(self, monkeypatch, tmp_path):
        monkeypatch.setattr(page, "ACCELERATORS", (str(tmp_path),))
        monkeypatch.setattr("gambol.nn.device.choose_device", lambda name: __import__("torch").device("cuda:0"))
        assert device_word("auto") == "cuda"
