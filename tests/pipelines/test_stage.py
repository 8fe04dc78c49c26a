"""Settings of stages: what is asked changes the defaults and leaves the rest of them."""

import pytest
from pydantic import ValidationError

from gambol.nn.backbones import ResNetConfig
from gambol.pipelines.bottom_up import BottomUpConfig
from gambol.pipelines.single import SingleConfig
from gambol.pipelines.stage import StageConfig
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
        asked = {"kind": "resnet", "version": 101}
        changed = TopDownConfig.model_validate({"centroid": {"backbone": asked, "batch": 3}})
        assert changed.centroid.backbone == ResNetConfig(version=101)
        assert (changed.centroid.batch, changed.centroid.effort) == (3, TopDownConfig().centroid.effort)

    def test_a_kinds_name_alone_is_enough(self):
        changed = TopDownConfig.model_validate({"centroid": {"backbone": "resnet"}})
        assert changed.centroid.backbone == ResNetConfig()
        assert changed.centered_instance == TopDownConfig().centered_instance

    def test_the_name_of_the_kind_that_a_stage_has_leaves_its_settings(self):
        assert TopDownConfig.model_validate({"centroid": {"backbone": "unet"}}) == TopDownConfig()

    def test_edges_at_a_stride_that_the_backbone_has_not_are_refused(self):
        with pytest.raises(ValidationError, match="strides 4, 8, 16, 32, none at 2"):
            BottomUpConfig.model_validate({"bottom_up": {"edge_stride": 2}})

    def test_it_tells_what_was_chosen_for_each_stage(self):
        config = TopDownConfig()
        assert config.options == {"centroid": config.centroid, "centered_instance": config.centered_instance}

    def test_a_setting_that_does_not_exist_is_refused(self):
        with pytest.raises(ValidationError, match="filterz"):
            SingleConfig.model_validate({"single": {"backbone": {"filterz": 7}}})


class TestStageConfig:
    def test_a_head_at_a_stride_that_the_backbone_has_not_is_refused(self, stages):
        settings = stages()["single"].model_dump(mode="json")
        settings["heads"]["nodes"]["stride"] = 32
        with pytest.raises(ValidationError, match="strides 2, 4, 8, 16, none at 32"):
            StageConfig.model_validate(settings)

    @pytest.mark.parametrize("name", ["", "..", "../single", "/tmp/single", "a/b", "a\\b", "single.", "a b"])
    def test_names_that_could_lead_out_of_a_folder_are_refused(self, stages, name):
        settings = stages()["single"].model_dump(mode="json")
        heads = {name: settings["heads"]["nodes"]}
        for changed in (settings | {"name": name}, settings | {"heads": heads}):
            with pytest.raises(ValidationError, match="could lead out of the model's folder"):
                StageConfig.model_validate(changed)

    def test_where_weights_will_be_loaded_none_are_started(self, stages, monkeypatch):
        monkeypatch.setattr("gambol.nn.backbones.base.Backbone.start", lambda backbone: pytest.fail("it was started"))
        stages()["single"].build(fresh=False)

    def test_a_stage_builds_the_network_that_it_describes(self, stages):
        model = stages(channels=3)["centered_instance"].build()
        assert set(model.heads) == {"nodes"}
        assert next(model.parameters()).shape[1] == 3
