"""Views: whole frames and crops."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from gambol.data.crops import Crop, View, WholeFrame, affine_for, content_size, cut

places = st.floats(0.25, 0.75)
scales = st.sampled_from([0.35, 0.5, 0.8, 1.0, 1.7])


class TestWholeFrame:
    def test_the_input_is_rounded_up_to_a_multiple_of_the_stride(self):
        assert affine_for(WholeFrame(scale=0.5, multiple=16), (100, 130))[1] == (64, 80)

    def test_an_image_that_fits_is_not_padded(self):
        assert affine_for(WholeFrame(scale=0.1, multiple=10), (100, 300))[1] == (10, 30)

    def test_padding_is_black_and_lies_at_the_bottom_and_right(self):
        image = np.full((20, 30, 1), 200, np.uint8)
        seen, _ = cut(image, WholeFrame(multiple=16))
        assert seen.shape == (32, 32, 1)
        assert (seen[:20, :30] == 200).all()
        assert not seen[20:].any() and not seen[:, 30:].any()

    def test_padding_moves_no_point(self):
        plain, padded = (affine_for(WholeFrame(scale=0.5, multiple=multiple), (101, 99)) for multiple in (1, 32))
        assert (plain[1], padded[1]) == ((51, 50), (64, 64))
        assert (plain[0].matrix == padded[0].matrix).all()

    def test_scaling_keeps_edges_on_edges(self):
        affine, size = affine_for(WholeFrame(scale=0.5), (40, 60))
        assert np.allclose(affine(np.array([[-0.5, -0.5], [59.5, 39.5]])), [[-0.5, -0.5], [29.5, 19.5]])
        assert size == content_size(WholeFrame(scale=0.5, multiple=64), (40, 60)) == (20, 30)

    def test_a_last_row_or_column_that_does_not_fill_a_pixel_is_kept(self):
        assert affine_for(WholeFrame(scale=0.5), (101, 99))[1] == (51, 50)


class TestCrop:
    @given(x=st.floats(-20, 120), y=st.floats(-20, 120))
    def test_at_scale_1_pixels_are_copied(self, x: float, y: float):
        image = np.random.default_rng(0).integers(1, 256, (100, 100, 1), dtype=np.uint8)
        seen, affine = cut(image, Crop(size=32), (x, y))
        left, top = np.rint(affine.inverse(np.zeros(2))).astype(int)
        around = np.pad(image, ((70, 70), (70, 70), (0, 0)))
        assert (seen == around[top + 70 : top + 102, left + 70 : left + 102]).all()

    @given(x=st.floats(-20, 120), y=st.floats(-20, 120), size=st.integers(8, 65), scale=scales)
    def test_the_centre_shows_what_was_asked_for(self, x: float, y: float, size: int, scale: float):
        affine, _ = affine_for(Crop(size=size, scale=scale), (100, 100), (x, y))
        off = np.abs(affine(np.array([x, y])) - (size - 1) / 2).max()
        assert off <= (0.5 + 1e-9 if scale == 1 else 1e-9)

    def test_outside_the_image_is_black(self):
        seen, _ = cut(np.full((50, 50, 1), 255, np.uint8), Crop(size=20), (0, 0))
        assert not seen[:9].any() and not seen[:, :9].any()
        assert (seen[10:, 10:] == 255).all()

    @pytest.mark.parametrize("centre", [None, (np.nan, 3.0)])
    def test_without_a_centre_there_is_no_crop(self, centre: tuple[float, float] | None):
        with pytest.raises(ValueError, match="centre"):
            affine_for(Crop(size=32), (100, 100), centre)


class TestCut:
    @given(u=places, v=places, scale=scales, height=st.integers(70, 90), width=st.integers(70, 90))
    def test_a_whole_frame_shows_its_content_where_its_points_are(self, u, v, scale, height, width, draw_dot, find_dot):
        at = (u * width, v * height)
        seen, affine = cut(draw_dot(at, (height, width)), WholeFrame(scale=scale, multiple=16))
        assert np.abs(find_dot(seen) - affine(np.array(at))).max() < 0.1

    @given(u=st.floats(0, 1), v=st.floats(0, 1), dx=st.floats(-12, 12), dy=st.floats(-12, 12), scale=scales)
    def test_a_crop_shows_its_content_where_its_points_are_also_at_the_border(
            self, u, v, dx, dy, scale, draw_dot, find_dot):
        at = np.array([10 + u * 60, 10 + v * 50])  # the dot fits into the image, the crop need not
        view = Crop(size=round(56 * scale), scale=scale)
        seen, affine = cut(draw_dot(tuple(at), (70, 80)), view, (at[0] + dx, at[1] + dy))
        assume(((affine(at) > 12 * scale) & (affine(at) < (55 - 12) * scale)).all())
        assert np.abs(find_dot(seen) - affine(at)).max() < 0.1


class TestView:
    def test_its_kind_tells_them_apart(self):
        read = TypeAdapter(View).validate_python
        assert read({"kind": "crop", "size": 64}) == Crop(size=64)
        assert read({"kind": "frame", "multiple": 16}) == WholeFrame(multiple=16)
