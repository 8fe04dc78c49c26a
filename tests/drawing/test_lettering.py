import numpy as np
import pytest

from gambol.drawing.lettering import text, text_width

WHITE = (255, 255, 255)


class TestText:
    @pytest.mark.parametrize("words", ["mouse 0.93", "Flügel", "Жук 2"])
    def test_is_as_wide_as_it_says_and_stands_on_its_line(self, words):
        canvas = np.zeros((40, 300, 3), np.uint8)
        text(canvas, words, (10, 25), WHITE, size=16)
        rows, columns, _ = np.nonzero(canvas > 100)
        assert columns.min() == pytest.approx(10, abs=2)
        assert np.ptp(columns) == pytest.approx(text_width(words, 16), abs=4)
        assert rows.min() > 8 and rows.max() <= 30

    def test_letters_that_reach_below_the_line_do_so(self):
        heights = []
        for words in ("nose", "pig"):
            canvas = np.zeros((40, 80, 3), np.uint8)
            text(canvas, words, (10, 25), WHITE, size=20)
            heights.append(np.nonzero(canvas.max((1, 2)) > 128)[0].max())
        assert heights[0] == pytest.approx(24, abs=1) and heights[1] > 27

    def test_a_dark_rim_keeps_it_legible_on_white(self):
        canvas = np.full((40, 120, 3), 255, np.uint8)
        text(canvas, "nose", (10, 25), (255, 176, 0))
        assert canvas.max(-1).min() < 90

    @pytest.mark.parametrize("at", [(-500, 20), (500, 20), (20, -300), (20, 300)])
    def test_may_stand_outside(self, at):
        canvas = np.zeros((40, 120, 3), np.uint8)
        text(canvas, "nose", at, WHITE)
        assert not canvas.any()

    @pytest.mark.parametrize("at", [(-5, 20), (110, 20), (50, 2), (50, 44)])
    def test_may_stand_across_the_edge(self, at):
        canvas = np.zeros((40, 120, 3), np.uint8)
        text(canvas, "nose", at, WHITE)
        assert canvas.any()

    def test_nothing_is_written_for_no_words(self):
        canvas = np.zeros((40, 120, 3), np.uint8)
        text(canvas, "", (20, 20), WHITE)
        assert not canvas.any() and text_width("") == 0
