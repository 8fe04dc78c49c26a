"""Dataset: labelled frames as examples."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gambol.data.augment import AugmentConfig
from gambol.data.crops import Crop, View, WholeFrame
from gambol.data.dataset import Dataset, Sample, is_mirrored, samples_from, steps_per_epoch
from gambol.data.example import Key
from gambol.geometry.affine import Affine
from gambol.labels.columns import Columns


class OneImage:
    """Every frame shows the same."""

    def __init__(self, image: np.ndarray) -> None:
        self.shown = image

    def image(self, video: int, frame: int) -> np.ndarray:
        return self.shown


@pytest.fixture
def textured() -> OneImage:
    """60 x 80 pixels of texture."""
    return OneImage(np.random.default_rng(0).integers(1, 256, (60, 80, 1), dtype=np.uint8))


def dataset_of(columns: Columns, frames: OneImage, view: View, anchor: int | None = None, **options) -> Dataset:
    """The dataset of a project's labels."""
    return Dataset(samples_from(columns, view, anchor), frames, view, columns.skeleton.mirrored, **options)


class TestSamplesFrom:
    def test_a_whole_frame_is_one_sample_with_all_its_visible_animals(self, two_flies: Columns):
        samples = samples_from(two_flies, WholeFrame())
        assert [sample.key for sample in samples] == [(0, 2, -1), (0, 5, -1), (0, 9, -1)]
        assert [sample.points.shape for sample in samples] == [(2, 3, 2), (1, 3, 2), (0, 3, 2)]

    def test_a_crop_is_one_sample_for_each_animal(self, two_flies: Columns):
        samples = samples_from(two_flies, Crop(size=32), anchor=0)
        assert [sample.key for sample in samples] == [(0, 2, 0), (0, 2, 1), (0, 5, 0)]
        assert all(sample.points.shape == (1, 3, 2) for sample in samples)

    def test_a_crop_is_centred_on_the_anchor_or_on_the_middle_of_the_box_without_it(self, two_flies: Columns):
        centres = [sample.centre.tolist() for sample in samples_from(two_flies, Crop(size=32), anchor=0)]
        assert centres == [[20, 15], [60, 40], [45, 25]]

    def test_a_point_that_is_not_visible_is_nan_whatever_is_stored(self, two_flies: Columns):
        two_flies.visible[0, 1] = False
        assert np.isnan(samples_from(two_flies, WholeFrame())[0].points[0, 1]).all()


class TestStepsPerEpoch:
    @pytest.mark.parametrize(
        ("samples", "batch", "steps"), [(1, 8, 200), (1600, 8, 200), (1601, 8, 201), (900, 2, 450)])
    def test_every_sample_once_and_two_hundred_steps_at_least(self, samples: int, batch: int, steps: int):
        assert steps_per_epoch(samples, batch) == steps


class TestOrder:
    def test_each_pass_visits_every_sample_once_in_another_order(self, two_flies: Columns, textured: OneImage):
        dataset = Dataset(samples_from(two_flies, WholeFrame()) * 10, textured, WholeFrame(), (0, 2, 1))
        first, second, rest = np.split(dataset.order(epoch=0, count=75), [30, 60])
        assert sorted(first) == list(range(30)) and sorted(second) == list(range(30, 60))
        assert len(set(rest)) == 15 and min(rest) >= 60
        assert list(first) != list(second % 30) and list(first) != list(dataset.order(epoch=1, count=30))

    def test_it_depends_on_the_seed_and_the_epoch_alone(self, two_flies: Columns, textured: OneImage):
        one, same, other = (Dataset(samples_from(two_flies, WholeFrame()) * 10, textured, WholeFrame(), (0, 2, 1),
                                    seed=seed) for seed in (1, 1, 2))
        assert (one.order(3, 50) == same.order(3, 50)).all()
        assert (one.order(3, 50)[:20] == same.order(3, 20)).all()
        assert (one.order(3, 50) != other.order(3, 50)).any()


