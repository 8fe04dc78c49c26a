"""How fast a trained model is."""

import time

import numpy as np
import pytest

from gambol.inference.predictor import load_predictor
from gambol.pipelines.base import PredictOptions
from gambol.training import speed
from gambol.training.speed import measure_speed


@pytest.fixture
def predictor(trained):
    return load_predictor([trained.run], PredictOptions(), "cpu")


@pytest.fixture
def slow(predictor, monkeypatch):
    """Each batch of four takes 40 ms, but the first ones take half a second."""
    began = []

    def predict(images):
        began.append(1)
        time.sleep(0.5 if len(began) <= predictor.workers else 0.04)
        return [[1, 2]] * len(images)

    monkeypatch.setattr(predictor.pipeline, "predict", predict)
    monkeypatch.setattr(speed, "FRAMES", 64)
    return predictor


class TestMeasureSpeed:
    def test_it_counts_what_passes_once_everything_runs(self, slow):
        told = measure_speed(slow, lambda number: np.zeros((64, 80, 1), np.uint8), 3)
        expected = slow.workers * 4 / 0.04
        assert told["frames"] >= 64 and told["animals_per_frame"] == 2
        assert 0.6 * expected < told["frames_per_second"] < 1.25 * expected

    def test_fewer_frames_will_do_where_they_take_long(self, slow, monkeypatch):
        monkeypatch.setattr(speed, "MOST", 0.1)
        assert measure_speed(slow, lambda number: np.zeros((64, 80, 1), np.uint8), 3)["frames"] < 64

    def test_few_images_are_used_again_and_again(self, predictor):
        seen = []

        def image(number):
            seen.append(number)
            return np.full((64, 80, 1), number, np.uint8)

        told = measure_speed(predictor, image, 3)
        assert set(seen) == {0, 1, 2} and len(seen) > 8
        assert told["frames_per_second"] == pytest.approx(told["frames"] / told["seconds"], rel=0.2)

    def test_what_it_was_measured_on_is_told(self, predictor):
        told = measure_speed(predictor, lambda number: np.zeros((64 + number, 80, 1), np.uint8), 2)
        assert (told["device"], told["height"], told["width"]) == (predictor.device, 65, 80)
        assert told["engine"] == predictor.engine and told["batch"] == 4
