"""What the labels recommend, and why."""

from dataclasses import replace

import numpy as np
import pytest

from gambol.errors import JobError
from gambol.geometry.affine import Affine
from gambol.labels.columns import USER, Columns
from gambol.labels.convert import from_poses
from gambol.labels.skeleton import Skeleton
from gambol.poses import Poses
from gambol.training.job import make_job
from gambol.training.recommend import anchor_for, crowding, kind_for, recommend
from gambol.training.scene import Scene
from gambol.video.source import VideoSource

TREE = Skeleton(("head", "left", "right", "tail"), edges=((3, 0), (0, 1), (0, 2)), symmetries=((1, 2),))
BEETLE = np.array([[0.0, -0.5], [-0.25, 0.1], [0.25, 0.1], [0.0, 0.5]])  # head, left, right, tail; 1 long


def beetles(*middles: tuple[float, float], length: float = 50.0) -> np.ndarray:
    """Beetles at these places, each turned another way: (animal, node, 2)."""
    turns = [Affine.rotation(73.0 * number, centre=(0, 0)) for number in range(len(middles))]
    return np.array([turn(BEETLE * length) + np.array(at) for turn, at in zip(turns, middles, strict=True)])


def scene(*frames: np.ndarray, skeleton: Skeleton = TREE, **changes: object) -> Scene:
    """Frames of 400 x 500 px with these animals, seen by a processor."""
    entries = ((0, number, Poses.of(animals)) for number, animals in enumerate(frames))
    labels = from_poses(skeleton, [VideoSource("beetles.mp4")], entries, USER)
    return replace(Scene(labels, len(frames), (400, 500), 1, "cpu"), **changes)


LONE = [beetles((200, 150)), beetles((240, 160))]
PAIR = [beetles((100, 100), (300, 200)), beetles((120, 110), (280, 220))]
HEAP = [beetles((100, 100), (110, 104), (115, 98))] * 3  # on top of each other
SWARM = [beetles(*((60.0 * x, 80.0 * y) for x in range(1, 5) for y in range(1, 4)))] * 2  # twelve, well apart


def reason(found, setting: str) -> str:
    """Why a setting is recommended."""
    [because] = [one.because for one in found.reasons if one.setting == setting]
    return because


class TestKind:
    @pytest.mark.parametrize(("frames", "kind", "numbers"), [
        (LONE, "single", ["2 labelled frames"]), (PAIR, "top-down", ["2 of 2", "up to 2", "0 %"]),
        (HEAP, "bottom-up", ["3 of 3", "100 %"]), (SWARM, "bottom-up", ["up to 12"])],
        ids=["lone", "pair", "heap", "swarm"])
    def test_it_follows_from_how_many_animals_there_are_and_how_close(self, frames, kind, numbers):
        found, because = kind_for(scene(*frames))
        assert found == kind
        assert all(number in because for number in numbers)

    @pytest.mark.parametrize("frames", [HEAP, SWARM])
    def test_without_a_tree_of_edges_it_is_not_bottom_up(self, frames):
        found, because = kind_for(scene(*frames, skeleton=replace(TREE, edges=TREE.edges[1:])))
        assert found == "top-down"
        assert "tail" in because  # the node that no edge connects

    def test_a_lone_animal_that_is_tiny_in_its_frame_is_found_first(self):
        found, because = kind_for(scene(*LONE, frame=(3000, 4000)))
        assert found == "top-down"
        assert "6 px long" in because  # 50 px in a frame of 4000 px that is seen in 512

    def test_frames_without_animals_are_no_obstacle(self):
        assert kind_for(scene(*LONE, np.empty((0, 4, 2))))[0] == "single"


class TestCrowding:
    def test_it_is_the_share_that_lies_within_half_a_length_of_another(self):
        two_close_one_apart = beetles((100, 100), (120, 100), (300, 300))
        assert crowding(scene(two_close_one_apart).labels, 50) == pytest.approx(2 / 3)

    def test_lone_animals_crowd_nobody(self):
        assert crowding(scene(*LONE).labels, 50) == 0


