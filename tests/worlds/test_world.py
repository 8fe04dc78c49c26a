from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gambol.worlds.body import SPINE_NODES
from gambol.worlds.coat import Coat, rolled_out
from gambol.worlds.render import Layer, draw_animal
from gambol.worlds.world import World, WorldConfig


@pytest.fixture
def glowing_back() -> World:
    """A world in the dark where one animal is seen only by a soft glow on the middle of its back."""
    world = World(WorldConfig(animals=1, frames=200, clutter=0, light=0, noise=0, seed=11))
    world.floor[:] = 0
    along, across = rolled_out(world.config.animal_size)
    distance = np.hypot(along - SPINE_NODES[2], across) * world.config.animal_size
    glow = np.round(250 * np.exp(-(distance**2) / (2 * 1.3**2))).astype(np.uint8)
    black = (0.0,)
    coat = Coat(np.dstack([glow, glow]), limb=black, outline=black, toe=black, palm=black)
    world.animals = [replace(animal, coat=coat) for animal in world.animals]
    return world


class TestFrame:
    def test_is_the_same_whenever_and_in_whatever_order_it_is_asked_for(self, small_world):
        image, poses = small_world.frame(37)
        small_world.frame(4)
        again = World(small_world.config)
        assert (again.frame(37)[0] == image).all()
        assert np.array_equal(again.frame(37)[1].points, poses.points, equal_nan=True)

    def test_does_not_depend_on_how_long_the_world_lasts(self, small_world):
        longer = World(small_world.config.model_copy(update={"frames": 300}))
        assert (longer.frame(50)[0] == small_world.frame(50)[0]).all()

    def test_another_seed_is_another_world(self, small_world):
        other = World(small_world.config.model_copy(update={"seed": 4}))
        assert (other.frame(0)[0] != small_world.frame(0)[0]).mean() > 0.5

    @pytest.mark.parametrize(("colour", "channels"), [(False, 1), (True, 3)])
    def test_is_grey_unless_colour_is_asked_for(self, colour, channels):
        image, _ = World(WorldConfig(animals=1, height=90, width=120, animal_size=40, colour=colour)).frame(0)
        assert image.shape == (90, 120, channels) and image.dtype == np.uint8

    def test_shows_what_the_truth_says_to_a_tenth_of_a_pixel(self, glowing_back):
        rows, columns = np.mgrid[:320, :320]
        for frame in range(0, 200, 23):
            image, _ = glowing_back.frame(frame)
            for x, y in glowing_back.positions(frame)[:, 2]:
                weight = image[..., 0] * (np.hypot(columns - x, rows - y) < 6)
                found = np.array([(weight * columns).sum(), (weight * rows).sum()]) / weight.sum()
                assert np.abs(found - (x, y)).max() < 0.1

    @pytest.mark.parametrize("index", [-1, 120])
    def test_refuses_frames_that_are_not_there(self, small_world, index):
        with pytest.raises(IndexError, match="world of 120 frames"):
            small_world.frame(index)


class TestTruth:
    def test_is_the_same_with_and_without_the_image(self, small_world):
        for frame in range(0, 120, 17):
            assert np.array_equal(small_world.truth(frame).points, small_world.frame(frame)[1].points, equal_nan=True)

    def test_gives_each_animal_its_number_as_track_and_its_nodes_as_they_are(self, small_world):
        for frame in range(0, 120, 17):
            poses, everything = small_world.truth(frame), small_world.positions(frame)
            assert np.array_equal(poses.points[poses.visible], everything[poses.tracks][poses.visible])

    def test_a_node_is_hidden_where_the_pixels_around_it_show_an_animal_above_and_only_there(self, small_world):
        hidden = seen = 0
        for frame in range(120):
            poses = small_world.truth(frame)
            bodies = [animal.walker.body(frame) for animal in small_world.animals]
            layers = [draw_animal(body, animal.coat) for body, animal in zip(bodies, small_world.animals, strict=True)]
            for row, track in enumerate(poses.tracks):
                for node, point in enumerate(bodies[track].points):
                    around = [coverage_around(layer, point) for layer in layers[track + 1 :]]
                    if any((pixels > 0.5).all() for pixels in around):
                        assert not poses.visible[row, node]
                        hidden += 1
                    elif all((pixels < 0.5).all() for pixels in around) and inside(point, small_world):
                        assert poses.visible[row, node]
                        seen += 1
        assert hidden > 20 and seen > 1000

    def test_the_animal_on_top_is_never_hidden(self, small_world):
        for frame in range(0, 120, 5):
            poses = small_world.truth(frame)
            on_top = poses.points[poses.tracks == 2]
            assert not np.isnan(on_top[((on_top >= 0) & (on_top < 140)).all(-1)]).any()
            assert poses.visible[poses.tracks == 2].all()

    def test_animals_that_left_the_image_are_not_in_the_truth(self):
        world = World(WorldConfig(animals=2, frames=600, height=96, width=96, animal_size=40, margin=-1.5, seed=1))
        counts = {len(world.truth(frame)) for frame in range(0, 600, 20)}
        assert len(counts) > 1
        inside = [world.truth(frame).points for frame in range(0, 600, 20)]
        seen = np.concatenate([points[~np.isnan(points)] for points in inside])
        assert seen.min() >= -0.5 and seen.max() < 95.5

    def test_an_empty_world_has_no_animals(self):
        world = World(WorldConfig(animals=0, frames=2, height=64, width=64))
        image, poses = world.frame(1)
        assert image.shape == (64, 64, 1) and len(poses) == 0 and poses.points.shape == (0, 10, 2)


class TestWorldConfig:
    @given(st.integers(16, 200), st.integers(16, 200), st.floats(16, 90), st.integers(0, 3), st.integers(0, 1000))
    @settings(max_examples=15, deadline=None)
    def test_any_sizes_make_a_world(self, height, width, animal_size, animals, seed):
        world = World(WorldConfig(frames=5, height=height, width=width, animal_size=animal_size, animals=animals,
                                  seed=seed))
        image, poses = world.frame(4)
        assert image.shape == (height, width, 1) and len(poses) <= animals

    def test_at_the_usual_settings_animals_stay_in_sight_and_meet(self):
        world = World(WorldConfig())
        frames = range(0, 600, 5)
        positions = np.concatenate([world.positions(frame) for frame in frames])
        outside = ((positions < 0) | (positions > 319)).any(-1)
        assert outside.mean() < 0.01
        hidden = np.mean([30 - world.truth(frame).visible.sum() for frame in frames]) / 30
        assert 0.005 < hidden < 0.1


def coverage_around(layer: Layer, point: np.ndarray) -> np.ndarray:
    """Coverage of the four pixels around a point, 0 outside of the layer."""
    column, row = np.floor(point).astype(int) - (layer.left, layer.top) + 1
    pixels = np.pad(layer.coverage, 1)[max(row, 0) : max(row + 2, 0), max(column, 0) : max(column + 2, 0)]
    return pixels if pixels.size else np.zeros((1, 1))


def inside(point: np.ndarray, world: World) -> bool:
    return bool((point > -0.5).all() and point[0] < world.config.width - 0.5 and point[1] < world.config.height - 0.5)
