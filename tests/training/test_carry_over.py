"""What one network has learnt, put into another: the same maps for the same nodes, exactly."""

import pytest
import torch

from gambol.data.crops import WholeFrame
from gambol.errors import JobError
from gambol.labels.skeleton import Skeleton
from gambol.nn.backbones import UNetConfig
from gambol.nn.heads import CentroidsConfig, ConfidenceMapsConfig, PartAffinityFieldsConfig
from gambol.nn.model import Model
from gambol.pipelines.stage import StageConfig
from gambol.training.carry_over import carry_over

OLD = Skeleton(("head", "wing", "tail"), edges=((0, 1), (0, 2)))
NEW = Skeleton(("tail", "antenna", "head", "wing"), edges=((3, 2), (2, 0), (2, 1)))
SMALL = {"filters": 4, "filters_rate": 1.0, "max_stride": 8, "output_stride": 4}


def stage(skeleton=OLD, channels=1, heads=None, **backbone) -> StageConfig:
    """A stage with confidence maps of its nodes and fields of its edges."""
    own = {"nodes": ConfidenceMapsConfig(nodes=len(skeleton)), "edges": PartAffinityFieldsConfig(edges=skeleton.edges)}
    return StageConfig(name="bottom_up", skeleton=skeleton, channels=channels, view=WholeFrame(scale=1, multiple=8),
                       backbone=UNetConfig(**SMALL | backbone), heads=own if heads is None else heads)


def weights(config: StageConfig, seed: int = 0) -> dict[str, torch.Tensor]:
    torch.manual_seed(seed)
    return config.build().state_dict()


def numbered(config: StageConfig) -> dict[str, torch.Tensor]:
    """Weights of heads by hand: map i has the weights 10 + i and the bias 20 + i."""
    known = weights(config)
    for name in config.heads:
        for what, base in (("weight", 10.0), ("bias", 20.0)):
            tensor = known[f"heads.{name}.maps.{what}"]
            for number in range(len(tensor)):
                tensor[number] = base + number
    return known


def biases(carried, head: str) -> list[float]:
    return carried.weights[f"heads.{head}.maps.bias"].tolist()


class TestHeads:
    def test_nodes_are_matched_by_name_whatever_their_order(self):
        carried = carry_over(stage(), numbered(stage()), stage(NEW), weights(stage(NEW), 1))
        assert biases(carried, "nodes") == [22.0, 0.0, 20.0, 21.0]
        taken = carried.weights["heads.nodes.maps.weight"]
        assert taken[[0, 2, 3], 0, 0, 0].tolist() == [12.0, 10.0, 11.0]

    def test_a_node_that_the_run_does_not_know_begins_as_an_untrained_one(self):
        fresh = weights(stage(NEW), 1)
        carried = carry_over(stage(), numbered(stage()), stage(NEW), fresh)
        assert torch.equal(carried.weights["heads.nodes.maps.weight"][1], fresh["heads.nodes.maps.weight"][1])
        assert "the nodes antenna begin untrained" in "; ".join(carried.notes)

    def test_a_node_that_is_not_needed_is_dropped_and_named(self):
        small = Skeleton(("head",))
        carried = carry_over(stage(), numbered(stage()), stage(small, heads={"nodes": ConfidenceMapsConfig(nodes=1)}),
                             weights(stage(small, heads={"nodes": ConfidenceMapsConfig(nodes=1)})))
        assert biases(carried, "nodes") == [20.0]
        assert "of the nodes wing, tail is not used" in "; ".join(carried.notes)
        assert "heads edges have no place" in "; ".join(carried.notes)

    def test_edges_are_matched_by_their_ends_and_turned_round_they_change_sign(self):
        carried = carry_over(stage(), numbered(stage()), stage(NEW), weights(stage(NEW), 1))
        assert biases(carried, "edges") == [-20.0, -21.0, 22.0, 23.0, 0.0, 0.0]
        assert carried.weights["heads.edges.maps.weight"][:4, 0, 0, 0].tolist() == [-10.0, -11.0, 12.0, 13.0]
        assert "the edges antenna–head begin untrained" in "; ".join(carried.notes)

    def test_a_reversed_edges_field_points_the_other_way(self):
        """Of the same image, the field of wing to head is that of head to wing, turned round."""
        learnt = weights(stage(), 3)
        carried = carry_over(stage(), learnt, stage(NEW), weights(stage(NEW), 1))
        image = torch.rand(1, 1, 16, 16)
        there, here = maps(stage(), learnt, image)["edges"], maps(stage(NEW), carried.weights, image)["edges"]
        torch.testing.assert_close(here[:, :2], -there[:, :2])
        torch.testing.assert_close(here[:, 2:4], there[:, 2:4])

    def test_the_animals_middle_needs_no_names(self):
        heads = {"centroids": CentroidsConfig()}
        carried = carry_over(stage(heads=heads), numbered(stage(heads=heads)), stage(NEW, heads=heads),
                             weights(stage(NEW, heads=heads)))
        assert biases(carried, "centroids") == [20.0]
        assert carried.notes == []

    def test_a_head_at_another_stride_begins_fresh(self):
        heads = {"nodes": ConfidenceMapsConfig(nodes=3, stride=8)}
        carried = carry_over(stage(), numbered(stage()), stage(heads=heads), weights(stage(heads=heads)), "heads")
        assert biases(carried, "nodes") == [0.0, 0.0, 0.0]
        assert "4 channels at stride 4 there, 4 channels at stride 8 here" in carried.notes[0]
        assert not carried.anything

    def test_the_same_stage_is_taken_over_whole(self):
        learnt = weights(stage(), 3)
        carried = carry_over(stage(), learnt, stage(), weights(stage(), 4))
        assert carried.notes == []
        assert all(torch.equal(tensor, learnt[name]) for name, tensor in carried.weights.items())


