import cv2
import numpy as np
import pytest

from gambol.drawing.sheet import BAND, GAP, Comparison, contact_sheet, mosaic, write_image
from gambol.errors import OutputError


@pytest.fixture
def comparison(grey, two_sticks) -> Comparison:
    """The prediction lies 4 px below the truth."""
    predicted = two_sticks.with_points(two_sticks.points + np.array([0, 4]))
    return Comparison(grey, two_sticks, predicted, "frame 7", pairs=[(0, 0)])


def has(sheet: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool((np.abs(sheet.astype(int) - colour).max(-1) < 12).any())


def has_red(sheet: np.ndarray) -> bool:
    red, green, blue = sheet.astype(int).transpose(2, 0, 1)
    return bool(((red - green > 110) & (red - blue > 110)).any())


class TestContactSheet:
    def test_shows_truth_prediction_and_error(self, comparison, stick):
        sheet = contact_sheet([comparison], stick, side=400)[40 + BAND :]
        assert has(sheet, (255, 255, 255)) and has(sheet, (255, 176, 0)) and has_red(sheet)

    def test_errors_are_drawn_between_pairs_only(self, comparison, stick):
        unpaired = Comparison(comparison.image, comparison.truth, comparison.predicted)
        assert not has_red(contact_sheet([unpaired], stick, side=400)[40:])

    def test_lays_pictures_out_in_rows(self, comparison, stick):
        one, five = (contact_sheet([comparison] * count, stick, side=160, columns=3) for count in (1, 5))
        assert five.shape[1] == 3 * (160 + GAP) + GAP
        assert five.shape[0] - 34 == 2 * (one.shape[0] - 34 - GAP) + GAP

    @pytest.mark.parametrize("focus", [(10, 5, 40, 30), (-20, -20, 20, 20), (70, 50, 300, 300), (500, 500, 600, 600)])
    def test_can_look_at_a_part_of_the_image(self, comparison, stick, focus):
        close = Comparison(comparison.image, comparison.truth, comparison.predicted, focus=focus)
        assert contact_sheet([close], stick, side=200).shape[0] > 60

    def test_focus_shows_truth_at_its_place(self, grey, two_sticks, stick):
        image = grey.copy()
        image[31, 55:57] = 255
        nothing = two_sticks.with_points(two_sticks.points * np.nan)
        close = Comparison(image, two_sticks.select(np.array([1])), nothing, focus=(45, 21, 66, 42))
        picture = contact_sheet([close], stick, side=230)[34 + GAP :, GAP:]
        white = picture.min(-1) > 150
        rows, columns = np.nonzero(white[:230, :230])
        assert (columns.mean(), rows.mean()) == pytest.approx((114.5, 110.5), abs=2)

    def test_an_empty_sheet_still_says_what_it_is(self, stick):
        assert contact_sheet([], stick, title="Worst frames").shape[2] == 3


class TestMosaic:
    def test_keeps_every_pixel_of_pictures_of_different_sizes(self):
        small, large = np.full((10, 20, 3), 200, np.uint8), np.full((30, 12, 3), 90, np.uint8)
        sheet = mosaic([small, large], columns=2)
        assert ((sheet == 200).all(-1).sum(), (sheet == 90).all(-1).sum()) == (200, 360)

    def test_long_titles_stay_above_their_picture(self):
        picture = np.full((40, 60, 3), 200, np.uint8)
        sheet = mosaic([picture, picture], 2, ["a very long title that cannot fit", ""])
        assert sheet[: GAP + BAND, GAP + 60 + GAP :].max() < 60


class TestWriteImage:
    def test_writes_what_it_was_given(self, tmp_path):
        picture = np.random.default_rng(0).integers(0, 255, (9, 11, 3)).astype(np.uint8)
        write_image(picture, tmp_path / "picture.png")
        assert (cv2.imread(str(tmp_path / "picture.png"))[..., ::-1] == picture).all()

    def test_says_so_when_it_cannot(self, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(OutputError):
            write_image(np.zeros((4, 4, 3), np.uint8), tmp_path / "file" / "picture.png")
