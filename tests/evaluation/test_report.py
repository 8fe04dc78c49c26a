import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gambol.errors import LabelsError, SkeletonMismatch
from gambol.evaluation.report import concerned, evaluate
from gambol.formats import load, save
from gambol.labels.columns import PREDICTED
from gambol.video.source import VideoSource

NAN = np.nan
RIGHT = np.array([1, 0])  # one pixel


class TestPerfectPredictions:
    def test_score_one_everywhere(self, columns, square):
        truth = columns({0: [square, square + 50], 7: [square]})
        result = evaluate(truth, columns({0: [square + 50, square], 7: [square]}, {0: [0.2, 0.9], 7: [0.5]}))
        assert (result.frames, result.instances) == (2, 3)
        assert result.oks == {"mAP": 1, "mAP_sleap": 1, "mAR": 1}
        assert set(result.error_px.values()) == {0}
        assert set(result.pck.values()) == {1}
        assert result.missed_instances == result.extra_instances == result.missed_points == result.extra_points == 0


class TestFourFrames:
    """Worked out by hand; ranked by score the detections are 0.9: OKS 0.607, 0.8: extra, 0.6: OKS 1."""

    def test_an_extra_detection_is_false(self, four_frames):
        # 3 animals to find. At thresholds 0.50, 0.55, 0.60 the ranks are true, false, true:
        #   recall 1/3, 1/3, 2/3; precision 1, 1/2, 2/3: recalls 0 .. 0.33 (34) at 1, 0.34 .. 0.66 (33) at 2/3
        # at the other seven false, false, true: recall 0, 0, 1/3; precision 1/3: recalls 0 .. 0.33 (34) at 1/3
        expected = (3 * (34 + 33 * 2 / 3) + 7 * (34 / 3)) / 101 / 10
        assert evaluate(*four_frames).oks["mAP"] == pytest.approx(expected)

    def test_the_rule_of_sleap_ignores_it(self, four_frames):
        # thresholds up to 0.60: true, true: recalls 0 .. 0.66 (67) at 1; beyond: false, true: 0 .. 0.33 (34) at 1/2
        assert evaluate(*four_frames).oks["mAP_sleap"] == pytest.approx((3 * 67 + 7 * 34 / 2) / 101 / 10)

    def test_recall_counts_the_frame_without_prediction(self, four_frames):
        assert evaluate(*four_frames).oks["mAR"] == pytest.approx((3 * 2 / 3 + 7 * 1 / 3) / 10)

    def test_counts(self, four_frames):
        result = evaluate(*four_frames)
        assert (result.frames, result.instances) == (4, 3)
        assert (result.missed_instances, result.extra_instances) == (1, 1)
        assert (result.missed_points, result.extra_points) == (3, 3)

    def test_errors_are_those_of_matched_points(self, four_frames):
        error = evaluate(*four_frames).error_px  # three points 0 px off, three 1 px
        assert (error["mean"], error["median"], error["p90"]) == (0.5, 0.5, 1)

    def test_missing_points_are_wrong_ones(self, four_frames):
        pck = evaluate(*four_frames).pck  # of 9 visible points 3 are exact, 3 are 1 px off, which is not < 1, 3 missing
        assert pck["1"] == pytest.approx(3 / 9)
        assert pck["2"] == pytest.approx(6 / 9)

    def test_the_worst_frames_come_first(self, four_frames):
        worst = evaluate(*four_frames).worst(3)
        assert [(one.frame, one.oks) for one in worst] == [
            (2, 0), (3, 0), (1, pytest.approx(np.exp(-0.5)))]
        assert [(one.missed_instances, one.extra_instances) for one in worst] == [(1, 0), (0, 1), (0, 0)]