class TestParts:
    @pytest.mark.parametrize(("parts", "backbone", "heads"), [
        ("all", True, True), ("backbone", True, False), ("heads", False, True)])
    def test_only_what_is_asked_for_is_taken_over(self, parts, backbone, heads):
        learnt, fresh = weights(stage(), 3), weights(stage(), 4)
        carried = carry_over(stage(), learnt, stage(), fresh, parts)
        for name, tensor in carried.weights.items():
            taken = backbone if name.startswith("backbone.") else heads
            assert torch.equal(tensor, (learnt if taken else fresh)[name])

    def test_what_is_given_stays_as_it_is(self):
        learnt, fresh = numbered(stage()), weights(stage(NEW), 1)
        before = {name: tensor.clone() for name, tensor in fresh.items()}
        carry_over(stage(), learnt, stage(NEW), fresh)
        assert all(torch.equal(tensor, before[name]) for name, tensor in fresh.items())


class TestColours:
    @pytest.mark.parametrize("stem", [{}, {"stem_stride": 2, "stem": "patch"}, {"stem_stride": 2, "stem": "conv"}])
    @pytest.mark.parametrize(("old", "new"), [(1, 3), (3, 1)])
    def test_a_grey_image_gives_the_same_maps_in_either(self, stem, old, new):
        there, here = stage(channels=old, **stem), stage(channels=new, **stem)
        learnt = weights(there, 3)
        carried = carry_over(there, learnt, here, weights(here, 4))
        grey = torch.rand(2, 1, 16, 16)
        before = maps(there, learnt, grey.expand(-1, old, -1, -1))
        after = maps(here, carried.weights, grey.expand(-1, new, -1, -1))
        for name in before:
            torch.testing.assert_close(after[name], before[name])


class TestRefusals:
    @pytest.mark.parametrize(("other", "difference"), [
        ({"filters": 6}, "filters 6 there and 4 here"),
        ({"max_stride": 16}, "max_stride 16 there and 8 here"),
        ({"filters_rate": 2.0, "filters": 6}, "filters 6 there and 4 here, filters_rate 2.0 there and 1.0 here")])
    def test_a_backbone_of_other_sizes_is_refused_with_what_differs(self, other, difference):
        with pytest.raises(JobError, match=difference):
            carry_over(stage(**other), weights(stage(**other)), stage(), weights(stage()))

    def test_its_heads_alone_may_be_taken_over(self):
        other = stage(max_stride=16)
        carried = carry_over(other, numbered(other), stage(), weights(stage()), "heads")
        assert biases(carried, "nodes") == [20.0, 21.0, 22.0]

    def test_settings_that_change_no_layer_are_no_difference(self):
        heads = {"nodes": ConfidenceMapsConfig(nodes=3, sigma=7)}
        assert carry_over(stage(), weights(stage()), stage(heads=heads), weights(stage(heads=heads))).backbone


def maps(config: StageConfig, known, image: torch.Tensor):
    model: Model = config.build()
    model.load_state_dict(known)
    with torch.inference_mode():
        return model(image)
