import numpy as np
import pytest

from gambol.labels.columns import USER
from gambol.video.reader import open_video
from gambol.worlds.film import render, truth_columns
from gambol.worlds.world import World, WorldConfig


@pytest.fixture
def short_world() -> World:
    """Two geckos, twelve frames."""
    return World(WorldConfig(animals=2, frames=12, height=96, width=128, animal_size=40, seed=2))


class TestRender:
    def test_films_every_frame(self, short_world, tmp_path):
        seen = []
        render(short_world, tmp_path / "world.mp4", progress=lambda done, total: seen.append((done, total)))
        assert seen == [(frame, 12) for frame in range(1, 13)]
        with open_video(tmp_path / "world.mp4") as video:
            assert len(video) == 12
            for index in (0, 7, 11):
                difference = video.read(index, channels=1).astype(float) - short_world.frame(index)[0]
                assert abs(difference.mean()) < 1.5
                assert np.abs(difference).mean() < 6


class TestTruthColumns:
    def test_holds_every_frame_with_its_animals_as_user_labels(self, short_world, tmp_path):
        columns = truth_columns(short_world, tmp_path / "world.mp4")
        assert len(columns) == 12
        assert columns.skeleton == short_world.skeleton
        assert columns.tracks == ["animal 0", "animal 1"]
        assert (columns.kinds == USER).all()
        assert not columns.negative.any()
        for frame in range(12):
            truth, rows = short_world.truth(frame), columns.rows(0, frame)
            assert np.array_equal(columns.visible_points[rows], truth.points, equal_nan=True)
            assert (columns.track[rows] == truth.tracks).all()

    def test_can_be_had_for_some_frames_only(self, short_world, tmp_path):
        columns = truth_columns(short_world, tmp_path / "world.mp4", frames=[9, 2])
        assert columns.frame_index.tolist() == [2, 9]
        assert np.array_equal(columns.visible_points[columns.rows(0, 9)], short_world.truth(9).points, equal_nan=True)

    def test_a_world_without_animals_has_labelled_frames_without_animals(self, tmp_path):
        world = World(WorldConfig(animals=0, frames=3, height=64, width=64))
        columns = truth_columns(world, tmp_path / "world.mp4")
        assert len(columns) == 3 and columns.points.shape == (0, 10, 2)
        assert columns.negative.all()