class TestNodes:
    def test_each_by_its_name(self, columns, square):
        truth, guess = square.copy(), square + np.array([[0, 0], [0, 2], [1, 0]])
        truth[0] = NAN  # nobody saw the nose
        result = evaluate(columns({0: [truth]}), columns({0: [guess]}, {0: [1]}))
        assert (result.nodes["nose"].visible, result.nodes["nose"].extra) == (0, 1)
        assert np.isnan(result.nodes["nose"].error_px["mean"])
        assert result.nodes["tail"].error_px["mean"] == 2
        assert result.nodes["paw"].errors.tolist() == [1]
        assert result.extra_points == 1 and result.missed_points == 0

    def test_points_not_found_are_counted_where_they_miss(self, columns, square):
        guess = square.copy()
        guess[2] = NAN
        result = evaluate(columns({0: [square], 1: [square]}), columns({0: [guess]}, {0: [1]}))
        assert {name: node.missed for name, node in result.nodes.items()} == {"nose": 1, "tail": 1, "paw": 2}
        assert result.missed_points == 4
        assert result.nodes["nose"].pck["1"] == 0.5

    def test_are_matched_by_name_not_by_place(self, columns, square):
        truth = columns({0: [square]})
        turned = columns({0: [square[[2, 0, 1]]]}, {0: [1]}, nodes=("paw", "nose", "tail"))
        assert evaluate(truth, turned).error_px["mean"] == 0

    def test_that_differ_are_refused_and_named(self, columns, square):
        truth = columns({0: [square]})
        with pytest.raises(SkeletonMismatch, match=r"no node called paw.*no node called foot"):
            evaluate(truth, columns({0: [square]}, {0: [1]}, nodes=("nose", "tail", "foot")))
        with pytest.raises(SkeletonMismatch, match="the truth has no node called paw"):
            evaluate(columns({0: [square[:2]]}, nodes=("nose", "tail")), columns({0: [square]}, {0: [1]}))


class TestWhatCounts:
    def test_predictions_on_other_frames_do_not(self, columns, square):
        result = evaluate(columns({3: [square]}), columns({3: [square], 4: [square]}, {3: [1], 4: [1]}))
        assert (result.frames, result.extra_instances) == (1, 0)

    def test_predictions_in_the_truth_are_not_true(self, columns, square):
        truth = columns({0: [square], 1: [square + 99]}, predicted_frames=[1])
        result = evaluate(truth, columns({0: [square]}, {0: [1]}))
        assert (result.frames, result.instances, result.missed_instances) == (1, 1, 0)

    def test_nor_are_they_beside_true_ones(self, columns, square):
        truth = columns({0: [square, square + 99]})
        truth.kinds[1] = PREDICTED
        assert evaluate(truth, columns({0: [square]}, {0: [1]})).instances == 1

    def test_a_frame_marked_as_empty_is_truth_whatever_was_predicted_there(self, columns, square):
        truth = replace(columns({0: [square], 1: [square]}, predicted_frames=[1]), negative=np.array([False, True]))
        result = evaluate(truth, columns({0: [square], 1: [square]}, {0: [1], 1: [1]}))
        assert (result.frames, result.instances, result.extra_instances) == (2, 1, 1)

    def test_unless_there_is_nothing_else(self, columns, square):
        result = evaluate(columns({0: [square]}, {0: [0.5]}), columns({0: [square]}, {0: [1]}))
        assert result.instances == 1 and result.oks["mAP"] == 1

    def test_labels_in_the_prediction_are_not_predicted(self, columns, square):
        mixed = columns({0: [square], 1: [square]}, predicted_frames=[0])
        assert evaluate(columns({0: [square], 1: [square]}), mixed).missed_instances == 1

    def test_two_people_can_be_compared(self, columns, square):
        assert evaluate(columns({0: [square]}), columns({0: [square + RIGHT]})).error_px["mean"] == 1

    def test_animals_without_points_are_none(self, columns, square):
        nothing = np.full((3, 2), NAN)
        result = evaluate(columns({0: [square, nothing]}), columns({0: [square, nothing]}, {0: [1, 2]}))
        assert (result.instances, result.missed_instances, result.extra_instances) == (1, 0, 0)

    def test_points_that_are_stored_but_not_visible_do_not(self, columns, square):
        truth = columns({0: [square]})
        hidden = replace(truth, visible=np.array([[True, True, False]]))
        assert evaluate(hidden, columns({0: [square]}, {0: [1]})).extra_points == 1


class TestVideos:
    def test_one_that_was_not_predicted_has_missed_its_animals(self, columns, square):
        truth = replace(
            columns({0: [square], 1: [square]}), frame_video=np.array([0, 1]),
            videos=[VideoSource(Path("a.mp4")), VideoSource(Path("b.mp4"))])
        predicted = columns({0: [square]}, {0: [1]}, video="a.mp4")
        result = evaluate(truth, predicted)
        assert (result.instances, result.missed_instances) == (2, 1)
        assert result.unmatched_videos == ("b.mp4",)

    def test_none_in_common_is_refused(self, columns, square):
        shapes = [(10, 64, 64, 1), (10, 32, 32, 1)]
        truth, predicted = (
            replace(columns({0: [square]}), videos=[VideoSource(Path(name), shape=shape)])
            for name, shape in zip(("a.mp4", "b.mp4"), shapes, strict=True))
        with pytest.raises(LabelsError, match="not about any labelled video"):
            evaluate(truth, predicted)

    def test_no_labels_are_refused(self, columns, square):
        with pytest.raises(LabelsError, match="no labelled frames"):
            evaluate(columns({}), columns({0: [square]}, {0: [1]}))


