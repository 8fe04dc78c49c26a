"""What every pipeline has: batches of one size, and the way back to the image."""

import numpy as np
import pytest
from pydantic import ValidationError

from gambol.geometry.affine import Affine
from gambol.pipelines.base import PredictOptions, back_to_image
from gambol.pipelines.single import Single


class TestRun:
    def test_only_inputs_of_one_size_share_a_batch_and_each_is_seen_once(self, theatre, stages, nobody):
        play = theatre(*[nobody] * 5, sizes=((120, 160), (64, 64)))
        own = {"single": stages()["single"]}
        pipeline = Single(own, {"single": play.network(own["single"])}, PredictOptions(batch=2))
        seen = [(indices, maps["nodes"].shape[-2:]) for indices, _, maps in
                pipeline.run("single", play.images, [None] * 5)]
        assert [indices for indices, _ in seen] == [[0, 2], [1, 3], [4]]
        assert [size for _, size in seen] == [(64, 80), (32, 32), (64, 80)]


class TestBackToImage:
    def test_points_return_by_the_affine_that_led_there(self):
        affine = Affine.scaling(0.5).then(Affine.crop(10, 20))
        points = np.array([[3.0, 4.0], [np.nan, np.nan]])
        [back] = back_to_image([affine], affine(points)[None])
        assert np.allclose(back, points, equal_nan=True)


@pytest.mark.parametrize("wrong", [{"animals": 0}, {"batch": 0}, {"node_threshold": -1}, {"unknown": 1}])
def test_options_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValidationError):
        PredictOptions(**wrong)
