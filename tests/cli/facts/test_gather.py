"""All facts about a path."""

import json

import pytest

from gambol.cli.facts.gather import everything
from gambol.inference.parts import folder_of
from gambol.nn.backbones.unet.config import UNetConfig


@pytest.fixture
def begun(tmp_path):
    """A prediction of which sixteen frames of thirty are done."""
    out = tmp_path / "found.slp"
    folder = folder_of(out)
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps({"frames": {"0": [30, "hash"]}, "asked": "all"}))
    (folder / "0.000000000-000000016.npz").touch()
    return out


class TestEverything:
    def test_predictions_that_are_not_there_yet_are_known_by_their_parts(self, begun):
        facts = everything(begun)
        assert facts == everything(folder_of(begun))
        assert (facts["kind"], facts["path"]) == ("unfinished", begun.as_posix())
        assert (facts["unfinished"]["frames"], facts["unfinished"]["total"]) == (16, 30)

    def test_parts_beside_a_file_are_told_as_well(self, begun, trained):
        begun.write_bytes((trained.run / "predictions.val.slp").read_bytes())
        facts = everything(begun)
        assert facts["kind"] == "predictions" and facts["unfinished"]["asked"] == "all"

    def test_a_file_without_parts_has_none(self, geckos):
        assert everything(geckos.truth)["unfinished"] is None

    def test_stages_tell_how_far_they_see_if_their_backbone_says(self, trained, monkeypatch):
        monkeypatch.setattr(UNetConfig, "receptive_field", 76, raising=False)
        assert [stage["receptive_field"] for stage in everything(trained.run)["stages"]] == [76, 76]

    def test_stages_whose_settings_are_unknown_tell_nothing(self, finished):
        (finished / "centroid" / "model.yaml").write_text("backbone: {kind: unheard_of}")
        assert everything(finished)["stages"][0]["receptive_field"] is None
