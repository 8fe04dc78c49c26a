"""Pictures of how a stage learns."""

import cv2
import pytest

from gambol.errors import OutputError
from gambol.inference.predictor import load_predictor
from gambol.runs.layout import RunFolder
from gambol.training import previews
from gambol.training.previews import Previews
from gambol.training.resume import reopen, take_up
from gambol.training.run import run


@pytest.fixture
def pictures(trained, tmp_path, monkeypatch):
    """Those of a stage of the geckos' run, as a later process would make them; and the stage's network."""
    monkeypatch.setattr(RunFolder, "complete", False)
    prepared = take_up(RunFolder(trained.run), "cpu")
    list(reopen(prepared))
    prepared.folder = RunFolder(tmp_path)
    pipeline = load_predictor([trained.run], device="cpu").pipeline

    def make(stage: str):
        return Previews(pipeline.stages[stage], pipeline.stages, prepared), pipeline.networks[stage]

    return make


class TestPictures:
    @pytest.mark.parametrize("stage", ["centroid", "centered_instance"])
    def test_a_frame_of_each_part_is_shown_with_its_maps(self, pictures, stage, tmp_path):
        maker, network = pictures(stage)
        assert maker.write(network, 4) is None
        picture = cv2.imread(str(tmp_path / stage / "previews" / "0005.png"))
        assert picture.shape[0] > 2 * 300 and picture.shape[1] > 2 * 300

    def test_a_network_that_finds_nothing_is_shown_as_well(self, pictures):
        maker, network = pictures("centroid")
        picture = maker.draw(lambda inputs: {name: 0 * maps for name, maps in network(inputs).items()}, 0)
        assert picture.ndim == 3

    def test_the_latest_ones_are_kept(self, pictures, tmp_path, monkeypatch):
        monkeypatch.setattr(previews, "KEPT", 2)
        maker, network = pictures("centroid")
        for epoch in (0, 5, 10):
            maker.write(network, epoch)
        assert sorted(path.name for path in (tmp_path / "centroid" / "previews").iterdir()) == ["0006.png", "0011.png"]

    @pytest.mark.parametrize("error", [OutputError("The disk is full: x is not written. No."), ValueError("size")])
    def test_what_goes_wrong_is_told_once_and_ends_nothing(self, pictures, monkeypatch, error):
        maker, network = pictures("centroid")

        def failing(*_):
            raise error

        monkeypatch.setattr(previews, "write_image", failing)
        text = maker.write(network, 0)
        assert str(error).split(". ")[0] in text and "the training goes on" in text
        assert maker.write(network, 5) is None


class TestInTraining:
    def test_every_few_epochs_and_at_the_end(self, job, tmp_path, short_epochs):
        list(run(job(epochs=4, previews=2)))
        made = sorted(path.name for path in (tmp_path / "run" / "single" / "previews").iterdir())
        assert made == ["0001.png", "0003.png", "0004.png"]

    def test_none_if_none_are_wanted(self, job, tmp_path, short_epochs):
        list(run(job(epochs=2, previews=0)))
        assert not (tmp_path / "run" / "single" / "previews").exists()
