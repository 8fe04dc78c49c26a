import numpy as np
import pytest

from gambol.worlds.clutter import KINDS, SAND, draw_floor


def floor(density: float, seed: int = 0) -> np.ndarray:
    return draw_floor(np.random.default_rng(seed), 120, 160, size=40, density=density)


class TestDrawFloor:
    def test_is_sand_without_clutter_and_strewn_with_it(self):
        bare, strewn = floor(0), floor(3)
        assert bare.shape == (120, 160, 3)
        assert bare.mean((0, 1)) == pytest.approx(SAND, rel=0.1)
        assert (np.abs(strewn - bare).max(-1) > 20).mean() > 0.05

    def test_the_same_seed_is_the_same_floor(self):
        assert (floor(1) == floor(1)).all()
        assert (floor(1) != floor(1, seed=1)).any()

    @pytest.mark.parametrize("kind", KINDS)
    def test_every_kind_of_piece_can_lie_anywhere_even_across_the_edge(self, kind):
        draw, _ = KINDS[kind]
        rng = np.random.default_rng(4)
        for centre in [(40.0, 30.0), (0.0, 0.0), (79.5, 59.5), (-200.0, 30.0)]:
            canvas = np.full((60, 80, 3), 100, np.float32)
            draw(canvas, rng, centre, 60)
            assert (canvas != 100).any() == (centre[0] >= 0)
