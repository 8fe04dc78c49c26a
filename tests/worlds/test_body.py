import numpy as np
import pytest

from gambol.worlds.body import BONE, SKELETON, half_width


class TestSkeleton:
    def test_mirrors_hands_with_hands_and_feet_with_feet(self):
        mirrored = [SKELETON.nodes[node] for node in SKELETON.mirrored]
        assert mirrored[6:] == ["right_hand", "left_hand", "right_foot", "left_foot"]
        assert mirrored[:6] == list(SKELETON.nodes[:6])

    def test_connects_every_node(self):
        reached = {0}
        for source, target in SKELETON.edges:
            reached |= {target} if source in reached else set()
        assert reached == set(range(len(SKELETON)))


class TestBody:
    def test_has_a_point_for_every_node_from_snout_to_tail(self, straight_body):
        assert straight_body.points.shape == (len(SKELETON), 2)
        spine = straight_body.points[:6]
        assert (np.diff(spine[:, 0]) < 0).all()
        assert spine[0] == pytest.approx([90.3 - 0.015 * 80, 40.6])

    def test_limbs_on_the_left_leave_the_body_on_its_own_left(self, straight_body):
        assert (straight_body.sockets[[0, 2], 1] < 40.6).all()
        assert (straight_body.sockets[[1, 3], 1] > 40.6).all()

    def test_limbs_neither_stretch_nor_break(self, straight_body):
        upper = np.linalg.norm(straight_body.joints - straight_body.sockets, axis=1)
        lower = np.linalg.norm(straight_body.joints - straight_body.feet, axis=1)
        assert upper == pytest.approx(lower)
        assert upper == pytest.approx(np.full(4, BONE * 80))

    def test_elbows_bend_backwards_and_knees_forwards(self, straight_body):
        middle = (straight_body.sockets + straight_body.feet) / 2
        ahead = straight_body.joints[:, 0] - middle[:, 0]
        assert (ahead[:2] < 0).all() and (ahead[2:] > 0).all()


class TestHalfWidth:
    def test_vanishes_at_both_ends_and_beyond(self):
        assert half_width(np.array([-0.2, 0.0, 1.0, 1.3])) == pytest.approx(0)

    def test_tells_head_from_tail(self):
        head, tail = half_width(np.array([0.08, 0.92]))
        assert head > 2 * tail
