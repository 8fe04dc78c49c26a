"""Explanations in the terminal."""

import pytest

from gambol.cli.explanations import choices_of, lines_of, shown
from gambol.pipelines.reason import Reason
from gambol.training.explain import Explanation

REASON = Reason("pipeline.centroid.scale", 0.123456, "animals are large")


class TestLines:
    def test_everything_that_an_explanation_holds_is_there(self):
        words = ("gambol", "train", "--labels", "two words.slp")
        text = "\n".join(lines_of(Explanation(("12 frames",), (REASON,), ("Too few.",), words)))
        for part in ("12 frames", "animals are large", "Too few.", "gambol train --labels 'two words.slp'"):
            assert part in text

    def test_without_warnings_none_is_announced(self):
        assert "against" not in "\n".join(lines_of(Explanation((), (REASON,), (), ())))

    def test_a_choice_takes_two_lines(self):
        assert list(choices_of([REASON])) == ["  pipeline.centroid.scale = 0.123", "      animals are large"]


class TestShown:
    @pytest.mark.parametrize(("value", "text"), [
        (3, "3"), (1 / 3, "0.333"), (None, "none"), ([-180.0, 180.0], "-180, 180"), ("rgb", "rgb"), (True, "True")])
    def test_values_read_as_a_person_reads_them(self, value, text):
        assert shown(value) == text
