"""What augmentations have in common."""

import pytest
from pydantic import ValidationError

from gambol.data.augment.base import Augmentation
from gambol.data.augment.rotation import RotationConfig


class TestAugmentation:
    @pytest.mark.parametrize("probability", [0.0, 0.3, 1.0])
    def test_it_happens_as_often_as_its_probability_says(self, probability, rng):
        share = sum(Augmentation(probability=probability).happens(rng) for _ in range(4000)) / 4000
        assert abs(share - probability) < 0.03
        assert share == probability or probability == 0.3

    def test_a_probability_above_1_is_refused(self):
        with pytest.raises(ValidationError):
            Augmentation(probability=1.1)


class TestRange:
    def test_a_range_from_large_to_small_is_refused(self):
        with pytest.raises(ValidationError, match="smaller to its larger"):
            RotationConfig(degrees=(10, -10))

    def test_a_range_may_be_one_value(self):
        assert RotationConfig(degrees=(10, 10)).degrees == (10, 10)
