"""Top-down: find each animal, cut it out, find its nodes; and the way back is exact."""

import numpy as np
import pytest

from gambol.data.crops import Crop, WholeFrame
from gambol.errors import JobError
from gambol.pipelines.base import PredictOptions
from gambol.pipelines.top_down import TopDown, TopDownConfig


def played(theatre, stages, **options) -> TopDown:
    """The pipeline with networks that know the truth."""
    own = {name: stages[name] for name in TopDown.order}
    return TopDown(own, {name: theatre.network(stage) for name, stage in own.items()}, PredictOptions(**options))


def matched(poses, truth: np.ndarray) -> np.ndarray:
    """The poses' points, in the order of the truth's animals: by the nearest head."""
    assert len(poses) == len(truth)
    apart = np.linalg.norm(poses.points[None, :, 0] - truth[:, None, 0], axis=-1)
    order = apart.argmin(1)
    assert sorted(order) == list(range(len(truth)))
    return poses.points[order]


class TestTheWayBack:
    @pytest.mark.parametrize(("scale", "crop"), [(1.0, 64), (0.55, 48), (1.7, 96), (1.0, 51)])
    @pytest.mark.parametrize("frame_scale", [0.5, 1.0])
    def test_what_ideal_networks_see_comes_back_as_it_was(
        self, theatre, stages, two_beetles, scale, crop, frame_scale
    ):
        crop = crop - crop % 2
        play = theatre(two_beetles)
        [found] = played(play, stages(scale, crop, frame_scale=frame_scale)).predict(play.images)
        points = matched(found, two_beetles)
        assert np.array_equal(np.isnan(points), np.isnan(two_beetles))
        assert np.nanmax(np.abs(points - two_beetles)) < 0.1

    def test_an_animal_at_the_border_is_found_as_well_as_any_other(self, theatre, stages, beetles_at_the_border):
        play = theatre(beetles_at_the_border)
        [found] = played(play, stages()).predict(play.images)
        assert np.abs(matched(found, beetles_at_the_border) - beetles_at_the_border).max() < 0.1

    def test_crops_are_centred_on_the_anchor(self, theatre, stages, two_beetles):
        play = theatre(two_beetles)
        pipeline = played(play, stages(anchor=0))
        heads = pipeline.find(play.images)[0].points[:, 0]
        assert np.abs(np.sort(heads, 0) - np.sort(two_beetles[:, 0], 0)).max() < 0.1

    def test_an_animal_without_its_anchor_is_found_by_the_middle_of_its_box(self, theatre, stages, two_beetles):
        play = theatre(two_beetles[1:])
        heads = played(play, stages(anchor=3)).find(play.images)[0].points[:, 0]
        seen = two_beetles[1, :3]
        assert np.abs(heads - (seen.min(0) + seen.max(0)) / 2).max() < 0.1


class TestFrames:
    def test_a_frame_without_animals_has_no_poses(self, theatre, stages, nobody, two_beetles):
        play = theatre(nobody, two_beetles, nobody)
        found = played(play, stages()).predict(play.images)
        assert [len(poses) for poses in found] == [0, 2, 0]
        assert found[0].points.shape == (0, 4, 2)

    def test_no_frames_give_nothing(self, theatre, stages):
        assert played(theatre(), stages()).predict([]) == []

    def test_more_crops_than_fit_one_batch_go_through_in_several(self, theatre, stages, seven_beetles):
        play = theatre(seven_beetles)
        [found] = played(play, stages(), batch=3).predict(play.images)
        assert np.abs(matched(found, seven_beetles) - seven_beetles).max() < 0.1
        assert play.batches == [1, 3, 3, 1]

    @pytest.mark.parametrize("batch", [1, 2, 5])
    def test_what_is_found_in_a_frame_depends_on_no_other_frame(
        self, theatre, stages, two_beetles, seven_beetles, beetles_at_the_border, nobody, batch
    ):
        play = theatre(two_beetles, seven_beetles, nobody, beetles_at_the_border, two_beetles + 3.3)
        together = played(play, stages(), batch=batch).predict(play.images)
        for poses, image in zip(together, play.images, strict=True):
            [alone] = played(play, stages(), batch=1).predict([image])
            assert np.allclose(poses.points, alone.points, atol=1e-3, equal_nan=True)
            assert np.allclose(poses.scores, alone.scores, atol=1e-5)

    def test_frames_of_several_sizes_keep_their_order(self, theatre, stages, two_beetles, nobody):
        play = theatre(two_beetles, nobody, two_beetles + 2, sizes=((120, 160), (200, 180), (96, 144)))
        found = played(play, stages(), batch=2).predict(play.images)
        assert [len(poses) for poses in found] == [2, 0, 2]
        assert np.nanmax(np.abs(matched(found[2], two_beetles + 2) - two_beetles - 2)) < 0.1

    @pytest.mark.parametrize(("trained", "given"), [(1, 3), (3, 1)])
    def test_colours_are_brought_to_what_the_networks_know(self, theatre, stages, two_beetles, trained, given):
        play = theatre(two_beetles, channels=given)
        pipeline = played(play, stages(channels=trained))
        assert pipeline.channels == trained
        assert np.nanmax(np.abs(matched(pipeline.predict(play.images)[0], two_beetles) - two_beetles)) < 0.1