class TestJson:
    def test_has_the_contracted_keys(self, four_frames):
        written = json.loads(json.dumps(evaluate(*four_frames).as_json(), allow_nan=False))
        assert list(written) == [
            "frames", "instances", "oks", "error_px", "pck", "missed_instances", "extra_instances", "missed_points",
            "extra_points", "nodes"]
        assert list(written["oks"]) == ["mAP", "mAP_sleap", "mAR"]
        assert list(written["error_px"]) == ["mean", "median", "p75", "p90", "p95"]
        assert list(written["pck"]) == ["1", "2", "3", "5", "10"]
        assert list(written["nodes"]) == ["nose", "tail", "paw"]

    def test_the_undefined_is_null(self, columns, square):
        written = evaluate(columns({0: [square]}), columns({5: [square]}, {5: [1]})).as_json()
        assert written["error_px"]["median"] is None and written["nodes"]["paw"]["error_px"]["mean"] is None
        assert (written["oks"]["mAP"], written["pck"]["10"], written["missed_instances"]) == (0, 0, 1)


def test_evaluating_loads_no_torch():
    code = "import sys, gambol.evaluation.report; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class TestRealRecordings:
    """SLEAP's published predictions of two flies, against hand labels that were moved by about 3 px."""

    def test_scores_are_those_of_other_programs(self, data_folder):
        folder = data_folder / "centered_pair"
        truth, predicted = load(folder / "centered_pair.hand.test.slp"), load(folder / "centered_pair_predictions.slp")
        result = evaluate(truth, predicted)
        # from sleap-nn 0.3's Evaluator, and for all but mAR from a program-neutral script without gambol
        assert result.oks["mAP_sleap"] == pytest.approx(0.4956367394512039)
        assert result.oks["mAR"] == pytest.approx(0.5125)
        assert result.error_px["mean"] == pytest.approx(3.342365977043723)
        assert result.error_px["p95"] == pytest.approx(4.428284533036215)
        assert result.oks["mAP"] == pytest.approx(0.4956367394512039)  # the one extra animal is the least sure of all
        assert result.pck["5"] == pytest.approx(0.902542372881356)
        assert (result.instances, result.missed_instances, result.extra_instances) == (40, 0, 1)

    def test_a_package_and_its_project_are_about_the_same_video(self, data_folder):
        folder = data_folder / "centered_pair"
        package = load(folder / "centered_pair.hand.train.pkg.slp")
        result = evaluate(load(folder / "centered_pair.hand.train.slp"), package)
        assert result.instances == 92 and result.missed_instances == 0
        assert result.error_px["p95"] == 0


class TestConcerned:
    def test_only_frames_of_the_truth_are_read_of_a_lazy_file(self, geckos, tmp_path):
        truth, found = load(geckos.labels).select_frames(np.array([1, 3])), load(geckos.truth)
        found.kinds[:] = PREDICTED
        save(found, tmp_path / "found.slp")
        lazy = load(tmp_path / "found.slp", lazy=True)
        chosen = concerned(truth, lazy)
        assert chosen.frame_index.tolist() == [3, 9] and len(chosen.kinds) == 4
        assert "points" not in vars(lazy)
        assert evaluate(truth, chosen) == evaluate(truth, found)

    def test_what_counts_as_predicted_is_decided_by_the_whole_file(self, columns, square):
        truth = columns({0: [square]})
        found = columns({0: [square], 5: [square]})
        found.kinds[1] = PREDICTED
        assert len(concerned(truth, found).kinds) == 0
        assert evaluate(truth, found).missed_instances == 1

    def test_it_changes_nothing_when_it_is_asked_again(self, columns, square):
        truth, found = columns({0: [square]}), columns({0: [square], 5: [square]}, {0: [0.5], 5: [0.5]})
        once = concerned(truth, found)
        assert evaluate(truth, once) == evaluate(truth, concerned(truth, once)) == evaluate(truth, found)
