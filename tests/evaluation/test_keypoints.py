import numpy as np
import pytest

from gambol.evaluation.keypoints import (
    average_precision,
    correct_keypoints,
    error_summary,
    mean_average_precision,
    mean_average_recall,
)


class TestAveragePrecision:
    def test_all_found_and_none_too_many_is_one(self):
        assert average_precision(np.array([True, True]), positives=2) == 1

    def test_half_found_reaches_half_of_the_recalls(self):
        # recall ends at 1/2: precision 1 at recalls 0.00 .. 0.50 (51 of 101), 0 beyond
        assert average_precision(np.array([True]), positives=2) == pytest.approx(51 / 101)

    def test_a_false_one_before_the_true_one_halves_the_precision(self):
        # ranks: false, true. precision 0/1, 1/2; the best at or beyond every recall up to 1 is 1/2
        assert average_precision(np.array([False, True]), positives=1) == pytest.approx(0.5)

    def test_a_false_one_after_the_last_true_one_costs_nothing(self):
        assert average_precision(np.array([True, False]), positives=1) == 1

    def test_a_false_one_in_between(self):
        # ranks: true, false, true of 2. recall 1/2, 1/2, 1; precision 1, 1/2, 2/3
        # recalls 0 .. 0.50 (51): 1; recalls 0.51 .. 1 (50): 2/3
        assert average_precision(np.array([True, False, True]), 2) == pytest.approx((51 + 50 * 2 / 3) / 101)

    def test_nothing_found_is_zero_and_nothing_to_find_is_undefined(self):
        assert average_precision(np.array([], bool), positives=3) == 0
        assert np.isnan(average_precision(np.array([], bool), positives=0))


class TestMeanAveragePrecisionAndRecall:
    def test_a_likeness_of_six_tenths_passes_three_of_ten_thresholds(self):
        likeness, score = np.array([0.6]), np.array([1.0])  # 0.50, 0.55, 0.60
        assert mean_average_precision(likeness, score, positives=1) == pytest.approx(0.3)
        assert mean_average_recall(likeness, positives=1) == pytest.approx(0.3)

    def test_detections_are_ranked_by_score_whatever_their_order(self):
        likeness = np.array([1.0, 0.0])
        assert mean_average_precision(likeness, np.array([0.9, 0.1]), 1) == 1
        assert mean_average_precision(likeness, np.array([0.1, 0.9]), 1) == pytest.approx(0.5)

    def test_recall_counts_what_was_never_found(self):
        assert mean_average_recall(np.array([1.0]), positives=4) == pytest.approx(0.25)
        assert np.isnan(mean_average_recall(np.array([]), positives=0))


class TestErrorSummary:
    def test_of_known_distances(self):
        # 0 .. 100 in steps of one: the p-th percentile is p
        assert error_summary(np.arange(101.0)) == {"mean": 50, "median": 50, "p75": 75, "p90": 90, "p95": 95}

    def test_of_nothing_is_undefined(self):
        assert all(np.isnan(value) for value in error_summary(np.array([])).values())


class TestCorrectKeypoints:
    def test_closer_means_closer(self):
        # 4 visible points, one of them not found: 0.5 < 1; 1.0 is not < 1; 4.9 < 5
        shares = correct_keypoints(np.array([0.5, 1.0, 4.9]), visible=4)
        assert shares == {"1": 0.25, "2": 0.5, "3": 0.5, "5": 0.75, "10": 0.75}

    def test_without_visible_points_undefined(self):
        assert np.isnan(correct_keypoints(np.array([]), visible=0)["5"])
