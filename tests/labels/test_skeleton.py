"""A skeleton in the mirror."""

from gambol.labels.skeleton import Skeleton


class TestMirrored:
    def test_symmetric_nodes_change_places_and_others_stay(self):
        skeleton = Skeleton(("nose", "left ear", "tail", "right ear"), symmetries=((1, 3),))
        assert skeleton.mirrored == (0, 3, 2, 1)

    def test_without_symmetries_every_node_stays(self):
        assert Skeleton(("nose", "tail")).mirrored == (0, 1)
