"""What all backbones promise, each held to it at a size that a test can afford."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any, get_args

import numpy as np
import pytest
import torch
from pydantic import TypeAdapter, ValidationError
from torch.nn import functional

from gambol.nn.backbones import AnyBackbone, UNetConfig
from gambol.nn.codecs.confidence_maps import decode_best
from gambol.nn.heads import ConfidenceMapsConfig
from gambol.nn.model import Model

KINDS = [member.model_fields["kind"].default for member in get_args(get_args(AnyBackbone)[0])]
NODES = ConfidenceMapsConfig(nodes=2, sigma=4.0, stride=2)


def read(asked: Any) -> Any:
    """Settings as a job or a model has them."""
    return TypeAdapter(AnyBackbone).validate_python(asked)


@pytest.fixture(params=KINDS)
def small(request, small_backbones) -> Any:
    """Small settings of each kind."""
    return read(small_backbones[request.param])


class TestChoosing:
    @pytest.mark.parametrize("kind", KINDS)
    def test_a_word_stands_for_a_kind_with_its_defaults(self, kind):
        assert read(kind) == read({"kind": kind})
        assert read(kind).kind == kind

    def test_settings_without_a_kind_are_those_of_a_unet(self):
        assert read({"filters": 5}) == UNetConfig(filters=5)

    @pytest.mark.parametrize("asked", ["resnett", {"kind": "vgg"}, 3, None, ["unet"]])
    def test_what_is_none_is_refused(self, asked):
        with pytest.raises(ValidationError):
            read(asked)

    def test_they_come_back_from_a_models_settings_as_they_were(self, small):
        assert read(small.model_dump(mode="json")) == small


class TestFeatures:
    def test_it_says_beforehand_how_fine_and_how_wide_they_are(self, small):
        network = small.build(in_channels=3)
        levels = network(torch.rand(2, 3, 2 * small.max_stride, 5 * small.max_stride))
        assert {stride: tuple(features.shape) for stride, features in levels.items()} == {
            stride: (2, channels, 2 * small.max_stride // stride, 5 * small.max_stride // stride)
            for stride, channels in small.channels.items()
        }
        assert dict(network.channels) == dict(small.channels)
        assert network.max_stride == small.max_stride == small.strides[-1]
        assert small.output_stride == small.strides[0]

    @pytest.mark.parametrize("kind", KINDS)
    def test_with_its_defaults_it_builds_what_it_says(self, kind):
        with torch.device("meta"):
            levels = read(kind).build(in_channels=1)(torch.zeros(1, 1, 128, 128))
        assert {stride: levels[stride].shape[1] for stride in levels} == dict(read(kind).channels)

    def test_the_layout_in_memory_changes_nothing(self, small):
        model = Model(small, {"nodes": NODES}, in_channels=1).eval()
        images = torch.rand(2, 1, 32, 32)
        expected = model(images)["nodes"]
        model = model.to(memory_format=torch.channels_last)
        maps = model(images.to(memory_format=torch.channels_last))["nodes"]
        torch.testing.assert_close(maps, expected, rtol=1e-3, atol=1e-5)

    def test_nothing_strays_to_the_cpu(self, small):
        model = Model(small, {"nodes": NODES}, in_channels=1).to("meta")
        images = torch.zeros(2, 1, 64, 64, dtype=torch.uint8, device="meta")
        loss = model.loss(model(images), torch.zeros(2, 1, 2, 2, device="meta"))
        loss.backward()
        assert loss.device.type == "meta"

    def test_one_image_is_not_seen_differently_for_the_sake_of_another(self, small):
        model = Model(small, {"nodes": NODES}, in_channels=1).eval()
        images = torch.rand(2, 1, 32, 32)
        torch.testing.assert_close(model(images)["nodes"][:1], model(images[:1])["nodes"], rtol=1e-3, atol=1e-5)


class TestStart:
    def test_the_same_seed_gives_the_same_weights(self, small):
        states = []
        for _ in range(2):
            torch.manual_seed(3)
            states.append(Model(small, {"nodes": NODES}, in_channels=1).state_dict())
        assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])

    def test_features_and_gradients_are_of_a_size_that_can_be_learnt_from(self, small):
        model = Model(small, {"nodes": NODES}, in_channels=1)
        features = model.backbone(torch.rand(4, 1, 64, 64))[2]
        features.square().mean().backward()
        assert 0.05 < features.std() < 20
        norms = [weight.grad.norm() for weight in model.backbone.parameters() if weight.grad is not None]
        assert all(torch.isfinite(norm) for norm in norms) and max(norms) < 1e3

    def test_it_learns_a_single_image_by_heart_in_a_few_steps(self, small, bump: Callable[..., np.ndarray]):
        """A bright and a dark dot on grey; after a few steps both are found to within a pixel."""
        points = torch.tensor([[[[20.3, 40.8], [45.6, 17.2]]]])  # (1, 1 animal, 2 nodes, 2)
        light, dark = (bump(tuple(point), (64, 64), (3, 3)) for point in points[0, 0].tolist())
        images = torch.from_numpy(0.5 + 0.4 * light - 0.4 * dark).float()[None, None]
        images = images.to(memory_format=torch.channels_last)
        torch.manual_seed(0)
        model = Model(small, {"nodes": NODES}, in_channels=1).to(memory_format=torch.channels_last)
        optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
        for _ in range(200):
            loss = model.loss(model(images), points)
            if loss < 0.01:
                break
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        with torch.no_grad():
            maps = model.eval()(images)["nodes"]
        found, _ = decode_best(maps, NODES.sigma, NODES.stride, threshold=0.2)
        assert np.linalg.norm(found[0] - points[0, 0].numpy(), axis=-1).max() < 1


OTHERS = [
    {"kind": "unet", "filters": 2, "max_stride": 8, "output_stride": 1, "up_interpolate": False},
    {"kind": "unet", "filters": 2, "max_stride": 16, "output_stride": 2, "stem_stride": 4, "convs_per_block": 1},
    {"kind": "unet", "filters": 2, "max_stride": 8, "output_stride": 4, "stem_stride": 2, "stem": "patch"},
    {"kind": "unet", "filters": 2, "max_stride": 8, "middle_block": False, "convs_per_block": 3},
    {"kind": "unet", "filters": 2, "max_stride": 4, "output_stride": 4},
    {"kind": "leap", "filters": 2, "up_interpolate": True},
    {"kind": "leap", "filters": 2, "max_stride": 2, "output_stride": 2},
    {"kind": "resnet", "filters": 2, "max_stride": 4, "output_stride": 4},
    {"kind": "resnet", "filters": 1, "max_stride": 8, "output_stride": 1, "decoder": {"up": "transposed"}},
    {"kind": "resnet", "filters": 1, "max_stride": 16, "decoder": {"skip": "concat", "filters": 2}},
    {"kind": "resnet", "filters": 1, "max_stride": 8, "decoder": {"skip": "none", "filters": 2, "refine": 3}},
    {"kind": "convnext", "filters": 2, "max_stride": 8, "output_stride": 4},
    {"kind": "convnext", "filters": 2, "max_stride": 4, "output_stride": 1},
    {"kind": "efficientnet_lite0", "width": 0.1, "max_stride": 32, "output_stride": 8},
    {"kind": "efficientnet_lite0", "width": 0.1, "max_stride": 4, "decoder": {"up": "transposed", "skip": "concat"}},
    {"kind": "hourglass", "filters": 2, "filter_increase": 1, "stem_filters": 2, "max_stride": 16, "stacks": 3},
    {"kind": "hourglass", "filters": 2, "filter_increase": 0, "stem_filters": 2, "max_stride": 16, "output_stride": 8},
]


class TestReceptiveField:
    """Held to the gradient of a network made linear, with positive weights: so nothing that is seen cancels out."""

    def test_it_is_as_far_as_a_cells_gradient_reaches(self, small, positive):
        assert small.receptive_field == reach(small, positive)

    @pytest.mark.parametrize("settings", OTHERS, ids=lambda settings: settings["kind"])
    def test_whatever_the_settings(self, settings, positive):
        assert read(settings).receptive_field == reach(read(settings), positive)

    def test_it_is_known_without_torch(self):
        code = ("import sys; from typing import get_args; from gambol.nn.backbones import AnyBackbone\n"
                "for kind in get_args(get_args(AnyBackbone)[0]):\n"
                "    one = kind(); one.receptive_field, one.values_per_pixel, one.channels, one.require_weights()\n"
                "assert 'torch' not in sys.modules")
        subprocess.run([sys.executable, "-c", code], check=True)

    def test_it_grows_with_depth(self):
        fields = [UNetConfig(max_stride=stride).receptive_field for stride in (8, 16, 32, 64)]
        assert fields == sorted(set(fields))


@pytest.fixture
def positive(monkeypatch) -> Callable[[torch.nn.Module], torch.nn.Module]:
    """Make a network linear and its weights positive: largest values become means, bends and normalisation go."""
    def mean_pool(features, kernel, stride=None, padding=0, *_, **__):
        return functional.avg_pool2d(features, kernel, stride, padding)

    monkeypatch.setattr("torch.nn.functional.max_pool2d", mean_pool)
    monkeypatch.setattr("torch.nn.functional.relu", lambda features, inplace=False: features)
    monkeypatch.setattr("torch.nn.functional.gelu", lambda features: features)

    def change(network: torch.nn.Module) -> torch.nn.Module:
        for module in list(network.modules()):
            for name, child in list(module.named_children()):
                if type(child).__name__ in ("ReLU", "ReLU6", "BatchNorm", "ChannelNorm"):
                    setattr(module, name, torch.nn.Identity())
        for weight in network.parameters():
            torch.nn.init.ones_(weight)
        return network

    return change


def reach(config: Any, positive: Callable[[torch.nn.Module], torch.nn.Module]) -> int:
    """Width of what the cells of the finest map see, of the one that sees most."""
    with torch.no_grad():
        network = positive(config.build(in_channels=1)).double()
    cells = config.strides[-1] // config.strides[0]
    half = (config.receptive_field // config.max_stride + 2) * config.max_stride
    image = torch.zeros(1, 1, config.max_stride, 2 * half, dtype=torch.float64, requires_grad=True)
    row = network(image)[config.strides[0]][0, 0, 0]
    middle, widest = half // config.strides[0], 0
    for cell in range(middle, middle + cells):
        gradient = torch.autograd.grad(row[cell], image, retain_graph=True)[0][0, 0].amax(0)
        seen = gradient.nonzero()[:, 0]
        assert seen[0] > 0 and seen[-1] < 2 * half - 1  # the image is larger than what is seen
        widest = max(widest, int(seen[-1] - seen[0]) + 1)
    return widest
