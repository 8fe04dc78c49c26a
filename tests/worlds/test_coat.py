import numpy as np
import pytest

from gambol.worlds.coat import draw_coat


class TestDrawCoat:
    def test_no_two_animals_look_alike(self):
        one, two = (draw_coat(np.random.default_rng(seed), 60, individual=0, colour=False) for seed in (1, 2))
        assert (one.texture != two.texture).mean() > 0.05
        other = draw_coat(np.random.default_rng(1), 60, individual=1, colour=False)
        assert other.limb != one.limb

    def test_head_and_tail_look_different(self, plain_coat):
        colours = plain_coat.texture[..., 0].astype(float)
        assert np.abs(colours - colours[:, ::-1]).mean() > 20

    @pytest.mark.parametrize(("colour", "channels"), [(False, 1), (True, 3)])
    def test_grey_is_the_luma_of_the_colours(self, colour, channels):
        coat = draw_coat(np.random.default_rng(1), 60, individual=2, colour=colour)
        assert coat.channels == channels == len(coat.limb)
        if colour:
            grey = draw_coat(np.random.default_rng(1), 60, individual=2, colour=False)
            luma = coat.texture[..., :3] @ np.array([0.299, 0.587, 0.114])
            assert np.abs(luma - grey.texture[..., 0]).max() < 1.5

    def test_nothing_is_brighter_than_its_coverage_allows(self, plain_coat):
        assert (plain_coat.texture[..., 0] <= plain_coat.texture[..., 1].astype(int) + 1).all()
