"""Translation."""

import numpy as np

from gambol.data.augment.translation import TranslationConfig


class TestTranslation:
    def test_each_axis_moves_by_its_own_fraction_of_the_input(self, rng):
        draws = [TranslationConfig(fraction=(-0.1, 0.2)).draw(rng, (100, 200)) for _ in range(500)]
        moves = np.array([draw(np.zeros(2)) for draw in draws])
        assert (moves.min(0) >= [-20, -10]).all() and (moves.min(0) < [-18, -9]).all()
        assert (moves.max(0) <= [40, 20]).all() and (moves.max(0) > [38, 19]).all()
        assert abs(np.corrcoef(moves.T)[0, 1]) < 0.2

    def test_nothing_turns_or_grows(self, rng):
        assert (TranslationConfig().draw(rng, (64, 64)).matrix[:, :2] == np.eye(2)).all()
