"""Knowing a video again without reading it."""

import json
import os

import h5py
import numpy as np
import pytest

from gambol.errors import VideoError
from gambol.video.fingerprint import PIECE, changed, fingerprint
from gambol.video.source import VideoSource


@pytest.fixture
def film(tmp_path) -> VideoSource:
    """A file longer than what is looked at on both ends; what is in it does not matter here."""
    (tmp_path / "film.mp4").write_bytes(np.random.default_rng(0).bytes(3 * PIECE))
    return VideoSource(tmp_path / "film.mp4")


@pytest.fixture
def images(tmp_path) -> VideoSource:
    """A list of five images."""
    (tmp_path / "images").mkdir()
    names = tuple(tmp_path / "images" / f"{number}.png" for number in range(5))
    for number, name in enumerate(names):
        name.write_bytes(bytes([number]) * 100)
    return VideoSource(names[0], images=names)


@pytest.fixture
def package(tmp_path) -> VideoSource:
    """Three images embedded in a project."""
    with h5py.File(tmp_path / "labels.pkg.slp", "w") as file:
        images = file.create_dataset("video0/video", (3,), h5py.vlen_dtype(np.int8))
        for place in range(3):
            images[place] = np.full(50 + place, place, np.int8)
        file["video0/frame_numbers"] = np.array([2, 5, 9])
    return VideoSource(tmp_path / "labels.pkg.slp", dataset="video0/video")


@pytest.mark.parametrize("kind", ["film", "images", "package"])
class TestEveryVideo:
    def test_is_known_again_after_its_fingerprint_was_stored(self, kind, request):
        source = request.getfixturevalue(kind)
        assert changed(source, json.loads(json.dumps(fingerprint(source)))) is None

    def test_of_which_nothing_is_known_has_not_changed(self, kind, request):
        assert changed(request.getfixturevalue(kind), {}) is None

    def test_that_is_gone_has_changed(self, kind, request):
        source = request.getfixturevalue(kind)
        stored = fingerprint(source)
        source.path.unlink()
        assert changed(source, stored) == f"{source.name} is gone"
        with pytest.raises(VideoError):
            fingerprint(source)


class TestFile:
    def test_is_the_same_wherever_it_lies_and_whenever_it_was_copied(self, film, tmp_path):
        stored = fingerprint(film)
        film.path.rename(tmp_path / "other.mp4")
        os.utime(tmp_path / "other.mp4", (0, 0))
        assert changed(VideoSource(tmp_path / "other.mp4"), stored) is None

    @pytest.mark.parametrize("place", [0, -1])
    def test_with_another_head_or_tail_is_another(self, film, place):
        stored, content = fingerprint(film), bytearray(film.path.read_bytes())
        content[place] ^= 1
        film.path.write_bytes(content)
        assert changed(film, stored) == "the content of film.mp4 has changed"

    @pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE + 1, 2 * PIECE + 1])
    def test_of_another_length_is_another(self, film, size):
        stored = fingerprint(film)
        film.path.write_bytes(film.path.read_bytes()[:size])
        said = "film.mp4 is gone" if not size else f"film.mp4 has {size} bytes, and had {3 * PIECE}"
        assert changed(film, stored) == said

    def test_shorter_than_what_is_looked_at_is_looked_at_once(self, tmp_path):
        (tmp_path / "a").write_bytes(b"ab")
        (tmp_path / "b").write_bytes(b"abab")
        one, other = (fingerprint(VideoSource(tmp_path / name)) for name in "ab")
        assert one["hash"] != other["hash"]


class TestImages:
    def test_in_another_order_are_another_video(self, images):
        stored = fingerprint(images)
        order = (images.images[0], *images.images[3:0:-1], images.images[4])
        assert "have other names" in changed(VideoSource(order[0], images=order), stored)

    def test_fewer_are_another_video(self, images):
        stored = fingerprint(images)
        assert changed(VideoSource(images.path, images=images.images[:4]), stored) == (
            "0.png has 4 images, and had 5")

    def test_a_folder_is_the_list_of_what_is_in_it(self, images):
        known = fingerprint(images)
        assert changed(VideoSource(images.path.parent), known) is None
        (images.path.parent / "9.png").write_bytes(b"nine")
        assert "has 6 images" in changed(VideoSource(images.path.parent), known)

    @pytest.mark.parametrize("which", [0, 4])
    def test_another_first_or_last_image_is_another_video(self, images, which):
        stored = fingerprint(images)
        images.images[which].write_bytes(b"x" * 100)
        assert "content" in changed(images, stored)


class TestEmbedded:
    def test_labels_beside_the_images_may_change(self, package):
        stored = fingerprint(package)
        with h5py.File(package.path, "a") as file:
            file["points"] = np.zeros(1000)
        assert changed(package, stored) is None

    @pytest.mark.parametrize("place", [0, 2])
    def test_another_image_is_another_video(self, package, place):
        stored = fingerprint(package)
        with h5py.File(package.path, "a") as file:
            file["video0/video"][place] = np.full(7, 7, np.int8)
        assert "content" in changed(package, stored)

    def test_images_of_other_frames_are_another_video(self, package):
        stored = fingerprint(package)
        with h5py.File(package.path, "a") as file:
            file["video0/frame_numbers"][0] = 1
        assert "content" in changed(package, stored)

    def test_a_dataset_that_is_not_there_is_gone(self, package):
        assert "is gone" in changed(VideoSource(package.path, dataset="video7/video"), fingerprint(package))
