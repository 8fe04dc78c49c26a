"""Which videos of two projects are the same: never the first that comes along."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gambol.errors import LabelsError
from gambol.labels.columns import empty_columns
from gambol.labels.same_videos import FINGERPRINT, match_videos
from gambol.labels.skeleton import Skeleton
from gambol.video.fingerprint import fingerprint
from gambol.video.source import VideoSource


def matched(ours: list[VideoSource], theirs: list[VideoSource], folder: Path = Path(), told=None, **columns) -> list:
    """What videos of a project are called in the other: (number, why) or None; both projects lie in one folder."""
    one, other = (empty_columns(Skeleton(("nose",)), videos) for videos in (ours, theirs))
    found = match_videos(one, replace(other, **columns), folder / "ours.slp", folder / "theirs.slp", told)
    return [(match.ours, match.why) if match.ours is not None else None for match in found]


def film(path: Path, seed: int) -> VideoSource:
    """A file that is no video; what it is known by is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(np.random.default_rng(seed).bytes(5000))
    return VideoSource(path)


SHAPE = (30, 64, 80, 1)


class TestMatching:
    def test_videos_are_known_by_their_path_in_any_order(self):
        one, two = VideoSource(Path("/there/one.mp4")), VideoSource(Path("/there/two.mp4"))
        assert matched([one, two], [two, one]) == [(1, "same path"), (0, "same path")]

    def test_a_path_of_windows_is_known_again(self, tmp_path):
        videos = [empty_columns(Skeleton(()), [VideoSource(Path("C:/data/one.mp4"))])] * 2
        [match] = match_videos(*videos, tmp_path / "a" / "ours.slp", tmp_path / "b" / "theirs.slp")
        assert match.ours == 0

    def test_a_video_that_moved_beside_both_projects_is_one(self, tmp_path):
        film(tmp_path / "walk.mp4", 1)
        ours, theirs = VideoSource(Path("/gone/walk.mp4")), VideoSource(Path("/elsewhere/walk.mp4"))
        assert matched([ours], [theirs], tmp_path) == [(0, "same file")]

    def test_a_copy_under_another_name_is_known_by_its_content(self, tmp_path):
        one, two = film(tmp_path / "one.mp4", 1), film(tmp_path / "two.mp4", 2)
        shutil.copy(two.path, tmp_path / "copy.mp4")
        assert matched([one, two], [VideoSource(tmp_path / "copy.mp4")]) == [(1, "same content")]

    def test_predictions_remember_the_content_of_a_video_that_is_not_here(self, tmp_path):
        one, two = film(tmp_path / "one.mp4", 1), film(tmp_path / "two.mp4", 2)
        gone = VideoSource(Path("/elsewhere/renamed.mp4"))
        assert matched([one, two], [gone], provenance={"videos": [fingerprint(two)]}) == [(1, "same content")]

    def test_embedded_images_are_what_they_were_taken_from(self, tmp_path):
        one, two = film(tmp_path / "one.mp4", 1), film(tmp_path / "two.mp4", 2)
        package = VideoSource(Path("/elsewhere/labels.pkg.slp"), dataset="video0/video", original=two)
        assert matched([one, two], [package]) == [(1, "same path")]
        known = VideoSource(Path("/gone/film.mp4"), stored={FINGERPRINT: fingerprint(two)})
        assert matched([one, two], [replace(package, original=known)]) == [(1, "same content")]

    def test_of_one_package_each_set_of_images_is_a_video(self):
        videos = [VideoSource(Path("/there/x.pkg.slp"), dataset=f"video{number}/video") for number in (0, 1)]
        assert matched(videos, videos[::-1]) == [(1, "same path"), (0, "same path")]

    def test_image_lists_are_the_same_if_all_their_images_are(self):
        three = tuple(Path(f"/there/{number}.png") for number in range(3))
        ours = [VideoSource(images[0], images=images) for images in (three, three[:2])]
        assert matched(ours, [ours[1]]) == [(1, "same path")]

    def test_name_size_and_length_together_are_enough_if_nothing_contradicts(self, tmp_path):
        ours = [VideoSource(Path("/here/walk.mp4"), shape=SHAPE), VideoSource(Path("/here/rest.mp4"), shape=SHAPE)]
        assert matched(ours, [VideoSource(Path("/there/rest.mp4"), shape=SHAPE)]) == [
            (1, "same name, size and length")]

    def test_a_video_twice_in_a_project_stays_in_its_place(self, tmp_path):
        video = film(tmp_path / "one.mp4", 1)
        assert matched([video, video], [video, video]) == [(0, "same path"), (1, "same path")]


