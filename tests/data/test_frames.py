"""FrameStore: every labelled frame decoded once."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from gambol.data import frames as page
from gambol.data.frames import FrameStore
from gambol.errors import FrameLost, FrameOutOfRange, VideoError
from gambol.labels.columns import Columns
from gambol.labels.fingerprints import fingerprints
from gambol.labels.paths import resolve
from gambol.labels.skeleton import Skeleton
from gambol.video.reader import VideoReader
from gambol.video.source import VideoSource

SMALL, LARGE = 20 * 30, 40 * 50  # bytes of one grey image of each of the two videos


@pytest.fixture
def images(tmp_path: Path) -> dict[tuple[int, int], np.ndarray]:
    """Two image lists of three images each: small/0.bmp .. 2.bmp of 20 x 30, large/0.bmp .. of 40 x 50 pixels."""
    rng = np.random.default_rng(0)
    drawn = {}
    for video, (name, size) in enumerate({"small": (20, 30), "large": (40, 50)}.items()):
        (tmp_path / name).mkdir()
        for frame in range(3):
            drawn[video, frame] = rng.integers(0, 256, (*size, 1), dtype=np.uint8)
            cv2.imwrite(str(tmp_path / name / f"{frame}.bmp"), drawn[video, frame])
    return drawn


@pytest.fixture
def labels(tmp_path: Path, images: dict[tuple[int, int], np.ndarray], project: Callable[..., Columns]) -> Columns:
    """All frames but (0, 1) are labelled; the project lies in tmp_path and names its images from there."""
    sources = [VideoSource(listed[0], listed) for listed in (
        tuple(Path(name) / f"{frame}.bmp" for frame in range(3)) for name in ("small", "large"))]
    return project({key: [] for key in images if key != (0, 1)}, sources, Skeleton(("head",)))


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The frames that readers were asked to decode, in order."""
    asked: list[int] = []

    def open_video(source: VideoSource) -> VideoReader:
        reader = original(source)
        stream = reader.stream

        def noted(indices, channels=None):
            asked.extend(indices)
            return stream(indices, channels)

        monkeypatch.setattr(reader, "stream", noted)
        return reader

    original = page.open_video
    monkeypatch.setattr(page, "open_video", open_video)
    return asked


class TestFrameStore:
    @pytest.mark.parametrize("budget", [0, SMALL + LARGE, 10**6])
    def test_images_are_those_of_the_video_wherever_they_are_kept(self, budget, labels, images, tmp_path):
        store = FrameStore(labels, tmp_path, budget=budget, cache=tmp_path / "cache")
        for video, frame in [(1, 2), (0, 0), (1, 0), (0, 2), (1, 1)]:
            assert (store.image(video, frame) == images[video, frame]).all()
            assert store.size(video, frame) == images[video, frame].shape[:2]

    @pytest.mark.parametrize("budget", [0, 10**6])
    def test_images_cannot_be_written_to(self, budget, labels, tmp_path):
        image = FrameStore(labels, tmp_path, budget=budget).image(0, 0)
        with pytest.raises(ValueError, match="read-only"):
            image[0, 0] = 1

    def test_each_frame_is_decoded_once_and_in_order(self, labels, tmp_path, decoded):
        store = FrameStore(labels, tmp_path)
        store.fill()
        store.fill()
        store.image(0, 2)
        assert decoded == [0, 2, 0, 1, 2]

    def test_what_fits_into_the_budget_stays_in_memory_and_only_the_rest_goes_to_disk(self, labels, tmp_path):
        FrameStore(labels, tmp_path, budget=2 * SMALL + LARGE, cache=tmp_path / "cache").fill()
        assert len(list((tmp_path / "cache").iterdir())) == 2

    def test_another_store_finds_on_disk_what_the_first_left_there(self, labels, images, tmp_path, decoded):
        FrameStore(labels, tmp_path, budget=0, cache=tmp_path / "cache").fill()
        decoded.clear()
        for budget in (0, 10**6):
            again = FrameStore(labels, tmp_path, budget=budget, cache=tmp_path / "cache")
            assert (again.image(1, 1) == images[1, 1]).all()
        assert decoded == []

    def test_a_changed_image_is_decoded_again_though_its_file_is_as_long_as_before(self, labels, tmp_path):
        FrameStore(labels, tmp_path, budget=0, cache=tmp_path / "cache").fill()
        file = tmp_path / "small" / "0.bmp"
        cv2.imwrite(str(file), np.full((20, 30), 77, np.uint8))
        os.utime(file, (1, 1))
        again = FrameStore(labels, tmp_path, budget=0, cache=tmp_path / "cache")
        assert (again.image(0, 0) == 77).all()

    def test_colour_and_grey_do_not_share_a_cache(self, labels, tmp_path):
        cache = tmp_path / "cache"
        grey, colour = (FrameStore(labels, tmp_path, channels, 0, cache).image(0, 0) for channels in (1, 3))
        assert (grey.shape, colour.shape) == ((20, 30, 1), (20, 30, 3))

    def test_without_a_cache_folder_nothing_stays_on_disk(self, labels, tmp_path, monkeypatch):
        (tmp_path / "scratch").mkdir()
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
        store = FrameStore(labels, tmp_path, budget=0)
        store.fill()
        assert len(list((tmp_path / "scratch").rglob("*.npy"))) == 5
        del store
        assert list((tmp_path / "scratch").iterdir()) == []

    def test_progress_counts_to_the_number_of_frames(self, labels, tmp_path):
        seen: list[tuple[int, int]] = []
        FrameStore(labels, tmp_path).fill(lambda done, total: seen.append((done, total)))
        assert seen == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]

    def test_filling_says_how_many_frames_are_there(self, labels, tmp_path):
        assert list(FrameStore(labels, tmp_path).filling()) == [1, 2, 3, 4, 5]

    def test_a_missing_video_is_refused(self, labels, tmp_path):
        (tmp_path / "large" / "1.bmp").unlink()
        with pytest.raises(VideoError):
            FrameStore(labels, tmp_path).fill()

    def test_all_labelled_frames_that_cannot_be_decoded_are_named(self, labels, tmp_path):
        for frame in (0, 2):
            (tmp_path / "large" / f"{frame}.bmp").write_bytes(b"BM, and then nothing")
        with pytest.raises(FrameLost, match=r"2 of the 3 frames .* cannot be decoded: 0, 2\."):
            FrameStore(labels, tmp_path).fill()

    def test_a_labelled_frame_that_the_video_does_not_have_is_refused(self, images, tmp_path, project):
        listed = (tmp_path / "small" / "0.bmp",)
        labels = project({(0, 4): []}, [VideoSource(listed[0], listed)], Skeleton(("head",)))
        with pytest.raises(FrameOutOfRange):
            FrameStore(labels).fill()

    def test_a_frame_that_is_not_labelled_is_not_there(self, labels, tmp_path):
        with pytest.raises(KeyError):
            FrameStore(labels, tmp_path).image(0, 1)


class TestFingerprints:
    @pytest.mark.parametrize("channels", [1, 3])
    def test_frames_are_known_again_by_the_videos_own_pixels_whatever_the_store_keeps(self, labels, tmp_path, channels):
        store = FrameStore(labels, tmp_path, channels)
        store.fill()
        placed = replace(labels, videos=[resolve(video, tmp_path) for video in labels.videos])
        known = fingerprints(placed)
        assert [store.fingerprints[labels.frame_at(position)] for position in range(len(labels))] == known
        assert len({own.content for own in known}) == len(labels)