class TestScoresAndLimits:
    def test_the_score_of_an_animal_is_the_value_of_its_centroid(self, theatre, stages, two_beetles):
        play = theatre(two_beetles)
        pipeline = played(play, stages())
        faint = pipeline.networks["centroid"]
        pipeline.networks["centroid"] = lambda inputs: {"centroids": 0.6 * faint(inputs)["centroids"]}
        [found] = pipeline.predict(play.images)
        assert np.all((found.scores > 0.5) & (found.scores <= 0.6))  # a peak between cells is a little lower

    def test_the_score_of_a_node_is_the_value_of_its_peak_and_zero_if_it_was_not_found(
        self, theatre, stages, two_beetles
    ):
        play = theatre(two_beetles[1:])
        [found] = played(play, stages()).predict(play.images)
        assert np.all(found.point_scores[0, :3] > 0.8)
        assert found.point_scores[0, 3] == 0

    def test_no_more_animals_than_asked_for_are_kept_and_the_surest_stay(self, theatre, stages, two_beetles):
        play = theatre(two_beetles)
        pipeline = played(play, stages(), animals=1)
        exact = pipeline.networks["centroid"]

        def doubtful(inputs):
            maps = exact(inputs)["centroids"].copy()
            maps[..., : maps.shape[-1] // 2] *= 0.5  # the left one
            return {"centroids": maps}

        pipeline.networks["centroid"] = doubtful
        [found] = pipeline.predict(play.images)
        assert np.nanmax(np.abs(found.points - two_beetles[1:])) < 0.1

    def test_animals_below_their_threshold_are_not_found(self, theatre, stages, two_beetles):
        play = theatre(two_beetles)
        assert len(played(play, stages(), animal_threshold=1.01).predict(play.images)[0]) == 0

    def test_an_animal_none_of_whose_nodes_is_found_is_left_out(self, theatre, stages, two_beetles):
        play = theatre(two_beetles)
        assert len(played(play, stages(), node_threshold=1.01).predict(play.images)[0]) == 0


class TestCheck:
    def test_a_stage_is_measured_as_if_those_before_it_were_right(self, theatre, stages, two_beetles, nobody):
        from gambol.poses import Poses

        play = theatre(two_beetles, nobody)
        truth = [Poses.of(two_beetles), Poses.of(nobody)]
        only = {"centered_instance": stages()["centered_instance"]}
        networks = {"centered_instance": play.network(only["centered_instance"])}
        pairs = TopDown(stages(), networks, PredictOptions()).check("centered_instance", play.images, truth)
        found, true = pairs[0]
        assert np.allclose(found.points, true.points, atol=0.1, equal_nan=True)
        assert len(pairs[1][0]) == len(pairs[1][1]) == 0

    def test_centroids_are_compared_with_the_animals_places(self, theatre, stages, two_beetles):
        from gambol.poses import Poses

        play = theatre(two_beetles)
        [(found, true)] = played(play, stages()).check("centroid", play.images, [Poses.of(two_beetles)])
        assert found.points.shape == true.points.shape == (2, 1, 2)


class TestPlan:
    def test_both_stages_are_planned_in_the_order_of_training(self, project, two_beetles):
        plans = TopDownConfig().plan(project(two_beetles), 1, (120, 160))
        assert [plan.stage.name for plan in plans] == list(TopDown.order)
        assert isinstance(plans[0].stage.view, WholeFrame)
        assert isinstance(plans[1].stage.view, Crop)

    def test_the_crop_holds_every_labelled_animal_whichever_way_it_is_turned(self, project, two_beetles):
        view = TopDownConfig().plan(project(two_beetles), 1, (120, 160))[1].stage.view
        middles = (np.nanmin(two_beetles, 1) + np.nanmax(two_beetles, 1)) / 2
        reach = np.nanmax(np.linalg.norm(two_beetles - middles[:, None], axis=-1))
        assert view.size / view.scale / 2 > reach

    def test_sizes_of_crops_fit_the_networks_strides(self, project, two_beetles):
        for size in (40, 65, 100):
            config = TopDownConfig.model_validate({"centered_instance": {"crop_size": size}})
            stage = config.plan(project(two_beetles), 1, (120, 160))[1].stage
            assert stage.view.size >= size
            assert stage.view.size % stage.backbone.max_stride == 0

    def test_large_animals_are_made_smaller_than_small_ones(self, project, two_beetles):
        small, large = (TopDownConfig().plan(project(factor * two_beetles), 1, (999, 999)) for factor in (0.5, 30))
        assert all(one.stage.view.scale > other.stage.view.scale for one, other in zip(small, large, strict=True))

    def test_what_a_person_chooses_is_taken_and_the_rest_stays(self, project, two_beetles):
        asked = {"anchor": "tail", "centroid": {"scale": 0.25, "sigma": 7.0}, "centered_instance": {"batch": 3}}
        config = TopDownConfig.model_validate(asked)
        centroid, instance = config.plan(project(two_beetles), 3, (120, 160))
        assert (centroid.stage.view.scale, centroid.stage.heads["centroids"].sigma) == (0.25, 7.0)
        assert centroid.stage.heads["centroids"].anchor == centroid.stage.anchor == instance.stage.anchor == 3
        assert instance.batch == 3
        assert instance.stage.channels == 3
        assert instance.stage.backbone == TopDownConfig().centered_instance.backbone

    def test_an_anchor_that_is_no_node_is_refused(self, project, two_beetles):
        with pytest.raises(JobError, match="Choose one of: head, left, right, tail"):
            TopDownConfig(anchor="nose").plan(project(two_beetles), 1, (120, 160))

    def test_a_crop_that_cuts_every_animal_is_refused(self, project, two_beetles):
        asked = {"crop_size": 16, "backbone": {"max_stride": 8}}
        config = TopDownConfig.model_validate({"centered_instance": asked})
        with pytest.raises(JobError, match=r"of 16 px cuts every labelled animal: the smallest takes \d+ px"):
            config.plan(project(two_beetles), 1, (120, 160))

    def test_a_crop_that_cuts_some_of_them_is_not(self, project, two_beetles):
        config = TopDownConfig.model_validate({"centered_instance": {"crop_size": 32}})
        assert config.plan(project(two_beetles, 5 * two_beetles), 1, (120, 160))

    def test_a_crop_smaller_than_the_largest_stride_is_refused(self, project, two_beetles):
        asked = {"crop_size": 48, "backbone": {"max_stride": 64}}
        config = TopDownConfig.model_validate({"centered_instance": asked})
        with pytest.raises(JobError, match=r"crop_size is 48 px, but the network's largest stride is 64 px"):
            config.plan(project(two_beetles), 1, (120, 160))

    def test_hard_nodes_are_mined_where_nodes_are_found(self, project, two_beetles):
        config = TopDownConfig.model_validate({"centered_instance": {"hard_nodes": {"most": 3}}})
        instance = config.plan(project(two_beetles), 1, (120, 160))[1]
        assert instance.stage.heads["nodes"].hard_nodes.most == 3
        assert TopDownConfig().centered_instance.hard_nodes is None