class TestAnchor:
    @pytest.fixture
    def with_thorax(self) -> Columns:
        """Beetles with a fifth node halfway between head and tail."""
        skeleton = Skeleton((*TREE.nodes, "thorax"), edges=TREE.edges)
        frames = [np.concatenate([animals, animals[:, [0, 3]].mean(1, keepdims=True)], 1) for animals in PAIR * 20]
        return scene(*frames, skeleton=skeleton).labels

    def test_it_is_a_node_near_the_middle(self, with_thorax):
        anchor, because = anchor_for(with_thorax)
        assert anchor == "thorax"
        assert "100 %" in because

    def test_one_that_is_often_hidden_is_none(self, with_thorax):
        hidden = with_thorax.visible.copy()
        hidden[::10, 4] = False
        assert anchor_for(replace(with_thorax, visible=hidden))[0] is None

    def test_one_far_from_the_middle_is_none(self):
        anchor, because = anchor_for(scene(*PAIR).labels)
        assert anchor is None
        assert "larger" in because

    def test_where_every_node_is_often_hidden_there_is_none(self, with_thorax):
        rng = np.random.default_rng(0)
        anchor, because = anchor_for(replace(with_thorax, visible=rng.random(with_thorax.visible.shape) < 0.7))
        assert anchor is None
        assert "no node" in because


class TestSize:
    @pytest.mark.parametrize(("length", "stride"), [(20, 8), (60, 16), (104, 16), (150, 32)])
    def test_the_network_sees_enough_around_an_animal_and_not_much_more(self, length, stride):
        frames = [beetles((200, 200), (600, 600), length=length)] * 3
        found = recommend(scene(*frames, frame=(1000, 1000)))
        assert found.settings["pipeline"]["centered_instance"]["backbone"]["max_stride"] == stride
        assert f"{length} px long" in reason(found, "pipeline.centered_instance.backbone.max_stride")

    def test_it_counts_in_the_pixels_that_the_network_sees(self):
        frames = [beetles((200, 200), (600, 600), length=150)] * 3
        found = recommend(scene(*frames, frame=(1000, 1000)), {"pipeline": {"centered_instance": {"scale": 0.1}}})
        assert found.settings["pipeline"]["centered_instance"]["backbone"]["max_stride"] == 8


class TestBatch:
    def test_a_graphics_card_takes_more_at_a_time(self):
        few, more = (recommend(scene(*PAIR * 20, device=device)).settings["pipeline"] for device in ("cpu", "cuda"))
        for stage in ("centroid", "centered_instance"):
            assert more[stage]["batch"] == 2 * few[stage]["batch"]

    def test_it_is_never_more_than_there_are_labels(self):
        found = recommend(scene(*PAIR))
        batches = {stage: found.settings["pipeline"][stage]["batch"] for stage in ("centroid", "centered_instance")}
        assert batches == {"centroid": 2, "centered_instance": 4}
        assert "2 frames" in reason(found, "pipeline.centroid.batch")


class TestRecommend:
    @pytest.mark.parametrize("frames", [LONE, PAIR, HEAP, SWARM], ids=["lone", "pair", "heap", "swarm"])
    def test_it_makes_a_job_and_is_the_same_every_time(self, frames):
        found = recommend(scene(*frames))
        assert found == recommend(scene(*frames))
        plans = make_job({"labels": "a.slp"} | found.settings).pipeline.plan(scene(*frames).labels, 1, (400, 500))
        assert plans

    def test_every_choice_has_its_reason(self):
        found = recommend(scene(*PAIR))
        assert [one.setting for one in found.reasons] == [
            "pipeline.kind", "pipeline.anchor", "pipeline.centered_instance.backbone.max_stride",
            "pipeline.centroid.batch", "pipeline.centered_instance.batch"]
        assert all(one.because for one in found.reasons)

    def test_a_pipeline_that_is_asked_for_is_recommended_for(self):
        found = recommend(scene(*PAIR), {"pipeline": {"kind": "bottom-up"}})
        assert found.settings["pipeline"]["kind"] == "bottom-up"
        assert reason(found, "pipeline.kind") == "as you asked"

    @pytest.mark.parametrize("pipeline", [{"kind": "octopus"}, "single", {"centered_instance": {"bacth": 3}}])
    def test_what_does_not_exist_is_refused(self, pipeline):
        with pytest.raises(JobError, match="cannot be used"):
            recommend(scene(*PAIR), {"pipeline": pipeline})
