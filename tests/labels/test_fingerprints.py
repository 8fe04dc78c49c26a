"""Frames are known again wherever their project went, and others are not taken for them."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gambol.formats import load, save
from gambol.labels import fingerprints as module
from gambol.labels.columns import arrange
from gambol.labels.fingerprints import (
    TEST,
    TRAIN,
    UNKNOWN,
    VALIDATION,
    Fingerprint,
    Memory,
    fingerprints,
    recognise,
    undecoded,
)
from gambol.video.reader import open_video
from gambol.video.source import VideoSource


@pytest.fixture
def labels(lone_gecko):
    """Ten labelled frames of one video, every third."""
    return load(lone_gecko.labels)


@pytest.fixture
def earlier(labels):
    """An earlier training of all ten: the second validated, the third tested."""
    known = fingerprints(labels)
    return {TRAIN: [known[0], *known[3:]], VALIDATION: [known[1]], TEST: [known[2]]}


@pytest.fixture
def undecodable(monkeypatch):
    """No video may be opened any more."""
    def refuse(source):
        raise AssertionError(f"{source} was opened")

    return lambda: monkeypatch.setattr(module, "open_video", refuse)


SIDES = [TRAIN, VALIDATION, TEST, *[TRAIN] * 7]


def with_video(labels, video, frames=None):
    """The same labels, of another video."""
    return replace(labels, videos=[video], frame_index=labels.frame_index if frames is None else np.asarray(frames))


class TestRecognise:
    def test_saved_again_frames_are_known_by_their_file_without_decoding(self, labels, earlier, undecodable, tmp_path):
        save(labels, tmp_path / "again.slp")
        undecodable()
        assert recognise(load(tmp_path / "again.slp"), earlier).sides.tolist() == SIDES

    def test_a_video_that_moved_and_has_another_name_is_the_same_video(self, labels, earlier, undecodable, tmp_path):
        moved = tmp_path / "elsewhere" / "renamed.mp4"
        moved.parent.mkdir()
        moved.write_bytes(labels.videos[0].path.read_bytes())
        undecodable()
        assert recognise(with_video(labels, VideoSource(moved)), earlier).sides.tolist() == SIDES

    def test_merged_with_others_and_in_another_order_frames_keep_their_sides(self, labels, earlier, geckos):
        others = load(geckos.labels)
        both = replace(
            labels, videos=[others.videos[0], labels.videos[0]],
            frame_video=np.repeat([0, 1], [len(others), len(labels)]),
            frame_index=np.concatenate([others.frame_index, labels.frame_index]),
            negative=np.zeros(len(others) + len(labels), bool), origin=None)
        merged = arrange(both, np.full(len(labels.kinds), len(others)))
        assert recognise(merged, earlier).sides.tolist() == [UNKNOWN] * len(others) + SIDES

    @pytest.mark.parametrize("coloured", [False, True])
    def test_embedded_without_loss_pixels_tell_when_the_video_is_gone(
        self, coloured, lone_gecko, coloured_geckos, tmp_path
    ):
        film = coloured_geckos if coloured else lone_gecko
        video = tmp_path / "own.mp4"
        video.write_bytes(film.video.read_bytes())
        labels = with_video(load(film.labels), VideoSource(video))
        earlier = {TEST: fingerprints(labels)}
        save(labels, tmp_path / "packed.pkg.slp", embed=True)
        video.unlink()
        packed = load(tmp_path / "packed.pkg.slp")
        assert recognise(packed, earlier).sides.tolist() == [TEST] * len(labels)
        assert [own.content for own in fingerprints(packed)] == [own.content for own in earlier[TEST]]

    def test_embedded_beside_its_video_the_file_tells(self, labels, earlier, undecodable, tmp_path):
        save(labels, tmp_path / "packed.pkg.slp", embed=True)
        undecodable()
        assert recognise(load(tmp_path / "packed.pkg.slp"), earlier).sides.tolist() == SIDES

    def test_encoded_anew_a_frame_is_known_by_its_name_and_its_look(self, labels, tmp_path):
        lists = {}
        with open_video(labels.videos[0]) as reader:
            for suffix in (".png", ".jpg"):
                images = tuple(tmp_path / f"frame{index:03}{suffix}" for index in range(4))
                for index, image in enumerate(images):
                    cv2.imwrite(str(image), reader.read(index * 3), [cv2.IMWRITE_JPEG_QUALITY, 60])
                lists[suffix] = VideoSource(images[0], images=images)
        four = labels.select_frames(np.arange(4))
        png, jpg = (with_video(four, lists[suffix], range(4)) for suffix in (".png", ".jpg"))
        known = fingerprints(png)
        assert known[0].content != fingerprints(jpg)[0].content
        earlier = {TRAIN: known[:2], VALIDATION: known[2:]}
        assert recognise(jpg, earlier).sides.tolist() == [TRAIN, TRAIN, VALIDATION, VALIDATION]

    def test_another_programs_package_is_known_by_the_look(self, data_folder):
        folder = data_folder / "centered_pair"
        packed = load(folder / "centered_pair.hand.train.pkg.slp").select_frames(np.arange(6))
        video = VideoSource(folder / "centered_pair_small.mp4")
        known = fingerprints(with_video(packed, video))
        apart = [replace(own, file="gone") for own in known]
        assert fingerprints(packed)[0].content != known[0].content  # its grey differs by one level
        memory = Memory({VALIDATION: apart})
        assert [memory.sides(replace(own, file="other")) for own in fingerprints(packed)] == [{VALIDATION}] * 6

    def test_a_near_identical_video_is_another_video(self, labels, tmp_path):
        one, other = (tmp_path / name / "day.mp4" for name in ("a", "b"))
        with open_video(labels.videos[0]) as reader:
            frames = [reader.read(index) for index in range(30)]
        for path, extra in ((one, 0), (other, 1)):
            path.parent.mkdir()
            write_film(path, [np.clip(frame.astype(int) + extra * (index == 6), 0, 255).astype(np.uint8)
                              for index, frame in enumerate(frames)])
        first, second = (fingerprints(with_video(labels, VideoSource(path))) for path in (one, other))
        assert not {own.file for own in first} & {own.file for own in second}
        both = replace(
            labels, videos=[VideoSource(one), VideoSource(other)], frame_video=np.repeat([0, 1], 10),
            frame_index=np.tile(labels.frame_index, 2), negative=np.zeros(20, bool), origin=None)
        both = arrange(both, np.arange(len(labels.kinds)))
        found = recognise(both, {TRAIN: first, VALIDATION: second})
        assert found.sides.tolist() == [TRAIN] * 10 + [VALIDATION] * 10
        assert found.disputed == 0


def write_film(path: Path, frames) -> None:
    """A grey film of these frames."""
    from gambol.video.writer import VideoWriter

    with VideoWriter(path, 30, frames[0].shape[:2]) as video:
        for frame in frames:
            video.write(frame)


def frame(number, content="", file="a", place="a", look="80" * 64):
    """A fingerprint of frame `number` of the video `file`."""
    return Fingerprint(f"{file}:{number}", f"{place}:{number}", content or f"pixels of {file} {number}", look)


class TestMemory:
    def test_of_files_that_are_taken_for_each_other_pixels_tell(self):
        memory = Memory({TRAIN: [frame(5, content="one")], VALIDATION: [frame(5, content="two")]})
        assert memory.sides(frame(5, content="one")) == {TRAIN}
        assert memory.sides(frame(5, content="two")) == {VALIDATION}

    def test_equal_images_of_one_video_keep_their_own_sides(self):
        memory = Memory({TRAIN: [frame(5, content="still")], VALIDATION: [frame(6, content="still")]})
        assert memory.sides(frame(6, content="still", file="packed")) == {VALIDATION}

    def test_an_image_that_was_on_several_sides_counts_as_learnt_from(self):
        memory = Memory({TRAIN: [frame(5, content="still")], VALIDATION: [frame(6, content="still")]})
        assert memory.sides(frame(7, content="still", file="packed", place="packed")) == {TRAIN, VALIDATION}

    @pytest.mark.parametrize(("level", "known"), [(0x80, True), (0x84, True), (0x85, False)])
    def test_the_look_must_agree(self, level, known):
        memory = Memory({TEST: [frame(5)]})
        seen = frame(5, content="encoded anew", file="other", look=f"{level:02x}" + "80" * 63)
        assert memory.sides(seen) == ({TEST} if known else set())

    def test_the_look_alone_is_not_enough(self):
        assert Memory({TEST: [frame(5)]}).sides(frame(6, content="b", file="other")) == set()
        assert Memory({TEST: [frame(5)]}).sides(frame(5, content="b", file="other", place="b")) == set()

    @given(st.dictionaries(st.integers(0, 50), st.sampled_from([TRAIN, VALIDATION, TEST])),
           st.booleans(), st.booleans())
    def test_whatever_is_exchanged_as_long_as_pixels_stay_sides_stay(self, sides, new_file, new_place):
        earlier = {side: [frame(number) for number, own in sides.items() if own == side]
                   for side in (TRAIN, VALIDATION, TEST)}
        memory = Memory(earlier)
        for number in range(51):
            seen = frame(number, f"pixels of a {number}", "b" if new_file else "a", "b" if new_place else "a")
            assert memory.sides(seen) == ({sides[number]} if number in sides else set())


class TestUndecoded:
    def test_it_needs_no_pixels_and_tells_frames_apart(self, labels):
        known = undecoded(labels.videos[0], [3, 6])
        assert known[3].file != known[6].file
        assert (known[3].place, known[3].content) == ("film:3", "")
