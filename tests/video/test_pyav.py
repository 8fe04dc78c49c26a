import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gambol.errors import FrameOutOfRange, VideoError
from gambol.video.colour import as_channels, luma_table
from gambol.video.reader import open_video

from .conftest import FRAMES, make_film, number_in, picture, played, says_three_things


class TestRandomAccess:
    def test_frame_n_is_the_nth_frame_of_playing_the_film(self, film):
        shown = played(film)
        with open_video(film) as reader:
            assert len(reader) == len(shown) == FRAMES
            for index in np.random.default_rng(0).permutation(FRAMES):
                image = reader.read(int(index), 3)
                assert number_in(image) == index
                assert np.array_equal(image, shown[index])

    def test_frame_n_is_the_same_read_alone_as_in_a_stream(self, film):
        with open_video(film) as reader:
            streamed = dict(reader.stream(range(FRAMES), 1))
            for index in (59, 0, 31, 30, 12, 47, 23, 24, 25):
                assert np.array_equal(reader.read(index, 1), streamed[index])

    @settings(max_examples=25, deadline=None)
    @given(wanted=st.lists(st.integers(0, FRAMES - 1), max_size=12))
    def test_any_order_of_reading_gives_the_frames_asked_for(self, b_frames, wanted):
        with open_video(b_frames) as reader:
            got = [(index, number_in(image)) for index, image in reader.stream(wanted, 3)]
        assert got == [(index, index) for index in wanted]

    @pytest.mark.parametrize("index", [-1, FRAMES, 10_000])
    def test_a_frame_that_is_not_there_is_refused(self, b_frames, index):
        with open_video(b_frames) as reader, pytest.raises(FrameOutOfRange, match="60 frames, 0 to 59") as refusal:
            reader.read(index)
        assert says_three_things(refusal.value)


class TestGrey:
    """A film whose luma plane holds every level once, stored without loss."""

    @pytest.mark.parametrize("full_range", [False, True])
    @pytest.mark.parametrize("pixels", ["yuv420p", "yuv444p", "gray"])
    def test_eight_bits_are_stretched_as_the_range_says(self, tmp_path, pixels, full_range):
        levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
        rows = {"yuv420p": 24, "yuv444p": 16, "gray": 16}[pixels]
        planes = np.full((3, 16, 16) if pixels == "yuv444p" else (rows, 16), 128, np.uint8)
        planes.reshape(-1, 16)[:16] = levels
        path = make_film(tmp_path / "levels.mkv", "ffv1", pixels, [planes], full_range=full_range)
        with open_video(path) as reader:
            grey = reader.read(0, 1)
        expected = levels if full_range else np.clip(np.rint((levels - 16.0) * 255 / 219), 0, 255)
        assert np.array_equal(grey[..., 0], expected)

    def test_ten_bits_are_stretched_as_well(self, tmp_path):
        planes = np.full((48, 32), 512, np.uint16)
        planes[:32] = np.arange(1024, dtype=np.uint16).reshape(32, 32)
        path = make_film(tmp_path / "levels.mkv", "ffv1", "yuv420p10le", [planes], full_range=False)
        with open_video(path) as reader:
            assert np.array_equal(reader.read(0, 1)[..., 0], luma_table(10, False)[planes[:32]])

    def test_rgb_pixels_are_weighted(self, tmp_path):
        red = np.zeros((16, 16, 3), np.uint8)
        red[..., 0] = 200
        path = make_film(tmp_path / "red.mov", "png", "rgb24", [red])
        with open_video(path) as reader:
            assert np.all(reader.read(0, 1) == round(0.299 * 200))

    @pytest.mark.parametrize("size", [(51, 67), (48, 67), (51, 64)])
    def test_odd_sides_keep_their_size_and_their_last_row_and_column(self, tmp_path, size):
        image = np.full((*size, 3), 30, np.uint8)
        image[-1], image[:, -1] = 220, 220
        path = make_film(tmp_path / "odd.mkv", "ffv1", "yuv420p", [image])
        with open_video(path) as reader:
            grey = reader.read(0, 1)[..., 0].astype(int)
        assert grey.shape == size
        assert abs(grey[:-1, :-1] - 30).max() <= 2
        assert abs(grey[-1] - 220).max() <= 2 and abs(grey[:, -1] - 220).max() <= 2


