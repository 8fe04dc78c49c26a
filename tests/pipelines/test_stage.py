"""Settings of stages: what is asked changes the defaults and leaves the rest of them."""

import pytest
from pydantic import ValidationError

from gambol.pipelines.single import SingleConfig
from gambol.pipelines.top_down import TopDownConfig


class TestPipelineConfig:
    def test_a_setting_of_a_stage_changes_that_setting_alone(self):
        default = TopDownConfig()
        changed = TopDownConfig.model_validate({"centroid": {"batch": 3, "backbone": {"filters": 5}}})
        backbone = default.centroid.backbone.model_copy(update={"filters": 5})
        assert changed.centroid == default.centroid.model_copy(update={"batch": 3, "backbone": backbone})
        assert changed.centered_instance == default.centered_instance

    def test_settings_that_were_written_out_in_full_are_read_as_they_are(self):
        config = SingleConfig.model_validate({"single": {"backbone": {"filters": 7}}})
        assert SingleConfig.model_validate(config.model_dump(mode="json")) == config

    def test_another_kind_of_backbone_does_not_inherit_this_ones_settings(self):
        with pytest.raises(ValidationError, match="unet"):
            SingleConfig.model_validate({"single": {"backbone": {"kind": "other"}}})

    def test_a_setting_that_does_not_exist_is_refused(self):
        with pytest.raises(ValidationError, match="filterz"):
            SingleConfig.model_validate({"single": {"backbone": {"filterz": 7}}})


class TestStageConfig:
    def test_a_stage_builds_the_network_that_it_describes(self, stages):
        model = stages(channels=3)["centered_instance"].build()
        assert set(model.heads) == {"nodes"}
        assert next(model.parameters()).shape[1] == 3
