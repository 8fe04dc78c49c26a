"""What the labelled animals' sizes and directions say about crops and augmentation."""

import numpy as np
import pytest

from gambol.data.augment import AugmentConfig
from gambol.data.crops import Crop, WholeFrame
from gambol.errors import JobError
from gambol.geometry.affine import Affine
from gambol.labels.skeleton import Skeleton
from gambol.pipelines.sizing import fitting_augmentation, measure, require_side, sides, up_to_multiple

CROP = Crop(size=64)


def turned(animal: np.ndarray, degrees: float) -> np.ndarray:
    return Affine.rotation(degrees, centre=(0, 0))(animal) + np.array([70, 60])


@pytest.fixture
def stick() -> np.ndarray:
    """head at 0, left and right beside it, tail 20 px behind: (node, 2)."""
    return np.array([[0.0, 0.0], [-4.0, 6.0], [4.0, 6.0], [0.0, 20.0]])


class TestMeasure:
    def test_lengths_and_reaches_are_those_of_the_drawn_animals(self, project, stick):
        sizes = measure(project(stick[None], stick[None] * 2), None)
        assert sizes.lengths == pytest.approx([20, 40])
        assert sizes.reaches == pytest.approx([10, 20])  # from the middle of the box to head or tail

    def test_reaches_count_from_the_anchor(self, project, stick):
        assert measure(project(stick[None]), 0).reaches == pytest.approx([20])

    def test_an_animal_without_its_anchor_is_measured_from_the_fallback(self, project, stick):
        stick[0] = np.nan  # left, right and tail remain: their box spans x -4..4, y 6..20, their mean is (0, 32/3)
        assert measure(project(stick[None]), 0, "box").reaches == pytest.approx([np.hypot(4, 7)])
        assert measure(project(stick[None]), 0, "mean").reaches == pytest.approx([28 / 3])

    def test_animals_of_which_nothing_is_visible_do_not_count(self, project, stick):
        assert measure(project(np.stack([stick, np.full_like(stick, np.nan)])), None).rows.tolist() == [0]

    def test_a_misplaced_point_does_not_make_all_crops_large(self, project, stick):
        wrong = stick.copy()
        wrong[3, 1] = 400
        assert measure(project(*[stick[None]] * 40, wrong[None]), None).reach < 20

    def test_without_an_outlier_the_farthest_animal_counts(self, project, stick):
        assert measure(project(*[stick[None]] * 40, 1.2 * stick[None]), None).reach == pytest.approx(12)

    def test_a_single_point_still_has_a_size(self, project):
        labels = project(np.array([[[5.0, 5.0]]]), skeleton=Skeleton(("body",)))
        assert (measure(labels, None).length, measure(labels, None).reach) == (1, 1)


class TestSides:
    def test_an_upright_square_holds_the_corners_of_an_animal_that_is_not_turned(self, project):
        corners = np.array([[0.0, 0.0], [-30.0, 30.0], [30.0, 30.0], [30.0, -30.0]])
        assert sides(project(corners[None]), 0, "box") == pytest.approx([60])
        assert sides(project(corners[None]), 0, "box", (-180, 180)) == pytest.approx([60 * np.sqrt(2)])

    @pytest.mark.parametrize("seed", range(40))
    def test_it_is_the_widest_of_all_turns_in_the_range(self, project, seed):
        rng = np.random.default_rng(seed)
        first, more, animals = rng.uniform(-180, 180), rng.uniform(0, 120), rng.normal(scale=20, size=(3, 4, 2))
        animals[0, 2] = np.nan
        turns = [Affine.rotation(first + part * more) for part in np.linspace(0, 1, 181)]
        away = animals - animals[:, :1]
        widest = np.max([np.nanmax(abs(turn(away)), (1, 2)) for turn in turns], 0)
        assert sides(project(animals), 0, "box", (first, first + more)) == pytest.approx(2 * widest, rel=1e-3)


class TestFittingAugmentation:
    def test_animals_that_look_everywhere_are_turned_all_around(self, project, stick):
        labels = project(*[turned(stick, degrees)[None] for degrees in range(0, 360, 30)])
        assert fitting_augmentation(labels, CROP).rotation.degrees == (-180, 180)

    def test_animals_that_look_one_way_are_turned_by_little(self, project, stick):
        labels = project(*[turned(stick, degrees)[None] for degrees in (-10, 0, 5, 12)])
        low, high = fitting_augmentation(labels, CROP).rotation.degrees
        assert low == -high
        assert high < 45

    def test_animals_of_a_single_node_have_no_say_in_directions(self, project, stick):
        lone = np.full_like(stick, np.nan)
        lone[1] = 30
        labels = project(*[turned(stick, 3)[None]] * 3, *[lone[None]] * 9)
        assert fitting_augmentation(labels, CROP).rotation.degrees[1] < 45

    def test_what_is_asked_for_changes_and_the_rest_still_fits(self, project, stick):
        labels = project(*[turned(stick, degrees)[None] for degrees in (-10, 0, 5, 12)])
        fitted = fitting_augmentation(labels, WholeFrame())
        asked = AugmentConfig.model_validate({"flip": {"probability": 0.5}, "rotation": {"probability": 0.7}})
        mixed = fitting_augmentation(labels, WholeFrame(), asked)
        assert (mixed.flip.probability, mixed.rotation.probability) == (0.5, 0.7)
        assert mixed.rotation.degrees == fitted.rotation.degrees
        assert mixed.translation == fitted.translation

    def test_sides_are_exchanged_only_on_request(self, project, stick):
        assert project(stick[None]).skeleton.symmetries, "test invalid"
        assert fitting_augmentation(project(stick[None]), CROP).flip.probability == 0

    def test_whole_frames_move_less_than_crops(self, project, stick):
        frames, crops = (fitting_augmentation(project(stick[None]), view) for view in (WholeFrame(), CROP))
        assert frames.translation == AugmentConfig.for_frames().translation
        assert frames.translation != crops.translation


@pytest.mark.parametrize(("value", "multiple", "expected"), [(64, 16, 64), (64.1, 16, 80), (3, 8, 8)])
def test_sizes_are_rounded_up_to_what_the_strides_need(value, multiple, expected):
    assert up_to_multiple(value, multiple) == expected


class TestRequireSide:
    def test_a_side_of_one_cell_of_the_deepest_level_is_enough(self):
        require_side(32, 32, "window")
        require_side(None, 32, "window")
        with pytest.raises(JobError, match=r"Pass --set window=32"):
            require_side(31, 32, "window")
