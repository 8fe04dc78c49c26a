"""What a network costs, beside what it takes."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from pydantic import TypeAdapter

from gambol.nn.backbones import AnyBackbone, EfficientNetLite0Config, UNetConfig
from gambol.nn.cost import Cost, cost_of
from gambol.nn.heads import ConfidenceMapsConfig, PartAffinityFieldsConfig

KINDS = [member.model_fields["kind"].default for member in get_args(get_args(AnyBackbone)[0])]
NODES = {"nodes": ConfidenceMapsConfig(nodes=24, stride=4)}
PAGE = Path(__file__).resolve().parents[2] / "docs" / "models.md"

MEASURE = """
import json, resource, sys, torch
from gambol.nn.backbones import AnyBackbone
from gambol.nn.heads import ConfidenceMapsConfig
from gambol.nn.model import Model
from pydantic import TypeAdapter
def peak():
    return int(next(l for l in open("/proc/self/status") if l.startswith("VmHWM")).split()[1]) * 1024
settings, side, batch, learning = json.loads(sys.argv[1])
torch.set_num_threads(1)
backbone = TypeAdapter(AnyBackbone).validate_python(settings)
def once(side, batch):
    model = Model(backbone, {"nodes": ConfidenceMapsConfig(nodes=24, stride=4)}, 1)
    images = torch.rand(batch, 1, side, side)
    if learning:
        optimizer = torch.optim.AdamW(model.parameters())
        average = [weight.detach().clone() for weight in model.parameters()]
        for _ in range(2):
            optimizer.zero_grad()
            model.loss(model(images), torch.rand(batch, 1, 24, 2)).backward()
            optimizer.step()
    else:
        with torch.no_grad():
            model.eval()(images)
once(backbone.max_stride, 2)  # what the libraries take by themselves
before = peak()
once(side, batch)
print(peak() - before)
"""


class TestComputation:
    def test_it_is_what_was_counted_for_sleaps_network_of_the_same_settings(self):
        """14.03 GFLOP for bottom-up at medium receptive field, 24 nodes and 23 edges, 384 x 384 in grey."""
        edges = PartAffinityFieldsConfig(edges=tuple((node, node + 1) for node in range(23)), stride=8)
        backbone = UNetConfig(filters=16, filters_rate=2, max_stride=32, output_stride=4)
        cost = cost_of(backbone, {**NODES, "edges": edges}, channels=1, size=(384, 384), batch=4)
        assert round(cost.gflop, 2) == 14.03
        assert cost.parameters == 7_823_414

    def test_it_is_counted_by_hand_for_a_network_of_three_convolutions(self):
        """Two of 3 x 3, from 1 to 2 and from 2 to 2 channels, at 8 x 8; the head of 1 x 1 at 4 x 4."""
        backbone = UNetConfig(filters=2, max_stride=2, output_stride=2, middle_block=False)
        cost = cost_of(backbone, {"nodes": ConfidenceMapsConfig(nodes=3, stride=2)}, 1, (8, 8), batch=1)
        assert cost.gflop * 1e9 == 2 * (64 * 9 * (1 * 2 + 2 * 2) + 16 * 2 * 3)
        assert cost.parameters == (9 * 2 + 2) + (9 * 4 + 2) + (2 * 3 + 3)

    def test_it_grows_with_the_area_and_not_with_the_batch(self):
        small, wide, many = (cost_of(UNetConfig(), NODES, 1, size, batch)
                             for size, batch in (((64, 64), 1), ((64, 128), 1), ((64, 64), 8)))
        assert wide.gflop == pytest.approx(2 * small.gflop)
        assert many.gflop == small.gflop


class TestMemory:
    @pytest.mark.parametrize("learning", [False, True], ids=["inference", "training"])
    @pytest.mark.parametrize("settings", [
        {"kind": "unet"}, {"kind": "resnet", "filters": 32, "max_stride": 16}], ids=lambda settings: settings["kind"])
    def test_it_is_about_what_a_process_takes(self, settings, learning):
        """No more than a fifth less, nor three fifths more: the libraries lay some features out anew."""
        if not sys.platform.startswith("linux"):
            pytest.skip("only Linux says how much a process took at most")
        side, batch = 192, 6
        asked = json.dumps([settings, side, batch, learning])
        taken = int(subprocess.run([sys.executable, "-c", MEASURE, asked], check=True, capture_output=True).stdout)
        cost = cost_of(TypeAdapter(AnyBackbone).validate_python(settings), NODES, 1, (side, side), batch)
        told = cost.training_bytes if learning else cost.inference_bytes
        assert told / 1.25 < taken < told * 1.6

    @pytest.mark.parametrize("kind", KINDS)
    def test_values_per_pixel_are_those_of_inference_to_within_a_factor_of_two(self, kind):
        """The engines' own estimate, which needs no torch, and counts what lies between a convolution and its bend."""
        backbone = TypeAdapter(AnyBackbone).validate_python(kind)
        heads = {"nodes": ConfidenceMapsConfig(nodes=1, stride=backbone.output_stride)}
        cost = cost_of(backbone, heads, 1, (256, 256), 1)
        values = (cost.inference_bytes / 4 - cost.parameters) / 256**2
        assert values / 2 < backbone.values_per_pixel < values * 1.2

    def test_what_is_frozen_needs_no_gradients(self):
        tunable, frozen = (cost_of(EfficientNetLite0Config(weights=how), NODES, 1, (128, 128), 4)
                           for how in ("tunable", "frozen"))
        assert frozen.training_bytes < 0.7 * tunable.training_bytes
        assert frozen.inference_bytes == tunable.inference_bytes


class TestRefusals:
    def test_sizes_that_the_backbone_cannot_halve(self):
        with pytest.raises(ValueError, match="not a multiple of 16"):
            cost_of(UNetConfig(), NODES, 1, (100, 96), 1)

    def test_heads_at_strides_that_are_not_there(self):
        with pytest.raises(ValueError, match="none at 2"):
            cost_of(UNetConfig(), {"nodes": ConfidenceMapsConfig(nodes=1, stride=2)}, 1, (64, 64), 1)


class TestThePageOfModels:
    @pytest.mark.parametrize("kind", KINDS)
    def test_gives_the_figures_of_the_defaults(self, kind):
        """Receptive field, millions of parameters and GFLOP for an image of 384 x 384 in grey, one node."""
        backbone = TypeAdapter(AnyBackbone).validate_python(kind)
        row = next(line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith(f"| `{kind}` |"))
        field, millions, gflop = re.findall(r"\d+(?:\.\d+)?", row.split("|", 4)[4])
        cost: Cost = cost_of(
            backbone, {"nodes": ConfidenceMapsConfig(nodes=1, stride=backbone.output_stride)}, 1, (384, 384), 1)
        assert (int(field), float(millions), float(gflop)) == (
            backbone.receptive_field, round(cost.parameters / 1e6, 1), round(cost.gflop, 1))
