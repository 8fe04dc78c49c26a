"""A project that moved still finds its videos."""

import json
from pathlib import Path

import pytest

from gambol.errors import VideoError
from gambol.labels.paths import remember, remembered, resolve
from gambol.labels.stored_videos import source_from_stored
from gambol.video.source import VideoSource


@pytest.fixture(autouse=True)
def no_memory(tmp_path, monkeypatch) -> Path:
    """The user's remembered folders, in a file of the test."""
    file = tmp_path / "memory" / "prefixes.json"
    monkeypatch.setenv("GAMBOL_PREFIXES", str(file))
    return file


@pytest.fixture
def lab(tmp_path) -> Path:
    """A folder with a project and its videos.

    lab/walk.mp4 · lab/day1/rest.mp4 · lab/day2/rest.mp4 · lab/images/0.png, 1.png, 2.png
    """
    for name in ("walk.mp4", "day1/rest.mp4", "day2/rest.mp4", "images/0.png", "images/1.png", "images/2.png"):
        (tmp_path / "lab" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "lab" / name).touch()
    return tmp_path / "lab"


def stored(name: str) -> VideoSource:
    return source_from_stored({"backend": {"filename": name}}, Path("project.slp"))


class TestResolve:
    @pytest.mark.parametrize(("name", "found"), [
        ("walk.mp4", "walk.mp4"),
        ("day2/rest.mp4", "day2/rest.mp4"),
        ("/somewhere/else/walk.mp4", "walk.mp4"),
        ("/somewhere/else/day2/rest.mp4", "day2/rest.mp4"),
        ("D:\\lab\\day1\\rest.mp4", "day1/rest.mp4"),
        ("\\\\server\\share\\walk.mp4", "walk.mp4"),
        ("../lab/walk.mp4", "walk.mp4")])
    def test_finds_a_video_in_the_projects_folder(self, lab, name, found):
        assert resolve(stored(name), lab).path.samefile(lab / found)

    def test_a_path_that_is_right_is_left_alone(self, lab, tmp_path):
        (tmp_path / "walk.mp4").touch()
        assert resolve(stored((tmp_path / "walk.mp4").as_posix()), lab).path == tmp_path / "walk.mp4"

    def test_the_path_found_is_absolute(self, lab, monkeypatch):
        monkeypatch.chdir(lab)
        assert resolve(stored("walk.mp4"), Path()).path.is_absolute()

    def test_an_image_list_is_found_together(self, lab):
        names = [f"D:/elsewhere/images/{number}.png" for number in range(3)]
        video = source_from_stored({"backend": {"filename": names[0], "filenames": names}}, Path("project.slp"))
        assert resolve(video, lab).images == tuple(lab / "images" / f"{number}.png" for number in range(3))

    def test_a_video_that_is_nowhere_is_refused_with_all_places_tried(self, lab):
        with pytest.raises(VideoError) as refusal:
            resolve(stored("/gone/day3/lost.mp4"), lab)
        for place in ("/gone/day3/lost.mp4", lab / "gone/day3/lost.mp4", lab / "day3/lost.mp4", lab / "lost.mp4"):
            assert str(place) in str(refusal.value)

    def test_one_missing_image_is_named(self, lab):
        names = ["images/0.png", "images/7.png"]
        video = source_from_stored({"backend": {"filename": names[0], "filenames": names}}, Path("project.slp"))
        with pytest.raises(VideoError, match=r"7\.png"):
            resolve(video, lab)

    def test_a_virtual_crop_is_refused(self, lab):
        video = VideoSource(lab / "walk.mp4", stored={"video_crop": {"crop": [0, 0, 8, 8]}})
        with pytest.raises(VideoError, match="crop"):
            resolve(video, lab)


class TestRemembering:
    def test_a_folder_found_once_serves_other_videos_of_it(self, lab, tmp_path):
        remember(Path("//server/data/2024/walk.mp4"), lab / "walk.mp4")
        (lab / "jump.mp4").touch()
        found = resolve(VideoSource(Path("//server/data/2024/jump.mp4")), tmp_path / "projects")
        assert found.path == lab / "jump.mp4"

    def test_the_common_tail_is_left_out(self, lab):
        remember(Path("D:/lab/day1/rest.mp4"), lab / "day1" / "rest.mp4")
        assert remembered() == {"D:/": f"{lab.parent.as_posix()}/"}

    def test_a_damaged_memory_is_no_memory(self, no_memory):
        no_memory.parent.mkdir(exist_ok=True)
        no_memory.write_text("{")
        assert remembered() == {}
        no_memory.write_text(json.dumps([1]))
        assert remembered() == {}
