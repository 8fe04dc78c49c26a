import numpy as np
import pytest

from gambol.worlds.body import SKELETON, SPINE_NODES, Body
from gambol.worlds.coat import MARGIN, TEXELS, Coat, rolled_out
from gambol.worlds.motion import Walker, roam
from gambol.worlds.render import Layer, draw_animal, paint

SIZE = 80.0


def walking(frame: int) -> Body:
    """A gecko in the middle of its walk, bent and at arbitrary sub-pixel places."""
    path = roam(np.random.default_rng(7), (60, 60, 260, 260), (80, 80), SIZE, Walker.needed(400, SIZE, 1.8))
    return Walker(path, SIZE, 1.8, np.array([0.3, 1.9, 4.0, 2.2])).body(frame)


def coat_with_dots(coat: Coat, nodes: tuple[int, ...]) -> Coat:
    """Nothing of the animal can be seen but a blurred bright dot on some nodes of its spine."""
    along, across = rolled_out(SIZE)
    dots = sum(np.exp(-((along - SPINE_NODES[node]) ** 2 + across**2) * SIZE**2 / (2 * 1.2**2)) for node in nodes)
    texture = np.round(255 * np.repeat(np.asarray(dots)[..., None], 2, axis=2)).astype(np.uint8)
    return Coat(texture, limb=(0.0,), outline=(0.0,), toe=(0.0,), palm=(0.0,))


def bright_spot(layer: Layer, near: np.ndarray, radius: float) -> np.ndarray:
    """The centre of mass of the light around a point, image pixels."""
    rows, columns = np.mgrid[: layer.coverage.shape[0], : layer.coverage.shape[1]]
    x, y = columns + layer.left, rows + layer.top
    weight = layer.colour[..., 0] * (np.hypot(x - near[0], y - near[1]) < radius)
    return np.array([(weight * x).sum(), (weight * y).sum()]) / weight.sum()


class TestDrawAnimal:
    @pytest.mark.parametrize("frame", range(0, 400, 37))
    def test_draws_the_spine_where_the_truth_says_to_a_tenth_of_a_pixel(self, plain_coat, frame):
        body = walking(frame)
        for node in range(1, 5):
            layer = draw_animal(body, coat_with_dots(plain_coat, (node,)))
            assert np.abs(bright_spot(layer, body.points[node], 6) - body.points[node]).max() < 0.1

    @pytest.mark.parametrize("frame", range(0, 400, 37))
    def test_draws_hands_and_feet_where_the_truth_says_to_a_tenth_of_a_pixel(self, plain_coat, frame):
        body = walking(frame)
        black = (0.0,)
        coat = Coat(np.zeros_like(plain_coat.texture), limb=black, outline=black, toe=black, palm=(255.0,))
        layer = draw_animal(body, coat)
        for foot in body.points[6:]:
            assert np.abs(bright_spot(layer, foot, 4) - foot).max() < 0.1

    def test_the_animal_ends_at_its_snout_and_at_its_tail_tip(self, straight_body, plain_coat):
        layer = draw_animal(straight_body, plain_coat)
        columns = np.flatnonzero(layer.coverage[round(40.6) - layer.top] > 0.5) + layer.left
        assert columns.min() == pytest.approx(90.3 - 80, abs=1.5)
        assert columns.max() == pytest.approx(90.3, abs=1.5)

    def test_covers_its_own_nodes_and_not_the_floor_beside_it(self, straight_body, plain_coat):
        layer = draw_animal(straight_body, plain_coat)
        assert layer.covers(straight_body.points).all()
        assert not layer.covers(straight_body.points[[0, 2, 4, 5]] + [0, 9]).any()

    def test_moving_by_whole_pixels_moves_the_picture(self, straight_body, plain_coat):
        shift = np.array([7, -4])
        moved = Body(straight_body.spine + shift, straight_body.feet + shift, straight_body.size)
        here, there = draw_animal(straight_body, plain_coat), draw_animal(moved, plain_coat)
        assert (there.left, there.top) == (here.left + 7, here.top - 4)
        assert np.abs(there.colour - here.colour).max() < 3


class TestPaint:
    def test_an_animal_hides_the_floor_and_darkens_it_beside_itself(self, straight_body, plain_coat):
        canvas = np.full((80, 120, 1), 100, np.float32)
        layer = draw_animal(straight_body, plain_coat)
        paint(canvas, layer, (3.0, 4.0, 0.5))
        solid = layer.coverage > 0.999
        inside = canvas[layer.top : layer.top + len(solid), layer.left : layer.left + solid.shape[1]]
        assert inside[solid] == pytest.approx(layer.colour[solid], abs=0.5)
        assert canvas[48, 62] < 75 and canvas[5, 5] == 100

    @pytest.mark.parametrize("away", [(-60, 0), (500, 0), (0, -60), (0, 900), (-45, 30)])
    def test_an_animal_that_leaves_the_image_is_cut_off_or_gone(self, straight_body, plain_coat, away):
        canvas = np.full((80, 120, 1), 100, np.float32)
        body = Body(straight_body.spine + away, straight_body.feet + away, straight_body.size)
        paint(canvas, draw_animal(body, plain_coat), (3.0, 4.0, 0.5))
        assert canvas.shape == (80, 120, 1) and np.isfinite(canvas).all()


def test_the_coats_geometry_is_the_skeletons():
    along, across = rolled_out(SIZE)
    assert along[0, round(MARGIN * TEXELS)] == pytest.approx(0)
    assert across[len(across) // 2, 0] == pytest.approx(0)
    assert len(SPINE_NODES) + 4 == len(SKELETON)
