"""Weights such as are published for EfficientNet-Lite0, made up."""

from pathlib import Path

import pytest
import torch

from gambol.nn.backbones import EfficientNetLite0Config
from gambol.nn.backbones.efficientnet_lite0.config import FILE, PACKAGE
from gambol.nn.backbones.normalisation import BatchNorm


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, torch.Tensor]:
    """An installed package with made-up weights; they are as they would be published, by their published names."""
    network = EfficientNetLite0Config().build(in_channels=3)
    torch.manual_seed(2)
    for module in network.encoder.modules():
        if isinstance(module, BatchNorm):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
    state, content = network.state_dict(), {}
    for ours, theirs in network.published_names().items():
        for name in [name for name in state if name.startswith(f"{ours}.")]:
            content[theirs + name.removeprefix(ours)] = state[name].clone()
    file = tmp_path / "site" / PACKAGE / FILE.replace("*", "0000")
    file.parent.mkdir(parents=True)
    (tmp_path / "site" / PACKAGE / "__init__.py").write_text("")
    torch.save(content, file)
    monkeypatch.syspath_prepend(tmp_path / "site")
    return content
