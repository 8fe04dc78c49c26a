import numpy as np
import pytest

from gambol.worlds.light import Light


def light(change: float = 1, noise: float = 0) -> Light:
    return Light.draw(np.random.default_rng(0), 60, 80, change, noise)


GREY = np.full((60, 80, 1), 120, np.float32)


class TestLight:
    def test_drifts_over_time_and_over_the_image(self):
        means = [light().record(GREY, frame).mean() for frame in range(0, 330, 30)]
        assert np.ptp(means) > 10
        assert np.ptp(light().record(GREY, 0)) > 15

    def test_steady_light_stays(self):
        assert (light(change=0).record(GREY, 0) == light(change=0).record(GREY, 200)).all()
        assert light(change=0).shadow(0, 60) == light(change=0).shadow(200, 60)

    def test_noise_has_the_strength_asked_for_and_is_new_in_every_frame(self):
        quiet = light(change=0).record(GREY, 0).astype(float)
        noisy = light(change=0, noise=4)
        one, two = (noisy.record(GREY, frame) - quiet for frame in (0, 1))
        assert one.std() == pytest.approx(4, rel=0.1)
        assert abs(np.corrcoef(one.ravel(), two.ravel())[0, 1]) < 0.1

    def test_is_a_function_of_the_frame_alone(self):
        lamp = light(noise=3)
        first = lamp.record(GREY, 17)
        lamp.record(GREY, 5)
        assert (lamp.record(GREY, 17) == first).all()

    def test_never_wraps_around_at_the_ends_of_the_grey_scale(self):
        assert light(noise=30).record(np.full((60, 80, 1), 250, np.float32), 3).max() == 255
        assert light(noise=30).record(np.zeros((60, 80, 1), np.float32), 3).min() == 0

    def test_shadows_grow_with_the_animals(self):
        small, large = light().shadow(3, 40), light().shadow(3, 80)
        assert np.hypot(*large[:2]) == pytest.approx(2 * np.hypot(*small[:2]))
