"""Scale."""

import numpy as np
import pytest
from pydantic import ValidationError

from gambol.data.augment.scale import ScaleConfig


class TestScale:
    def test_the_middle_of_the_input_stays(self, rng):
        for _ in range(20):
            assert np.allclose(ScaleConfig().draw(rng, (64, 49))(np.array([24.0, 31.5])), [24.0, 31.5])

    def test_factors_keep_to_their_range_and_use_all_of_it(self, rng):
        factors = [ScaleConfig(factor=(0.5, 1.5)).draw(rng, (64, 64)).scale for _ in range(500)]
        assert 0.5 <= min(factors) < 0.52 and 1.48 < max(factors) <= 1.5

    @pytest.mark.parametrize("factor", [(0.0, 1.0), (-1.0, 1.0)])
    def test_a_factor_that_is_not_above_0_is_refused(self, factor):
        with pytest.raises(ValidationError, match="above 0"):
            ScaleConfig(factor=factor)
