"""Settings of EfficientNet-Lite0."""

import pytest
from pydantic import ValidationError

from gambol.errors import JobError
from gambol.nn.backbones import EfficientNetLite0Config


class TestEfficientNetLite0Config:
    def test_its_widths_are_those_published(self):
        assert EfficientNetLite0Config().encoder_channels == {2: 16, 4: 24, 8: 40, 16: 112, 32: 320}

    def test_widths_are_scaled_to_multiples_of_eight_and_never_by_a_tenth_too_little(self):
        config = EfficientNetLite0Config(width=0.5)
        assert [config.scaled(channels) for channels in (16, 24, 40, 112, 320)] == [8, 16, 24, 56, 160]

    def test_imagenets_weights_have_one_width_only(self):
        with pytest.raises(ValidationError, match="the weights of ImageNet are those of width 1"):
            EfficientNetLite0Config(weights="tunable", width=0.5)

    def test_imagenets_weights_are_missed_before_anything_is_built(self, monkeypatch):
        monkeypatch.setattr("gambol.nn.backbones.pretrained.find_spec", lambda package: None)
        EfficientNetLite0Config().require_weights()
        with pytest.raises(JobError, match=r"gambol\[pretrained\]"):
            EfficientNetLite0Config(weights="frozen").require_weights()