class TestExample:
    @given(u=st.floats(0.35, 0.65), v=st.floats(0.35, 0.65), scale=st.sampled_from([0.5, 0.8, 1.0, 1.5]),
           index=st.integers(0, 10**6), height=st.integers(80, 110), width=st.integers(80, 110))
    def test_content_agrees_with_points_in_augmented_frames(
            self, u, v, scale, index, height, width, draw_dot, find_dot, only_geometry):
        at = (u * width, v * height)
        view = WholeFrame(scale=scale, multiple=16)
        dataset = dot_dataset(draw_dot(at, (height, width)), at, view, only_geometry)
        check_dot(dataset, index, 12 * scale, find_dot)

    @given(u=st.floats(0, 1), v=st.floats(0, 1), dx=st.floats(-10, 10), dy=st.floats(-10, 10),
           scale=st.sampled_from([0.5, 0.8, 1.0, 1.5]), index=st.integers(0, 10**6))
    def test_content_agrees_with_points_in_augmented_crops_also_at_the_border(
            self, u, v, dx, dy, scale, index, draw_dot, find_dot, only_geometry):
        at = (10 + 80 * u, 10 + 70 * v)
        view = Crop(size=round(72 * scale), scale=scale)
        dataset = dot_dataset(draw_dot(at, (90, 100)), at, view, only_geometry, np.array([at[0] + dx, at[1] + dy]))
        check_dot(dataset, index, 13 * scale, find_dot)

    @pytest.mark.parametrize("view", [WholeFrame(scale=0.7, multiple=16), Crop(size=40), Crop(size=40, scale=0.5)])
    def test_the_affine_leads_back_to_the_labels(self, view: WholeFrame | Crop, two_flies: Columns, textured: OneImage):
        dataset = dataset_of(two_flies, textured, view, augment=AugmentConfig())
        for index in range(20):
            example = dataset.example(0, index)
            labels = dataset.samples[index % len(dataset)].points
            assert np.allclose(example.affine.inverse(example.points), labels, equal_nan=True)

    def test_it_is_a_function_of_seed_epoch_and_index(self, two_flies: Columns, textured: OneImage):
        one, same, other = (dataset_of(two_flies, textured, Crop(size=40), augment=AugmentConfig(), seed=seed)
                            for seed in (4, 4, 5))
        same.example(7, 1)
        example = one.example(2, 1)
        assert (example.image == same.example(2, 1).image).all()
        for different in (one.example(3, 1), one.example(2, 1 + len(one)), other.example(2, 1)):
            assert different.key == example.key
            assert (different.image != example.image).any()

    def test_without_augmentation_it_is_always_the_same_and_pixels_are_copied(
            self, two_flies: Columns, textured: OneImage):
        dataset = dataset_of(two_flies, textured, Crop(size=12), anchor=0)
        example = dataset.example(0, 0)
        assert (example.image == dataset.example(5, 0).image).all()
        left, top = (round(at) for at in example.affine.inverse(np.zeros(2)))
        assert (example.image == textured.shown[top : top + 12, left : left + 12]).all()

    def test_a_frame_without_animals_is_an_example_too(self, two_flies: Columns, textured: OneImage):
        example = dataset_of(two_flies, textured, WholeFrame(), augment=AugmentConfig()).example(0, 2)
        assert example.points.shape == (0, 3, 2)
        assert example.image.any()

    def test_points_outside_the_crop_stay_where_they_are(self, two_flies: Columns, textured: OneImage):
        example = dataset_of(two_flies, textured, Crop(size=8), anchor=0).example(0, 1)
        assert (example.points[0, 1] > 8).any()

    def test_a_mirrored_example_has_its_left_and_right_exchanged(self, two_flies: Columns, textured: OneImage):
        always = AugmentConfig.model_validate({"flip": {"probability": 1.0}, "rotation": {"probability": 0.0}})
        example = dataset_of(two_flies, textured, WholeFrame(), augment=always).example(0, 0)
        head, left, right = two_flies.points[0]
        assert np.allclose(example.affine.inverse(example.points[0]), [head, right, left])
        assert is_mirrored(example.affine)


class TestIsMirrored:
    def test_one_mirror_does_and_two_mirrors_or_a_turn_do_not(self):
        assert is_mirrored(Affine.flip(10))
        assert not is_mirrored(Affine.flip(10).then(Affine.rotation(30)).then(Affine.flip(10)))
        assert not is_mirrored(Affine.rotation(180))


def dot_dataset(
    image: np.ndarray, at: tuple[float, float], view: WholeFrame | Crop, augment: AugmentConfig,
    centre: np.ndarray | None = None,
) -> Dataset:
    """One image, one animal of one node."""
    sample = Sample(Key(0, 0), np.array([[at]]), centre)
    return Dataset([sample], OneImage(image), view, (0,), augment)


def check_dot(dataset: Dataset, index: int, margin: float, find_dot: Callable[[np.ndarray], np.ndarray]) -> None:
    """The dot lies where its point says, if all of it is in the picture."""
    example = dataset.example(0, index)
    point = example.points[0, 0]
    height, width = example.image.shape[:2]
    assume((point > margin).all() and point[0] < width - 1 - margin and point[1] < height - 1 - margin)
    assert np.abs(find_dot(example.image) - point).max() < 0.1
