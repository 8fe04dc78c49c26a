import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gambol.video.colour import as_channels, looks_grey, luma_table


class TestChannels:
    def test_grey_repeated_to_rgb_and_weighted_back_is_unchanged(self):
        grey = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
        assert np.array_equal(as_channels(as_channels(grey, 3), 1), grey)

    @pytest.mark.parametrize(("colour", "grey"), [((255, 0, 0), 76), ((0, 255, 0), 150), ((0, 0, 255), 29)])
    def test_rgb_becomes_grey_by_bt_601(self, colour, grey):
        assert as_channels(np.full((2, 2, 3), colour, np.uint8), 1).tolist() == [[[grey]] * 2] * 2

    @pytest.mark.parametrize("shape", [(4, 5), (4, 5, 1), (4, 5, 3)])
    def test_nothing_asked_for_changes_no_pixel(self, shape):
        image = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
        assert np.array_equal(as_channels(image, None).reshape(shape), image)

    def test_other_numbers_of_channels_are_a_mistake_of_the_program(self):
        with pytest.raises(ValueError, match="3 cannot become 4"):
            as_channels(np.zeros((2, 2, 3), np.uint8), 4)


class TestLooksGrey:
    @pytest.mark.parametrize(("difference", "grey"), [(0, True), (2, True), (3, False)])
    @pytest.mark.parametrize("channel", [0, 1, 2])
    def test_one_pixel_of_colour_is_enough(self, channel, difference, grey):
        image = np.full((8, 8, 3), 100, np.uint8)
        image[3, 4, channel] += difference
        assert looks_grey(image) is grey


class TestLumaTable:
    @given(bits=st.integers(8, 16), full_range=st.booleans())
    def test_black_is_0_white_is_255_and_brighter_is_never_darker(self, bits, full_range):
        table = luma_table(bits, full_range)
        black, white = (0, 2**bits - 1) if full_range else (16 << bits - 8, 235 << bits - 8)
        assert (len(table), table[black], table[white]) == (2**bits, 0, 255)
        assert np.all(np.diff(table.astype(int)) >= 0)

    def test_full_range_of_eight_bits_is_kept_as_it_is(self):
        assert np.array_equal(luma_table(8, True), np.arange(256))
