import numpy as np
import pytest

from gambol.worlds.motion import TURN_RADIUS, Walker, roam

ARENA = (40.0, 40.0, 280.0, 200.0)
SIZE = 80.0


@pytest.fixture
def walker() -> Walker:
    """A gecko 80 px long that walks for 400 frames in 320 x 240 px."""
    path = roam(np.random.default_rng(5), ARENA, (60, 60), SIZE, Walker.needed(400, SIZE, 1.8))
    return Walker(path, SIZE, 1.8, np.array([0.3, 1.9, 4.0, 2.2]))


class TestRoam:
    def test_goes_in_equal_steps_and_never_turns_tighter_than_a_gecko_can(self):
        path = roam(np.random.default_rng(1), ARENA, (60, 60), SIZE, 4000)
        steps = np.diff(path, axis=0)
        assert np.linalg.norm(steps, axis=1) == pytest.approx(1.0)
        turns = np.diff(np.unwrap(np.arctan2(steps[:, 1], steps[:, 0])))
        assert np.abs(turns).max() <= 1 / (TURN_RADIUS * SIZE) + 1e-9

    def test_visits_the_whole_arena_and_stays_near_it(self):
        path = roam(np.random.default_rng(1), ARENA, (60, 60), SIZE, 8000)
        assert (np.ptp(path, axis=0) > [150, 90]).all()
        assert (path > 10).all() and (path < [310, 230]).all()

    def test_a_longer_walk_begins_with_the_shorter_one(self):
        short, long = (roam(np.random.default_rng(2), ARENA, (60, 60), SIZE, length) for length in (300, 900))
        assert (long[: len(short)] == short).all()


class TestWalker:
    def test_walks_forward_with_rests_at_the_speed_asked_for(self, walker):
        progress = np.array([walker.progress(frame) for frame in range(400)])
        steps = np.diff(progress)
        assert (steps >= -1e-9).all()
        assert steps.min() < 0.5 and steps.max() > 2.5
        assert steps.mean() == pytest.approx(1.8, rel=0.15)

    def test_keeps_its_length_in_every_bend(self, walker):
        for frame in range(0, 400, 13):
            spine = walker.body(frame).spine
            assert np.linalg.norm(np.diff(spine, axis=0), axis=1) == pytest.approx(SIZE / 48, rel=0.01)

    def test_feet_stand_still_while_the_body_moves_over_them(self, walker):
        feet = np.array([walker.body(frame).feet for frame in range(400)])  # (frame, limb, 2)
        moved = np.linalg.norm(np.diff(feet, axis=0), axis=-1)
        assert (np.median(moved, axis=0) < 1e-9).all()
        assert (moved.max(0) > 1).all()

    def test_left_feet_are_to_the_left_of_the_body(self, walker):
        for frame in range(0, 400, 13):
            body = walker.body(frame)
            across = body.feet[::2] - body.feet[1::2]  # right to left, hands then feet
            ahead = body.points[0] - body.points[3]
            assert (ahead[0] * across[:, 1] - ahead[1] * across[:, 0] < 0).all()

    def test_bends_and_moves_smoothly(self, walker):
        points = np.array([walker.body(frame).points for frame in range(400)])
        assert np.linalg.norm(np.diff(points[:, :6], axis=0), axis=-1).max() < 8
        assert np.linalg.norm(np.diff(points[:, 6:], axis=0), axis=-1).max() < 20
