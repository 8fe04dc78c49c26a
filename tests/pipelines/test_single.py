"""Single: one animal in the picture, one network."""

import numpy as np
import pytest

from gambol.data.crops import WholeFrame
from gambol.pipelines.base import PredictOptions
from gambol.pipelines.single import Single, SingleConfig


def played(theatre, stages, **options) -> Single:
    own = {"single": stages["single"]}
    return Single(own, {"single": theatre.network(own["single"])}, PredictOptions(**options))


class TestPredict:
    @pytest.mark.parametrize("scale", [0.6, 1.0, 1.5])
    def test_what_an_ideal_network_sees_comes_back_as_it_was(self, theatre, stages, two_beetles, scale):
        play = theatre(two_beetles[1:])
        [found] = played(play, stages(scale)).predict(play.images)
        assert np.array_equal(np.isnan(found.points), np.isnan(two_beetles[1:]))
        assert np.nanmax(np.abs(found.points - two_beetles[1:])) < 0.1

    def test_the_score_of_the_animal_is_the_sum_of_its_nodes(self, theatre, stages, two_beetles):
        play = theatre(two_beetles[1:])
        [found] = played(play, stages()).predict(play.images)
        assert found.scores == pytest.approx(found.point_scores.sum(1))
        assert 2.4 < found.scores[0] <= 3  # three nodes, the fourth is not there

    def test_a_frame_in_which_no_node_is_found_has_no_animal(self, theatre, stages, two_beetles, nobody):
        play = theatre(nobody, two_beetles[:1], nobody)
        assert [len(found) for found in played(play, stages()).predict(play.images)] == [0, 1, 0]

    def test_nodes_below_the_threshold_are_missing(self, theatre, stages, two_beetles):
        play = theatre(two_beetles[:1])
        assert len(played(play, stages(), node_threshold=1.01).predict(play.images)[0]) == 0

    def test_frames_of_several_sizes_do_not_touch_each_other(self, theatre, stages, two_beetles):
        truths = [two_beetles[:1] + shift for shift in (0, 1.7, 3.1)]
        play = theatre(*truths, sizes=((120, 160), (170, 190), (120, 160)))
        for found, truth in zip(played(play, stages(), batch=2).predict(play.images), truths, strict=True):
            assert np.abs(found.points - truth).max() < 0.1


class TestPlan:
    def test_the_one_stage_sees_the_whole_frame(self, project, two_beetles):
        [plan] = SingleConfig().plan(project(two_beetles[:1]), 1, (120, 160))
        assert plan.stage.name == "single"
        assert isinstance(plan.stage.view, WholeFrame)
        assert plan.stage.heads["nodes"].nodes == 4

    def test_large_frames_are_made_smaller(self, project, two_beetles):
        [plan] = SingleConfig().plan(project(two_beetles[:1]), 1, (3000, 4000))
        assert plan.stage.view.scale < 0.5

    def test_what_a_person_chooses_is_taken(self, project, two_beetles):
        config = SingleConfig.model_validate({"single": {"sigma": 5.5, "scale": 0.5, "batch": 2}})
        [plan] = config.plan(project(two_beetles[:1]), 3, (120, 160))
        assert (plan.stage.heads["nodes"].sigma, plan.stage.view.scale, plan.batch) == (5.5, 0.5, 2)

    def test_hard_nodes_are_mined_if_asked_for(self, project, two_beetles):
        for asked, mined in (({}, None), ({"hard_nodes": {"ratio": 3}}, 3)):
            [plan] = SingleConfig.model_validate({"single": asked}).plan(project(two_beetles[:1]), 1, (120, 160))
            hard = plan.stage.heads["nodes"].hard_nodes
            assert (hard and hard.ratio) == mined


class TestCheck:
    def test_what_is_found_stands_beside_what_is_true(self, theatre, stages, two_beetles):
        from gambol.poses import Poses

        play = theatre(two_beetles[:1])
        [(found, true)] = played(play, stages()).check("single", play.images, [Poses.of(two_beetles[:1])])
        assert np.abs(found.points - true.points).max() < 0.1


class TestDoubts:
    def test_frames_with_several_animals_are_counted(self, project, two_beetles):
        labels = project(two_beetles, two_beetles[:1])
        [doubt] = SingleConfig().doubts(labels)
        assert doubt.startswith("1 of 2 labelled frames")

    def test_one_animal_in_each_frame_raises_none(self, project, two_beetles):
        assert SingleConfig().doubts(project(two_beetles[:1], two_beetles[1:])) == []