class TestOtherVideos:
    @pytest.mark.parametrize("shape", [(31, 64, 80, 1), (30, 64, 81, 1), None])
    def test_the_same_name_alone_proves_nothing(self, shape):
        ours, theirs = VideoSource(Path("/here/walk.mp4"), shape=SHAPE), VideoSource(Path("/t/walk.mp4"), shape=shape)
        assert matched([ours], [theirs]) == [None]

    def test_other_content_is_another_video_in_spite_of_name_and_size(self, tmp_path):
        ours = replace(film(tmp_path / "a" / "walk.mp4", 1), shape=SHAPE)
        theirs = replace(film(tmp_path / "b" / "walk.mp4", 2), shape=SHAPE)
        assert matched([ours], [theirs]) == [None]

    def test_it_is_said_that_they_are_not_the_same(self, tmp_path):
        ours = empty_columns(Skeleton(()), [replace(film(tmp_path / "a" / "walk.mp4", 1), shape=SHAPE)])
        theirs = empty_columns(Skeleton(()), [replace(film(tmp_path / "b" / "walk.mp4", 2), shape=SHAPE)])
        [match] = match_videos(ours, theirs, tmp_path / "ours.slp", tmp_path / "theirs.slp")
        assert match.doubt == "The project has a video called walk.mp4 too, but its content is another one."

    def test_a_video_that_has_found_its_place_is_not_offered_to_others(self):
        one = VideoSource(Path("/a/walk.mp4"), shape=SHAPE)
        assert matched([one], [one, VideoSource(Path("/b/walk.mp4"), shape=SHAPE)]) == [(0, "same path"), None]

    def test_a_crop_is_not_the_whole(self):
        whole = VideoSource(Path("/there/one.mp4"), shape=SHAPE)
        crop = replace(whole, stored={"video_crop": {"crop": [0, 0, 9, 9]}})
        assert matched([whole], [crop]) == [None]
        assert matched([whole, crop], [crop]) == [(1, "same path")]


class TestDoubt:
    def test_several_candidates_are_refused(self):
        ours = [VideoSource(Path(f"/{folder}/0000.mp4"), shape=SHAPE) for folder in "ab"]
        with pytest.raises(LabelsError, match="any of the project's videos 0, 1"):
            matched(ours, [VideoSource(Path("/c/0000.mp4"), shape=SHAPE)])

    def test_several_claims_on_one_are_refused(self):
        theirs = [VideoSource(Path(f"/{folder}/0000.mp4"), shape=SHAPE) for folder in "ab"]
        with pytest.raises(LabelsError, match="project's video 0, and so could 1 more"):
            matched([VideoSource(Path("/c/0000.mp4"), shape=SHAPE)], theirs)

    def test_what_a_person_knows_is_believed(self):
        ours = [VideoSource(Path(f"/{folder}/0000.mp4"), shape=SHAPE) for folder in "ab"]
        theirs = [VideoSource(Path("/c/0000.mp4"), shape=SHAPE), ours[1]]
        assert matched(ours, theirs, told={0: 0}) == [(0, "as told"), (1, "same path")]
        assert matched(ours, theirs, told={1: 0, 0: 1}) == [(1, "as told"), (0, "as told")]

    @pytest.mark.parametrize("told", [{0: 1}, {1: 0}])
    def test_but_not_of_videos_that_are_not_there(self, told):
        video = VideoSource(Path("/a/walk.mp4"))
        with pytest.raises(LabelsError, match="counted from 0"):
            matched([video], [video], told=told)
