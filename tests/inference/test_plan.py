"""What is worked through: frames of videos, of which only those that are needed are opened, one at a time."""

import shutil
from dataclasses import replace

import pytest

from gambol.errors import FrameOutOfRange, VideoError
from gambol.formats import save
from gambol.inference import plan as page
from gambol.inference.plan import Videos, make_plan, read_input
from gambol.video.source import VideoSource


@pytest.fixture
def opened(monkeypatch) -> list[str]:
    """Names of the videos in the order in which they were opened; two at once are a failure."""
    names, now_open, open_video = [], set(), page.open_video

    def watched(source):
        assert not now_open
        reader = open_video(source)
        close = reader.close
        names.append(source.name)
        now_open.add(source.name)
        reader.close = lambda: (close(), now_open.discard(source.name))
        return reader

    monkeypatch.setattr(page, "open_video", watched)
    return names


@pytest.fixture
def three_videos(labels, geckos, tmp_path):
    """A project of three copies of the geckos' film, the labels in the second."""
    videos = [VideoSource(shutil.copy(geckos.video, tmp_path / name)) for name in ("a.mp4", "b.mp4", "c.mp4")]
    frame_video = labels.frame_video + 1
    save(replace(labels, videos=videos, frame_video=frame_video, origin=None), tmp_path / "three.slp")
    return tmp_path / "three.slp"


def planned(request):
    labels, videos = read_input(request.source)
    with videos:
        return make_plan(request, videos, labels), videos


class TestPlan:
    def test_labelled_frames_need_only_the_videos_they_are_in(self, request_for, three_videos, opened, tmp_path):
        (tmp_path / "c.mp4").unlink()
        plan, videos = planned(request_for(three_videos, on="labelled"))
        assert opened == ["b.mp4"]
        assert {video: list(frames) for video, frames in plan.frames.items()} == {1: list(range(0, 30, 3))}
        assert [bool(known) for known in videos.fingerprints()] == [True, True, False]

    def test_all_frames_need_all_videos_one_at_a_time(self, request_for, three_videos, opened):
        plan, _ = planned(request_for(three_videos))
        assert opened == ["a.mp4", "b.mp4", "c.mp4"]
        assert (plan.total, plan.names) == (90, {0: "a.mp4", 1: "b.mp4", 2: "c.mp4"})

    def test_all_frames_of_a_video_are_not_spelled_out(self, request_for, geckos):
        assert planned(request_for(geckos.video))[0].frames == {0: range(30)}

    def test_frames_that_are_named_have_to_be_there(self, request_for, three_videos):
        assert planned(request_for(three_videos, frames="3,4"))[0].frames == {video: [3, 4] for video in range(3)}
        with pytest.raises(FrameOutOfRange):
            planned(request_for(three_videos, frames="30"))

    def test_a_video_that_is_needed_has_to_be_there(self, request_for, three_videos, tmp_path):
        (tmp_path / "c.mp4").unlink()
        with pytest.raises(VideoError, match=r"c\.mp4"):
            planned(request_for(three_videos))


class TestVideos:
    def test_a_video_stays_open_until_another_is_asked_for(self, three_videos, opened):
        _, videos = read_input(three_videos)
        with videos:
            for video in (0, 0, 2, 2, 0):
                videos.reader(video)
        assert opened == ["a.mp4", "c.mp4", "a.mp4"]

    def test_videos_that_were_not_needed_are_still_found_from_elsewhere(self, geckos, tmp_path):
        shutil.copy(geckos.video, tmp_path / "film.mp4")
        videos = Videos([VideoSource(page.Path("film.mp4"))], tmp_path)
        assert videos.placed(tmp_path / "results")[0].path == tmp_path / "film.mp4"
