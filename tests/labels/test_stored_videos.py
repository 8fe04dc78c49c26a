"""What a project says of a video, read and written."""

from pathlib import Path

from gambol.labels.stored_videos import moved, source_from_stored, stored_from_source
from gambol.video.source import VideoSource

PROJECT = Path("/lab/project.slp")
FILE = {"filename": "D:\\lab\\walk.mp4", "backend": {"filename": "D:\\lab\\walk.mp4", "grayscale": True}}
PACKED = {"backend": {"filename": ".", "dataset": "video0/video", "shape": [3, 8, 9, 1]},
          "source_video": {"backend": {"filename": "walk.mp4"}}}
LIST = {"backend": {"filename": "a/0.png", "filenames": ["a/0.png", "a/1.png"]}}


class TestReading:
    def test_windows_paths_get_slashes(self):
        assert source_from_stored(FILE, PROJECT).path == Path("D:/lab/walk.mp4")

    def test_a_dot_is_the_project_itself(self):
        video = source_from_stored(PACKED, PROJECT)
        assert (video.path, video.dataset, video.shape) == (PROJECT, "video0/video", (3, 8, 9, 1))
        assert video.original.path == Path("walk.mp4")

    def test_an_image_list_is_all_its_files(self):
        assert source_from_stored(LIST, PROJECT).images == (Path("a/0.png"), Path("a/1.png"))

    def test_a_list_under_the_name_itself_is_an_image_list(self):
        stored = {"filename": ["a/0.png", "a/1.png"], "backend": {}}
        assert source_from_stored(stored, PROJECT).images == (Path("a/0.png"), Path("a/1.png"))


class TestWriting:
    def test_what_was_read_is_written_back_to_the_letter(self):
        for stored in (FILE, LIST):
            assert stored_from_source(source_from_stored(stored, PROJECT), PROJECT) == stored

    def test_images_of_the_project_stay_at_a_dot(self):
        stored = stored_from_source(source_from_stored(PACKED, PROJECT), PROJECT)
        assert stored["backend"] == PACKED["backend"]

    def test_another_project_names_the_package(self):
        stored = stored_from_source(source_from_stored(PACKED, PROJECT), Path("/lab/other.slp"))
        assert stored["backend"]["filename"] == "/lab/project.slp"

    def test_a_video_found_elsewhere_is_named_by_that_path(self):
        video = source_from_stored(FILE, PROJECT)
        found = VideoSource(Path("/here/walk.mp4"), stored=video.stored)
        assert stored_from_source(found, PROJECT)["backend"] == {"filename": "/here/walk.mp4", "grayscale": True}

    def test_a_video_without_history_is_described_anew(self):
        for video in (VideoSource(Path("/a/walk.mp4"), shape=(9, 4, 5, 1)),
                      VideoSource(Path("/a/0.png"), images=(Path("/a/0.png"), Path("/a/1.png"))),
                      VideoSource(Path("/a/x.h5"), dataset="box", original=VideoSource(Path("/a/walk.mp4")))):
            back = source_from_stored(stored_from_source(video, PROJECT), PROJECT)
            assert back == video


class TestMoved:
    def test_a_relative_path_that_would_break_becomes_absolute(self, tmp_path):
        (tmp_path / "walk.mp4").touch()
        assert moved(VideoSource(Path("walk.mp4")), tmp_path, tmp_path / "runs").path == tmp_path / "walk.mp4"

    def test_other_paths_stay(self, tmp_path):
        for video in (VideoSource(Path("/a/walk.mp4")), VideoSource(Path("gone.mp4"))):
            assert moved(video, tmp_path, tmp_path / "runs") == video
