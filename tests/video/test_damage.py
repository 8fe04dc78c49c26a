"""Films in which a stretch is overwritten: what can be shown is shown, under its own number, and the rest is named."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gambol.errors import FrameLost, VideoError
from gambol.video.reader import open_video

from .conftest import FRAMES, make_film, number_in, pack, packets_of, picture, played, says_three_things


def grainy(number: int) -> np.ndarray:
    """A numbered picture with noise, as cameras make it: frames differ everywhere, and packets are large."""
    grain = np.random.default_rng(number).normal(0, 6, (48, 64, 3))
    return np.clip(picture(number) + grain, 0, 255).astype(np.uint8)


GRAINY = [grainy(number) for number in range(FRAMES)]
Maker = Callable[[Path], Path]
CODED: dict[str, Maker] = {
    "MP4": lambda f: make_film(f / "film.mp4", frames=GRAINY, bf="3", g="12"),
    "MP4, open groups": lambda f: make_film(
        f / "film.mp4", frames=GRAINY, bf="3", g="12", **{"x264-params": "open-gop=1:scenecut=0"}),
    "H.264 in AVI": lambda f: make_film(f / "film.avi", frames=GRAINY, bf="3", g="12"),
    "MPEG-4 in AVI": lambda f: make_film(f / "film.avi", "mpeg4", frames=GRAINY, bf="2", g="12"),
    "MPEG-4 in AVI, no B-frames": lambda f: make_film(f / "film.avi", "mpeg4", frames=GRAINY, bf="0", g="12"),
    "MPEG-4 in AVI, packed": lambda f: pack(f / "film.avi"),
    "Matroska": lambda f: make_film(f / "film.mkv", frames=GRAINY, bf="3", g="12"),
    "VP8 in WebM": lambda f: make_film(f / "film.webm", "libvpx", frames=GRAINY, g="12", deadline="realtime"),
    "VP9 in WebM": lambda f: make_film(f / "film.webm", "libvpx-vp9", frames=GRAINY, g="12", deadline="realtime"),
    "transport stream": lambda f: make_film(f / "film.ts", frames=GRAINY, bf="3", g="12"),
    "Motion JPEG in AVI": lambda f: make_film(f / "film.avi", "mjpeg", "yuvj420p", frames=GRAINY),
    "lossless": lambda f: make_film(f / "film.mkv", "ffv1", frames=GRAINY),
}


def overwrite(path: Path, first: int, last: int, fill: str = "zeros", from_byte: int = 0) -> Path:
    """Overwrite a film from the packet numbered `first` to the one numbered `last`, and all that lies between."""
    packets, content = packets_of(path), bytearray(path.read_bytes())
    start, stop = packets[first].pos + from_byte, packets[last].pos + packets[last].size
    noise = np.random.default_rng(0).bytes(stop - start)
    content[start:stop] = noise if fill == "noise" else bytes(stop - start)
    path.write_bytes(content)
    return path


class TestAnOverwrittenStretch:
    @pytest.mark.parametrize("fill", ["zeros", "noise"])
    @pytest.mark.parametrize("kind", list(CODED))
    def test_what_is_shown_is_right_and_all_else_is_named(self, tmp_path, kind, fill):
        path = CODED[kind](tmp_path)
        whole = played(path)
        overwrite(path, 20, 25, fill)
        with open_video(path) as reader:
            shown = dict(reader.stream(range(FRAMES), 3))
            lost = reader.lost
            assert len(reader) == FRAMES
        assert all(np.array_equal(image, whole[index]) for index, image in shown.items())
        assert lost == sorted(set(range(FRAMES)) - set(shown))
        assert 5 <= len(lost) <= 48 and 0 in shown

        with open_video(path) as reader:  # and so it is in whatever order one reads
            for index in np.random.default_rng(1).permutation(FRAMES).tolist():
                if index in lost:
                    with pytest.raises(FrameLost):
                        reader.read(index)
                else:
                    assert np.array_equal(reader.read(index, 3), shown[index])
            assert reader.lost == []  # only a stream leaves frames out

    def test_frames_predicted_from_a_lost_one_are_lost_until_the_next_keyframe(self, tmp_path):
        path = make_film(tmp_path / "film.mp4", frames=GRAINY, bf="0", g="12", **{"x264-params": "scenecut=0"})
        with open_video(overwrite(path, 17, 17)) as reader:
            assert [index for index, _ in reader.stream(range(FRAMES))] == [*range(17), *range(24, FRAMES)]
            assert reader.lost == [*range(17, 24)]

    def test_pictures_that_stand_alone_are_lost_alone(self, tmp_path):
        with open_video(overwrite(CODED["Motion JPEG in AVI"](tmp_path), 17, 18)) as reader:
            list(reader.stream(range(FRAMES)))
            assert reader.lost == [17, 18]

    def test_a_lost_keyframe_takes_its_group_with_it_and_what_leads_to_it(self, tmp_path):
        path = CODED["MP4, open groups"](tmp_path)
        key = [number for number, packet in enumerate(packets_of(path)) if packet.is_keyframe][2]
        with open_video(overwrite(path, key, key)) as reader:
            list(reader.stream(range(FRAMES)))
            assert reader.lost == [*range(21, 36)]  # the keyframe is frame 24, and three B-frames lead to it

    def test_a_frame_lost_twice_is_named_once(self, tmp_path):
        with open_video(overwrite(CODED["Motion JPEG in AVI"](tmp_path), 17, 17)) as reader:
            assert [index for index, _ in reader.stream([17, 16, 17, 18])] == [16, 18]
            assert reader.lost == [17]

    def test_reading_a_lost_frame_says_so_in_three_sentences(self, tmp_path):
        with open_video(overwrite(CODED["MP4"](tmp_path), 20, 25)) as reader, \
                pytest.raises(FrameLost, match=r"Frame 25 of .* cannot be decoded") as refusal:
            reader.read(25)
        assert says_three_things(refusal.value)


class TestTheEndsOfAFilm:
    @pytest.mark.parametrize("kind", ["MP4", "MPEG-4 in AVI", "Motion JPEG in AVI"])
    def test_a_film_whose_beginning_is_lost_shows_the_rest(self, tmp_path, kind):
        path = CODED[kind](tmp_path)
        channels_of_whole = open_video(path).channels
        with open_video(overwrite(path, 0, 3)) as reader:
            assert (reader.size(0), reader.channels, len(reader)) == ((48, 64), channels_of_whole, FRAMES)
            shown = dict(reader.stream(range(FRAMES), 3))
            assert reader.lost[0] == 0 and len(reader.lost) <= 14
            assert all(number_in(image) == index for index, image in shown.items())

    @pytest.mark.parametrize("kind", ["MP4", "MPEG-4 in AVI", "Matroska", "VP9 in WebM"])
    def test_a_film_whose_last_frames_are_lost_still_has_them(self, tmp_path, kind):
        with open_video(overwrite(CODED[kind](tmp_path), 50, 59)) as reader:
            shown = dict(reader.stream(range(FRAMES), 3))
            assert len(reader) == FRAMES
            assert reader.lost[-1] == FRAMES - 1 and 40 in shown
            assert all(number_in(image) == index for index, image in shown.items())

    def test_a_film_of_which_nothing_can_be_decoded_is_refused(self, tmp_path):
        with pytest.raises(VideoError, match="No frame of") as refusal:
            open_video(overwrite(CODED["Motion JPEG in AVI"](tmp_path), 0, FRAMES - 1))
        assert says_three_things(refusal.value)


class TestWhereNumbersWouldBeGuessed:
    def test_a_hole_in_a_film_of_uneven_times_is_refused(self, tmp_path):
        times = np.cumsum(np.random.default_rng(0).integers(10, 90, FRAMES)).tolist()
        path = make_film(tmp_path / "film.mkv", frames=GRAINY, times=times, g="12", bf="0")
        with pytest.raises(VideoError, match="constant rate") as refusal:
            open_video(overwrite(path, 20, 25))
        assert says_three_things(refusal.value)

    def test_a_camera_that_left_frames_out_did_no_damage(self, tmp_path):
        times = [40 * (number + 7 * (number > 20)) for number in range(FRAMES)]
        with open_video(make_film(tmp_path / "film.mkv", times=times, g="12")) as reader:
            assert [number_in(image) for _, image in reader.stream(range(len(reader)), 3)] == [*range(FRAMES)]

    def test_a_film_without_time_stamps_is_refused_when_it_is_seen_to_be_damaged(self, tmp_path):
        path = make_film(tmp_path / "raw.h264", frames=GRAINY, bf="3", g="12")
        with pytest.raises(VideoError, match=r"ffmpeg -i raw\.h264") as refusal:
            open_video(overwrite(path, 20, 20, "noise", from_byte=40))
        assert says_three_things(refusal.value)
