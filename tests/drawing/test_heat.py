"""Maps as heat on an image."""

import numpy as np
import pytest

from gambol.drawing.heat import heat


@pytest.fixture
def grey() -> np.ndarray:
    return np.full((40, 60, 1), 90, np.uint8)


class TestHeat:
    def test_a_cell_glows_where_it_lies_in_the_image(self, grey):
        map_ = np.zeros((10, 15))
        map_[6, 9] = 1  # image pixel (36, 24)
        glow = heat(grey, map_, stride=4, side=60).astype(int)
        warmth = glow[..., 0] - glow[..., 2]  # red over blue
        rows, columns = np.nonzero(warmth > 0.5 * warmth.max())
        assert (columns.mean(), rows.mean()) == pytest.approx((36, 24), abs=0.5)

    def test_where_the_map_is_empty_there_is_the_image(self, grey):
        shown = heat(grey, np.zeros((10, 15)), stride=4, side=60)
        assert np.ptp(shown) == 0 and shown[0, 0, 0] > 0

    @pytest.mark.parametrize(("side", "size"), [(30, (20, 30)), (120, (80, 120)), (9999, (320, 480))])
    def test_it_fits_but_small_images_stay_small(self, grey, side, size):
        assert heat(grey, np.zeros((10, 15)), stride=4, side=side).shape[:2] == size

    def test_what_is_no_number_does_not_glow(self, grey):
        assert np.ptp(heat(grey, np.full((10, 15), np.nan), stride=4, side=60)) == 0
