import numpy as np
import pytest

from gambol.drawing.palette import PALETTES, colours


class TestColours:
    @pytest.mark.parametrize("palette", PALETTES)
    def test_neighbours_can_be_told_apart(self, palette):
        listed = colours(palette, len(PALETTES[palette])).astype(float)
        apart = np.linalg.norm(listed[:, None] - listed, axis=-1)
        assert apart[~np.eye(len(listed), dtype=bool)].min() > 60

    def test_begin_again_when_the_palette_ends(self):
        many = colours("standard", 9)
        assert (many[7:] == many[:2]).all()
        assert many[0].tolist() == [0x00, 0x72, 0xBD]

    def test_a_rainbow_has_as_many_as_wanted(self):
        assert len(np.unique(colours("rainbow", 30), axis=0)) == 30
        assert colours("rainbow", 0).shape == (0, 3)
