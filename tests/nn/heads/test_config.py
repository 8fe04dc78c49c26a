"""Settings of the heads: the union tells them apart, and needs no torch to do so."""

import subprocess
import sys

import pytest
from pydantic import TypeAdapter, ValidationError

from gambol.nn.heads import AnyHead, CentroidsConfig, ConfidenceMapsConfig, HardNodesConfig

heads = TypeAdapter(AnyHead)


class TestAnyHead:
    @pytest.mark.parametrize("config", [
        ConfidenceMapsConfig(nodes=3), CentroidsConfig(anchor=1, fallback="mean"),
        ConfidenceMapsConfig(nodes=3, hard_nodes=HardNodesConfig(most=4))])
    def test_written_and_read_again_it_is_the_same(self, config):
        assert heads.validate_python(config.model_dump()) == config

    @pytest.mark.parametrize("wrong", [
        {"kind": "unheard_of"}, {"kind": "confidence_maps"}, {"kind": "centroids", "nodes": 3},
        {"kind": "centroids", "sigma": 0}, {"kind": "centroids", "stride": 0},
        {"kind": "confidence_maps", "nodes": 3, "hard_nodes": {"least": 3, "most": 2}},
        {"kind": "centroids", "hard_nodes": {}},
    ])
    def test_what_makes_no_head_is_refused(self, wrong):
        with pytest.raises(ValidationError):
            heads.validate_python(wrong)

    def test_settings_are_read_without_torch(self):
        code = "import sys; from gambol.nn.heads import AnyHead; assert 'torch' not in sys.modules"
        subprocess.run([sys.executable, "-c", code], check=True)