class TestColour:
    def test_a_film_without_colour_says_so_though_its_pixels_could_hold_some(self, tmp_path):
        grey = [np.repeat(picture(number)[..., 1:2], 3, axis=2) for number in range(3)]
        with open_video(make_film(tmp_path / "grey.mp4", frames=grey)) as reader:
            assert reader.channels == 1
            assert reader.read(1).shape == (48, 64, 1)
            assert np.array_equal(reader.read(1, 3), np.repeat(reader.read(1, 1), 3, axis=2))

    def test_a_film_with_colour_keeps_it(self, b_frames):
        with open_video(b_frames) as reader:
            assert reader.channels == 3
            image = reader.read(20)
            assert np.abs(image[40, 20].astype(int) - (200, 30, 30)).max() < 30

    @pytest.mark.parametrize(("rotation", "turns"), [(90, 1), (180, 2), (-90, 3)])
    def test_a_film_from_a_turned_phone_is_read_as_players_show_it(self, tmp_path, rotation, turns):
        upright = make_film(tmp_path / "upright.mp4", frames=[picture(1)])
        turned = make_film(tmp_path / "turned.mp4", frames=[picture(1)], rotation=rotation)
        with open_video(upright) as plain, open_video(turned) as reader:
            for channels in (1, 3):
                assert np.array_equal(reader.read(0, channels), np.rot90(plain.read(0, channels), turns))
            assert reader.size(0) == reader.read(0).shape[:2]


class TestDamage:
    def test_a_damaged_frame_is_refused_and_its_neighbours_are_not(self, tmp_path):
        path = make_film(tmp_path / "film.mov", "png", "rgb24", [picture(number) for number in range(9)])
        with av.open(str(path)) as container:
            place, size = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size][5]
        content = bytearray(path.read_bytes())
        content[place:place + size] = bytes(size)
        path.write_bytes(content)
        with open_video(path) as reader:
            with pytest.raises(VideoError, match=r"Frame 5 of .* cannot be decoded") as refusal:
                reader.read(5)
            assert says_three_things(refusal.value)
            assert [number_in(reader.read(index)) for index in (4, 6, 8, 0)] == [4, 6, 8, 0]


class TestRealFilms:
    @pytest.mark.parametrize(("name", "frames", "size"), [
        ("centered_pair/centered_pair_small.mp4", 1100, (384, 384)),
        ("flies13_clip/flies13_clip.mp4", 1350, (1024, 1024)),
        ("mouse_clip/video.mp4", 97, (768, 1024)),
        ("format_samples/videos/centered_pair_low_quality.webm", 30, (384, 384)),
    ])
    def test_frames_read_alone_are_those_of_the_stream(self, data_folder, name, frames, size):
        with open_video(data_folder / name) as reader:
            assert (len(reader), reader.size(0), reader.channels) == (frames, size, 1)
            wanted = [0, 1, 17, 20, frames // 5, frames // 5 + 3]
            streamed = dict(reader.stream(range(max(wanted) + 1), 1))
            for index in reversed(wanted):
                assert np.array_equal(reader.read(index, 1), streamed[index])

    def test_a_full_range_film_keeps_its_black_and_white(self, data_folder):
        with open_video(data_folder / "format_samples/videos/small_robot_3_frame.mp4") as reader:
            assert (len(reader), reader.size(0), reader.channels) == (3, (320, 560), 3)
            grey, of_colours = reader.read(1, 1), as_channels(reader.read(1, 3), 1)
        assert np.abs(grey.astype(int) - of_colours).mean() < 1.5
