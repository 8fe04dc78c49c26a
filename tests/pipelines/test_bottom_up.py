"""Bottom-up: all nodes at once, grouped into animals along the skeleton's edges."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from gambol.data.crops import WholeFrame
from gambol.errors import JobError
from gambol.geometry.affine import Affine
from gambol.labels.skeleton import Skeleton
from gambol.nn.backbones import UNetConfig
from gambol.nn.codecs import confidence_maps, part_affinity_fields
from gambol.nn.heads import ConfidenceMapsConfig, PartAffinityFieldsConfig
from gambol.pipelines.base import PredictOptions
from gambol.pipelines.bottom_up import BottomUp, BottomUpConfig
from gambol.pipelines.stage import StageConfig

TREE = ((3, 0), (0, 1), (0, 2))


def played(theatre, stage: StageConfig, **options) -> BottomUp:
    """The pipeline with a network that knows the truth."""
    return BottomUp({"bottom_up": stage}, {"bottom_up": theatre.network(stage)}, PredictOptions(**options))


def grouped(animals: np.ndarray, edges, side: int, scale: float = 1.0, **options):
    """The animals (animal, node, 2) after a trip through the ideal maps of one input of that side."""
    nodes = animals.shape[1]
    heads = {"nodes": ConfidenceMapsConfig(nodes=nodes, sigma=3.0, stride=2)}
    if edges:
        heads["edges"] = PartAffinityFieldsConfig(edges=edges, sigma=4.0, stride=2)
    stage = StageConfig(
        name="bottom_up", skeleton=Skeleton(tuple(f"node {n}" for n in range(nodes)), tuple(edges)), channels=1,
        view=WholeFrame(multiple=16), backbone=UNetConfig(output_stride=2), heads=heads)
    points = torch.tensor(animals)[None]
    maps = {"nodes": confidence_maps.brightest(points, (side // 2, side // 2), 3.0, 2).numpy()}
    if edges:
        maps["edges"] = part_affinity_fields.encode(points, edges, (side // 2, side // 2), 4.0, 2).numpy()
    [poses] = BottomUp({"bottom_up": stage}, {}, PredictOptions(**options)).group(maps, [Affine.identity()])
    return poses


def same(found: np.ndarray, truth: np.ndarray, within: float = 0.3) -> bool:
    """Whether the animals are the same, in any order, with the same nodes missing."""
    if len(found) != len(truth):
        return False
    left = list(range(len(found)))
    for animal in truth:
        fits = [other for other in left if np.array_equal(np.isnan(found[other]), np.isnan(animal))
                and np.nanmax(np.abs(found[other] - animal), initial=0) < within]
        if not fits:
            return False
        left.remove(fits[0])
    return True


class TestTheWayBack:
    @pytest.mark.parametrize("scale", [1.0, 0.8, 1.7])
    def test_what_an_ideal_network_sees_comes_back_as_it_was(self, theatre, stages, two_beetles, scale):
        play = theatre(two_beetles)
        [found] = played(play, stages(scale)["bottom_up"]).predict(play.images)
        assert same(found.points, two_beetles, within=0.1)

    def test_animals_at_the_border_are_found_as_well_as_any_other(self, theatre, stages, beetles_at_the_border):
        play = theatre(beetles_at_the_border)
        [found] = played(play, stages()["bottom_up"]).predict(play.images)
        assert same(found.points, beetles_at_the_border, within=0.1)


class TestFrames:
    def test_a_frame_without_animals_has_no_poses(self, theatre, stages, nobody, two_beetles):
        play = theatre(nobody, two_beetles, nobody)
        found = played(play, stages()["bottom_up"]).predict(play.images)
        assert [len(poses) for poses in found] == [0, 2, 0]
        assert found[0].points.shape == (0, 4, 2)

    @pytest.mark.parametrize("batch", [1, 2, 5])
    def test_what_is_found_in_a_frame_depends_on_no_other_frame(
        self, theatre, stages, two_beetles, seven_beetles, nobody, batch
    ):
        play = theatre(two_beetles, seven_beetles, nobody, two_beetles + 3.3)
        stage = stages()["bottom_up"]
        together = played(play, stage, batch=batch).predict(play.images)
        for poses, image in zip(together, play.images, strict=True):
            [alone] = played(play, stage, batch=1).predict([image])
            assert np.allclose(poses.points, alone.points, atol=1e-3, equal_nan=True)

    def test_frames_of_several_sizes_keep_their_order(self, theatre, stages, two_beetles, nobody):
        play = theatre(two_beetles, nobody, two_beetles + 2, sizes=((120, 160), (200, 180), (96, 144)))
        found = played(play, stages()["bottom_up"], batch=2).predict(play.images)
        assert [len(poses) for poses in found] == [2, 0, 2]
        assert same(found[2].points, two_beetles + 2, within=0.1)


class TestGrouping:
    """Scenes drawn as ideal maps."""

    def test_animals_that_cross_are_told_apart(self):
        r"""Two worms of three nodes, one across the other: X"""
        worms = np.array([[(20, 20), (36.5, 41), (60, 60)], [(60, 20), (48.0, 37), (20, 60)]], float)
        assert same(grouped(worms, ((0, 1), (1, 2)), 96).points, worms)

    def test_animals_side_by_side_are_told_apart_although_their_lines_overlap(self):
        worms = np.array([[(20, 30), (45, 30), (70, 30)], [(20, 43), (45, 43), (70, 43)]], float)
        assert same(grouped(worms, ((0, 1), (1, 2)), 96).points, worms)

    def test_an_animal_whose_middle_is_hidden_falls_into_the_parts_that_are_seen(self):
        worm = np.array([[(10, 10), (30, 10), (np.nan, np.nan), (70, 10), (85, 25)]])
        found = grouped(worm, ((0, 1), (1, 2), (2, 3), (3, 4)), 96).points
        halves = np.where(np.arange(5)[:, None] < 2, worm, np.nan), np.where(np.arange(5)[:, None] > 2, worm, np.nan)
        assert same(found, np.concatenate(halves))

    def test_a_skeleton_of_one_node_makes_every_peak_an_animal(self):
        flies = np.array([[(10, 20)], [(50.5, 31)], [(80, 80)]], float)
        found = grouped(flies, (), 96)
        assert same(found.points, flies)
        assert found.scores == pytest.approx(found.point_scores[:, 0])

    def test_a_skeleton_of_one_edge_makes_pairs(self):
        rods = np.array([[(10, 20), (30, 20)], [(50.5, 31), (52, 60)], [(80, 80), (64, 70)]], float)
        assert same(grouped(rods, ((1, 0),), 96).points, rods)

    def test_two_nodes_at_the_same_point_belong_to_one_animal(self):
        worm = np.array([[(20, 30), (45, 33), (45, 33), (70, 30)]], float)
        assert same(grouped(worm, ((0, 1), (1, 2), (2, 3)), 96).points, worm)

    def test_animals_that_share_the_place_of_a_node_share_out_the_rest(self):
        """Only one of them can have the one peak; none of the other nodes is lost or mixed up."""
        worms = np.array([[(20, 20), (45, 45), (70, 70)], [(70, 20), (45, 45), (20, 70)]], float)
        found = grouped(worms, ((0, 1), (1, 2)), 96, animal_threshold=0).points
        nodes = found[~np.isnan(found).any(-1)]
        assert sorted(map(tuple, nodes.round())) == sorted({tuple(node) for node in worms.reshape(-1, 2)})
        assert all(len(animal[~np.isnan(animal).any(-1)]) <= 3 for animal in found)

    def test_a_lone_peak_is_no_animal(self):
        worm = np.array([[(20, 30), (45, 30)], [(80, 80), (np.nan, np.nan)]], float)
        assert same(grouped(worm, ((0, 1),), 96).points, worm[:1])

    @settings(max_examples=40, deadline=None, derandomize=True)
    @given(data=st.data(), nodes=st.integers(2, 8), animals=st.integers(1, 4))
    def test_the_truth_comes_back_for_any_tree_wherever_animals_do_not_touch(self, data, nodes, animals):
        """Animals in quarters of the picture, whole, on a random tree."""
        edges = tuple((data.draw(st.integers(0, node - 1)), node) for node in range(1, nodes))
        grid = np.array([(x, y) for x in range(4) for y in range(4)])
        quarters = np.array([(0, 0), (80, 0), (0, 80), (80, 80)])[:animals]
        places = [grid[data.draw(st.permutations(range(16)))[:nodes]] for _ in range(animals)]
        truth = 10 + 18.0 * np.array(places) + quarters[:, None]
        assert same(grouped(truth, edges, 160).points, truth)

    def test_thirty_animals_of_thirty_nodes_come_back(self):
        rng = np.random.default_rng(4)
        edges = tuple((int(rng.integers(max(0, node - 3), node)), node) for node in range(1, 30))
        grid = np.array([(x, y) for x in range(6) for y in range(5)], float)
        corners = 120 * np.array([(x, y) for x in range(6) for y in range(5)], float)
        truth = 15 + 18 * np.stack([rng.permutation(grid) for _ in range(30)]) + corners[:, None]
        assert same(grouped(truth, edges, 736).points, truth)


class TestScoresAndLimits:
    def test_the_score_of_an_animal_is_the_sum_of_its_edges(self, theatre, stages, two_beetles):
        play = theatre(two_beetles)
        [found] = played(play, stages()["bottom_up"]).predict(play.images)
        assert found.scores == pytest.approx([3, 2], abs=0.3)  # the second lacks a node
        assert (found.point_scores[0] > 0.8).all() and found.point_scores[1, 3] == 0

    def test_no_more_animals_than_asked_for_are_kept_and_the_surest_stay(self, theatre, stages, two_beetles):
        play = theatre(two_beetles)
        [found] = played(play, stages()["bottom_up"], animals=1).predict(play.images)
        assert same(found.points, two_beetles[:1], within=0.1)

    def test_fragments_of_which_too_little_is_connected_are_no_animals(self, theatre, stages, two_beetles):
        fragment = two_beetles.copy()
        fragment[1, [2, 3]] = np.nan  # one edge of three is left
        play = theatre(fragment)
        counts = [len(played(play, stages()["bottom_up"], animal_threshold=least).predict(play.images)[0])
                  for least in (0.2, 0.5)]
        assert counts == [2, 1]

    def test_lines_much_longer_than_any_label_are_doubted(self):
        far, totals = [(20, 30), (90, 30)], []
        for lengths in ((), (25.0,)):
            head = PartAffinityFieldsConfig(edges=((0, 1),), sigma=4.0, stride=2, lengths=lengths)
            stage = StageConfig(
                name="bottom_up", skeleton=Skeleton(("a", "b"), ((0, 1),)), channels=1, view=WholeFrame(multiple=16),
                backbone=UNetConfig(output_stride=2),
                heads={"nodes": ConfidenceMapsConfig(nodes=2, sigma=3, stride=2), "edges": head})
            points = torch.tensor([[far]], dtype=torch.float64)
            maps = {"nodes": confidence_maps.brightest(points, (48, 48), 3.0, 2).numpy(),
                    "edges": part_affinity_fields.encode(points, ((0, 1),), (48, 48), 4.0, 2).numpy()}
            [found] = BottomUp({"bottom_up": stage}, {}, PredictOptions()).group(maps, [Affine.identity()])
            totals.append(found.scores.sum())
        assert totals[0] == pytest.approx(1, abs=0.1)
        assert totals[1] == pytest.approx(totals[0] + 1.25 * 25 / 70 - 1, abs=0.01)


class TestPlan:
    @pytest.fixture
    def tree(self, skeleton):
        return replace(skeleton, edges=TREE)

    def test_one_stage_is_planned_with_nodes_and_edges(self, project, tree, two_beetles):
        [plan] = BottomUpConfig().plan(project(two_beetles, skeleton=tree), 1, (120, 160))
        assert plan.stage.name == "bottom_up"
        assert plan.stage.heads["nodes"].nodes == 4
        assert plan.stage.heads["edges"].edges == TREE

    def test_the_longest_that_edges_were_labelled_is_known_in_input_pixels(self, project, tree, two_beetles):
        config = BottomUpConfig.model_validate({"bottom_up": {"scale": 0.5}})
        [plan] = config.plan(project(two_beetles, skeleton=tree), 1, (120, 160))
        longest = [np.nanmax(np.linalg.norm(two_beetles[:, a] - two_beetles[:, b], axis=-1)) for a, b in TREE]
        assert plan.stage.heads["edges"].lengths == pytest.approx([0.5 * length for length in longest])

    def test_an_edge_that_nobody_labelled_has_no_length(self, project, tree, two_beetles):
        tailless = two_beetles.copy()
        tailless[:, 3] = np.nan
        [plan] = BottomUpConfig().plan(project(tailless, skeleton=tree), 1, (120, 160))
        assert plan.stage.heads["edges"].lengths[0] == 0

    def test_large_frames_are_learnt_through_windows_and_small_ones_whole(self, project, tree, two_beetles):
        labels = project(two_beetles, skeleton=tree)
        [large], [small] = (BottomUpConfig().plan(labels, 1, frame) for frame in ((1080, 1920), (50, 60)))
        assert large.window.size < 200 and large.window.scale == large.stage.view.scale
        assert large.window.size % large.stage.backbone.max_stride == 0
        assert small.window is None

    def test_a_skeleton_of_one_node_has_no_edges_to_learn(self, project, two_beetles):
        labels = project(two_beetles[:, :1], skeleton=Skeleton(("head",)))
        [plan] = BottomUpConfig().plan(labels, 1, (120, 160))
        assert set(plan.stage.heads) == {"nodes"}

    @pytest.mark.parametrize(("edges", "fault"), [
        (((0, 3),), "no edge connects left, right with head"),
        ((*TREE, (1, 2)), "the edge left – right closes a ring"),
    ])
    def test_a_skeleton_that_is_not_a_tree_is_refused_in_words_that_name_the_nodes(
        self, project, skeleton, two_beetles, edges, fault
    ):
        labels = project(two_beetles, skeleton=replace(skeleton, edges=edges))
        with pytest.raises(JobError, match=f"not a tree: {fault}"):
            BottomUpConfig().plan(labels, 1, (120, 160))

    def test_what_a_person_chooses_is_taken_and_the_rest_stays(self, project, tree, two_beetles):
        asked = {"sigma": 3.5, "edge_sigma": 6.5, "edge_weight": 2.0, "edge_stride": 8, "window": 70, "batch": 3}
        [plan] = BottomUpConfig.model_validate({"bottom_up": asked}).plan(
            project(two_beetles, skeleton=tree), 3, (300, 400))
        edges = plan.stage.heads["edges"]
        assert (plan.stage.heads["nodes"].sigma, edges.sigma, edges.weight, edges.stride) == (3.5, 6.5, 2.0, 8)
        assert plan.batch == 3 and plan.window.size >= 70
        assert plan.stage.backbone == BottomUpConfig().bottom_up.backbone

    def test_an_edge_of_which_nobody_labelled_both_ends_is_doubted(self, project, tree, two_beetles):
        tailless = two_beetles.copy()
        tailless[:, 3] = np.nan
        [text] = BottomUpConfig().doubts(project(tailless, skeleton=tree))
        assert "both ends of tail – head." in text
        assert BottomUpConfig().doubts(project(two_beetles, skeleton=tree)) == []

    @pytest.mark.parametrize("stride", [2, 12, 64])
    def test_fields_at_a_stride_that_the_network_does_not_give_are_refused(self, stride):
        with pytest.raises(ValidationError, match="has features at the strides 4, 8, 16, 32"):
            BottomUpConfig.model_validate({"bottom_up": {"edge_stride": stride}})

    def test_a_window_smaller_than_the_largest_stride_is_refused(self, project, tree, two_beetles):
        config = BottomUpConfig.model_validate({"bottom_up": {"window": 32, "backbone": {"max_stride": 64}}})
        with pytest.raises(JobError, match="window is 32 px, but the network's largest stride is 64 px"):
            config.plan(project(two_beetles, skeleton=tree), 1, (120, 160))

    def test_hard_nodes_are_mined_if_asked_for(self, project, tree, two_beetles):
        config = BottomUpConfig.model_validate({"bottom_up": {"hard_nodes": {}}})
        [plan] = config.plan(project(two_beetles, skeleton=tree), 1, (120, 160))
        assert plan.stage.heads["nodes"].hard_nodes.weight == 5
