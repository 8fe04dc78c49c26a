"""A project that moved still finds its videos."""

import json
from pathlib import Path

import pytest

from gambol.errors import VideoError
from gambol.labels.paths import exchanged_folders, resolve
from gambol.labels.stored_videos import source_from_stored
from gambol.video.source import VideoSource


@pytest.fixture(autouse=True)
def no_memory(tmp_path, monkeypatch) -> Path:
    """The user's folders that moved, in a file of the test; there is none yet."""
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


class TestFoldersThatMoved:
    @pytest.mark.parametrize(("there", "stored"), [
        ("//server/data", "//server/data/2024/jump.mp4"),
        ("//server/data/", "//server/data/2024/jump.mp4"),
        ("D:\\data", "D:\\data\\2024\\jump.mp4"),
        ("videos", "videos/2024/jump.mp4")])
    def test_they_are_written_down_once_for_all_projects(self, lab, tmp_path, no_memory, there, stored):
        (lab / "2024").mkdir()
        (lab / "2024" / "jump.mp4").touch()
        no_memory.parent.mkdir()
        no_memory.write_text(json.dumps({there: str(lab)}))
        video = source_from_stored({"backend": {"filename": stored}}, Path("project.slp"))
        assert resolve(video, tmp_path / "projects").path == lab / "2024" / "jump.mp4"

    def test_another_folder_that_begins_alike_is_not_meant(self, lab, tmp_path, no_memory):
        no_memory.parent.mkdir()
        no_memory.write_text(json.dumps({"/data/la": str(lab.parent / "la")}))
        with pytest.raises(VideoError):
            resolve(VideoSource(Path("/data/lab/walk.mp4")), tmp_path / "projects")

    def test_whoever_does_what_the_refusal_says_finds_the_video(self, lab, tmp_path, no_memory):
        lost = VideoSource(Path("/gone/ü/jump.mp4"))
        (lab / "jump.mp4").touch()
        with pytest.raises(VideoError) as refusal:
            resolve(lost, tmp_path / "projects")
        assert f"this line into {no_memory}, which serves all projects" in str(refusal.value)
        line = str(refusal.value).rstrip(".").rpartition("projects: ")[2]
        no_memory.parent.mkdir()
        no_memory.write_text(line.replace("the folder where it is now", lab.as_posix()), encoding="utf-8")
        assert resolve(lost, tmp_path / "projects").path == lab / "jump.mp4"

    def test_a_bare_name_has_no_folder_to_speak_of(self, tmp_path):
        with pytest.raises(VideoError, match="correct its path in the project"):
            resolve(VideoSource(Path("lost.mp4")), tmp_path)

    @pytest.mark.parametrize("content", ["{", "[1]"])
    def test_a_file_that_cannot_be_read_is_named_only_where_it_would_help(self, lab, tmp_path, no_memory, content):
        no_memory.parent.mkdir()
        no_memory.write_text(content)
        assert exchanged_folders() == {}
        assert resolve(VideoSource(Path("walk.mp4")), lab).path == lab / "walk.mp4"
        with pytest.raises(VideoError, match="its present content cannot be read"):
            resolve(VideoSource(Path("/gone/lost.mp4")), tmp_path)
