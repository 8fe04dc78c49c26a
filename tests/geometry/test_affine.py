import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gambol.geometry.affine import Affine, center_crop

places = st.tuples(st.floats(-2000, 2000), st.floats(-2000, 2000))
angles = st.floats(-360, 360)
scales = st.floats(0.1, 8)
steps = st.one_of(
    st.builds(Affine.crop, st.floats(-500, 500), st.floats(-500, 500)),
    st.builds(Affine.rotation, angles, places),
    st.builds(Affine.scaling, scales),
    st.builds(Affine.scaling, scales, scales),
    st.builds(Affine.flip, st.integers(1, 2000)),
    st.builds(center_crop, places, st.tuples(st.integers(1, 300), st.integers(1, 300)), scales, angles),
)
sizes = st.sampled_from([(191, 191), (192, 192), (191, 192), (192, 191)])


def dot(size: tuple[int, int], place: tuple[float, float], sigma: float) -> np.ndarray:
    """A round, soft, bright dot whose middle of mass is at `place` (x, y)."""
    y, x = np.mgrid[: size[0], : size[1]]
    return np.round(250 * np.exp(-((x - place[0]) ** 2 + (y - place[1]) ** 2) / (2 * sigma**2))).astype(np.uint8)


def found(image: np.ndarray) -> np.ndarray:
    """Where the dot is: the image's middle of mass (x, y)."""
    y, x = np.mgrid[: image.shape[0], : image.shape[1]]
    mass = image.astype(np.float64)
    return np.array([(x * mass).sum(), (y * mass).sum()]) / mass.sum()


def noise(height: int, width: int, *channels: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, *channels), dtype=np.uint8)


class TestPoints:
    @given(chain=st.lists(steps, min_size=1, max_size=5), place=places)
    def test_any_composition_gives_points_back(self, chain, place):
        affine = Affine.identity()
        for step in chain:
            affine = affine.then(step)
        assert np.abs(affine.inverse(affine(np.array(place))) - place).max() < 0.05

    @given(first=steps, second=steps, place=places)
    def test_then_does_one_after_the_other(self, first, second, place):
        point = np.array(place)
        assert np.allclose(first.then(second)(point), second(first(point)), atol=1e-6)

    def test_missing_points_stay_missing_and_others_do_not_notice(self):
        points = np.array([[[np.nan, np.nan], [1.0, 2.0]]])  # (animal, node, 2)
        moved = Affine.translation(3, 4)(points)
        assert np.isnan(moved[0, 0]).all()
        assert moved[0, 1].tolist() == [4, 6]

    def test_scaling_keeps_the_edges_of_the_image_edges(self):
        # a 4 px wide image covers -0.5 .. 3.5; three times as wide it covers -0.5 .. 11.5
        corners = Affine.scaling(3)(np.array([[-0.5, -0.5], [3.5, 3.5]]))
        assert np.allclose(corners, [[-0.5, -0.5], [11.5, 11.5]])

    def test_rotation_turns_x_towards_y(self):
        assert np.allclose(Affine.rotation(90, centre=(10, 10))(np.array([12.0, 10.0])), [10, 12])

    def test_flip_exchanges_first_and_last_column(self):
        assert Affine.flip(5)(np.array([[0.0, 1.0], [4.0, 1.0]])).tolist() == [[4, 1], [0, 1]]

    @given(scale=scales, degrees=angles, centre=places)
    def test_scale_is_that_of_the_whole_composition(self, scale, degrees, centre):
        affine = Affine.rotation(degrees, centre).then(Affine.scaling(scale)).then(Affine.flip(7))
        assert affine.scale == pytest.approx(scale)

    @given(centre=places, scale=scales, degrees=angles, size=sizes)
    def test_the_middle_of_a_crop_shows_its_centre(self, centre, scale, degrees, size):
        middle = [(size[1] - 1) / 2, (size[0] - 1) / 2]
        assert np.allclose(center_crop(centre, size, scale, degrees)(np.array(centre)), middle)


