"""A skeleton in the mirror."""

from gambol.labels.skeleton import Skeleton


class TestMirrored:
    def test_symmetric_nodes_change_places_and_others_stay(self):
        skeleton = Skeleton(("nose", "left ear", "tail", "right ear"), symmetries=((1, 3),))
        assert skeleton.mirrored == (0, 3, 2, 1)

    def test_without_symmetries_every_node_stays(self):
        assert Skeleton(("nose", "tail")).mirrored == (0, 1)

    def test_without_symmetries_names_say_which_side_a_node_is_on(self):
        assert Skeleton(("earL", "nose", "earR")).mirrored == (2, 1, 0)
        assert Skeleton(("left_paw", "right_paw", "Lip", "Rip")).mirrored == (1, 0, 2, 3)

    def test_symmetries_that_were_given_outweigh_names(self):
        assert Skeleton(("earL", "earR", "nose", "tail"), symmetries=((2, 3),)).mirrored == (0, 1, 3, 2)
