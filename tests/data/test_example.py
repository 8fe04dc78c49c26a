"""Examples: an image, its points, and the way back."""

import numpy as np

from gambol.data.example import Example, Key
from gambol.geometry.affine import Affine


class TestExample:
    def test_its_affine_leads_from_input_pixels_back_to_image_pixels(self):
        affine = Affine.crop(10, 20).then(Affine.scaling(2))
        labels = np.array([[[15.0, 25.0]]])
        example = Example(np.zeros((8, 8, 1), np.uint8), affine(labels), affine, Key(0, 3))
        assert np.allclose(example.points, 10.5)
        assert np.allclose(example.affine.inverse(example.points), labels)


class TestKey:
    def test_it_names_the_whole_frame_unless_an_animal_is_given(self):
        assert Key(2, 7) == (2, 7, -1)
        assert Key(2, 7, 1).animal == 1