class TestContent:
    """The image shows things where the points say that they are."""

    @settings(max_examples=200, deadline=None)
    @given(
        place=st.tuples(st.floats(80, 110), st.floats(80, 110)),
        off=st.tuples(st.floats(-5, 5), st.floats(-5, 5)),
        scale=st.floats(0.1, 3),
        degrees=st.one_of(angles, st.sampled_from([0.0, 45.0, 90.0, 180.0, 270.0])),
        mirrored=st.booleans(),
        source=sizes,
        odd=st.booleans(),
    )
    def test_a_crop_at_any_angle_and_scale(self, place, off, scale, degrees, mirrored, source, odd):
        side = int(np.ceil(120 * max(scale, 0.3))) // 2 * 2 + odd
        affine = center_crop((place[0] + off[0], place[1] + off[1]), (side, side), scale, degrees)
        if mirrored:
            affine = affine.then(Affine.flip(side))
        image = affine.warp(dot(source, place, sigma=max(2.0, 1.5 / scale)), (side, side))
        assert np.abs(found(image) - affine(np.array(place))).max() < 0.1

    @pytest.mark.parametrize("scale", [0.1, 0.25, 0.3, 0.5, 0.7, 0.95, 1.0, 1.3, 2.0, 3.7])
    @pytest.mark.parametrize("size", [(150, 200), (151, 201)])
    def test_a_resized_frame(self, scale, size):
        place = (93.3, 71.8)
        affine = Affine.scaling(scale)
        target = (round(size[0] * scale), round(size[1] * scale))
        image = affine.warp(dot(size, place, sigma=max(2.0, 1.5 / scale)), target)
        assert np.abs(found(image) - affine(np.array(place))).max() < 0.1

    def test_sharp_things_stay_in_place_too_when_they_shrink(self):
        errors = []
        for phase in np.linspace(0, 10, 41):
            place = (90 + phase, 95.5)
            affine = Affine.scaling(0.3)
            errors.append(
                np.abs(found(affine.warp(dot((200, 200), place, sigma=1.5), (60, 60))) - affine(np.array(place)))
            )
        assert np.max(errors) < 0.1

    def test_composing_is_the_same_as_one_crop_after_another(self):
        image = dot((200, 200), (101.2, 96.7), sigma=6)
        inner, outer = center_crop((60, 60), (80, 80), 1.0, 20), center_crop((100, 98), (121, 121), 1.0, 15)
        once = outer.then(inner).warp(image, (80, 80))
        twice = inner.warp(outer.warp(image, (121, 121)), (80, 80))
        assert np.abs(found(once) - found(twice)).max() < 0.1


class TestPixels:
    @pytest.mark.parametrize("channels", [(), (1,), (3,)])
    def test_whole_shifts_copy_and_the_rest_is_fill(self, channels):
        image = noise(20, 30, *channels)
        shown = Affine.crop(-2, 5).warp(image, (10, 40), fill=9)
        assert shown.shape == (10, 40, *channels)
        assert (shown[:, 2:32] == image[5:15]).all()
        assert (shown[:, :2] == 9).all() and (shown[:, 32:] == 9).all()

    @pytest.mark.parametrize("channels", [(), (1,), (3,)])
    def test_flips_and_quarter_turns_move_pixels_unchanged(self, channels):
        image = noise(21, 21, *channels)
        assert (Affine.flip(21).warp(image, (21, 21)) == image[:, ::-1]).all()
        assert (Affine.rotation(90, (10, 10)).warp(image, (21, 21)) == np.rot90(image, -1)).all()

    def test_halving_takes_the_mean_of_four(self):
        image = np.array([[0, 100, 8, 8], [100, 200, 8, 8]], np.uint8)
        assert Affine.scaling(0.5).warp(image, (1, 2)).tolist() == [[100, 8]]

    @pytest.mark.parametrize("scale", [0.2, 0.4, 0.5, 0.6])
    def test_what_shrinks_is_smoothed_not_sampled(self, scale):
        stripes = np.zeros((120, 120), np.uint8)
        stripes[:, ::2] = 200  # a sampled pattern would flicker between 0 and 200
        shown = Affine.scaling(scale).warp(stripes, (round(120 * scale),) * 2)[3:-3, 3:-3]
        assert abs(shown.mean() - 100) < 3
        assert np.ptp(shown.astype(int)) < 90

    @pytest.mark.parametrize("scale", [0.23, 0.4, 0.52, 0.7, 1.0, 1.6])
    def test_a_pixel_does_not_depend_on_what_else_is_shown(self, scale):
        """A small crop and a large one of the same place agree: training and inference see the same animal."""
        image = noise(301, 299)
        small, large = (center_crop((150.3, 140.9), (side, side), scale, 33) for side in (20, 60))
        inner = large.warp(image, (60, 60))[20:40, 20:40].astype(int)
        assert np.abs(small.warp(image, (20, 20)).astype(int) - inner).max() <= 1

    @pytest.mark.parametrize("scale", [0.2, 0.7, 1.0, 2.0])
    def test_beyond_the_image_there_is_only_fill(self, scale):
        assert (center_crop((-500, 900), (16, 24), scale, 10).warp(noise(50, 60, 3), (16, 24), fill=7) == 7).all()

    @pytest.mark.parametrize("scale", [0.2, 0.4, 0.7])
    @pytest.mark.parametrize("side", [100, 103])
    def test_an_even_image_stays_even_to_its_border_when_it_shrinks(self, scale, side):
        """At 0.2 and 0.4 the image of 103 pixels ends within a block of those that are averaged first."""
        image = np.full((side, side), 80, np.uint8)
        assert (Affine.scaling(scale).warp(image, (int(side * scale),) * 2) == 80).all()

    def test_what_ends_within_a_block_is_not_darkened(self):
        # 103 = 20 blocks of five and three pixels; target pixel 20 shows source pixel 102, the middle of the last block
        assert Affine.scaling(0.2).warp(np.full((103, 103), 80, np.uint8), (21, 21))[20, 20] == 80

    def test_an_image_wider_than_opencv_can_warp(self):
        image = noise(4, 40_000)
        assert Affine.translation(-39_000.5, 0).warp(image, (4, 100)).std() > 10

    def test_the_source_is_left_as_it_was(self):
        image = noise(64, 64)
        before = image.copy()
        center_crop((30, 30), (20, 20), 0.7, 5).warp(image, (20, 20))
        assert (image == before).all()
