import re

import av
import cv2
import numpy as np
import pytest

from gambol.errors import OutputError
from gambol.video.reader import open_video
from gambol.video.writer import VideoWriter

from .conftest import number_in, picture, says_three_things


@pytest.fixture
def texture():
    """A grey image (51, 67) of soft blobs over nearly all levels."""
    noise = cv2.GaussianBlur(np.random.default_rng(0).normal(size=(51, 67)), (0, 0), 3)
    return np.asarray(cv2.normalize(noise, None, 5, 250, cv2.NORM_MINMAX), dtype=np.float64).astype(np.uint8)


class TestVideoWriter:
    def test_frames_come_back_in_their_order(self, tmp_path):
        with VideoWriter(tmp_path / "film.mp4", fps=25, size=(48, 64)) as writer:
            for number in range(40):
                writer.write(picture(number))
        with open_video(tmp_path / "film.mp4") as reader:
            assert [number_in(image) for _, image in reader.stream(range(len(reader)), 3)] == list(range(40))

    @pytest.mark.parametrize("shape", [(51, 67), (51, 67, 1)])
    def test_grey_comes_back_within_a_few_levels_and_odd_sides_are_filled_up(self, tmp_path, texture, shape):
        with VideoWriter(tmp_path / "film.mp4", fps=25, size=(51, 67)) as writer:
            writer.write(texture.reshape(shape))
        with open_video(tmp_path / "film.mp4") as reader:
            assert (reader.size(0), reader.channels) == ((52, 68), 1)
            difference = reader.read(0)[:51, :67, 0].astype(int) - texture
        assert np.abs(difference).mean() < 3 and abs(difference.mean()) < 0.5

    def test_colours_come_back_as_they_were(self, tmp_path):
        colours = np.repeat(np.repeat(np.uint8([[[220, 30, 40], [20, 160, 230]], [[128, 128, 128], [240, 230, 20]]]),
                                      32, axis=0), 32, axis=1)
        with VideoWriter(tmp_path / "film.mp4", fps=25, size=(64, 64)) as writer:
            writer.write(colours)
        with open_video(tmp_path / "film.mp4") as reader:
            middles = [slice(8, 24), slice(40, 56)]
            for rows in middles:
                for columns in middles:
                    difference = reader.read(0)[rows, columns].astype(int) - colours[rows, columns]
                    assert np.abs(difference).max() <= 6

    @pytest.mark.parametrize("fps", [15, 29.97, 150])
    def test_the_film_lasts_as_long_as_its_frame_rate_says(self, tmp_path, fps):
        with VideoWriter(tmp_path / "film.mp4", fps=fps, size=(48, 64)) as writer:
            for number in range(30):
                writer.write(picture(number))
        with av.open(str(tmp_path / "film.mp4")) as container:
            assert float(container.streams.video[0].average_rate) == pytest.approx(fps)
            assert container.duration / 1e6 == pytest.approx(30 / fps, abs=0.002)

    def test_an_image_of_another_size_is_a_mistake_of_the_program(self, tmp_path):
        with pytest.raises(ValueError, match=re.escape("(48, 64)")), \
                VideoWriter(tmp_path / "film.mp4", fps=25, size=(48, 64)) as writer:
            writer.write(picture(0, (48, 66)))


class TestWholeOrNothing:
    def test_a_block_that_fails_leaves_nothing_and_keeps_what_was_there(self, tmp_path):
        path = tmp_path / "film.mp4"
        path.write_text("earlier")
        with pytest.raises(KeyError), VideoWriter(path, fps=25, size=(48, 64)) as writer:
            writer.write(picture(0))
            raise KeyError
        assert path.read_text() == "earlier"
        assert list(tmp_path.iterdir()) == [path]

    def test_a_film_without_frames_is_refused(self, tmp_path):
        with pytest.raises(OutputError, match="No frame was written") as refusal, \
                VideoWriter(tmp_path / "film.mp4", fps=25, size=(48, 64)):
            pass
        assert says_three_things(refusal.value)
        assert list(tmp_path.iterdir()) == []

    def test_a_place_that_cannot_be_written_is_refused_before_the_first_frame(self, tmp_path):
        (tmp_path / "file").write_text("not a folder")
        with pytest.raises(OutputError, match="could not be written") as refusal, \
                VideoWriter(tmp_path / "file" / "film.mp4", fps=25, size=(48, 64)):
            pytest.fail("the block must not be entered")
        assert says_three_things(refusal.value)
