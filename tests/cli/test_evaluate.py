"""`gambol evaluate`: tables for people, JSON for programs, a picture."""

import json

import pytest

from gambol.evaluation.report import evaluate
from gambol.formats import load


@pytest.fixture
def files(trained):
    """Truth and predictions of the tiny model's training frames."""
    return trained.run / "labels.train.slp", trained.run / "predictions.train.slp"


class TestEvaluate:
    def test_tables_show_all_nodes(self, command, files, geckos):
        outcome = command("evaluate", *files)
        assert outcome.code == 0, outcome.err
        assert all(node in outcome.out for node in geckos.world.skeleton.nodes)

    def test_json_holds_the_figures(self, command, files, tmp_path):
        assert command("evaluate", *files, "--json", tmp_path / "figures.json").code == 0
        expected = evaluate(*map(load, files)).as_json()
        assert json.loads((tmp_path / "figures.json").read_text()) == json.loads(json.dumps(expected))

    def test_a_picture_is_drawn_if_it_is_asked_for(self, command, files, tmp_path):
        assert command("evaluate", *files, "--figure", tmp_path / "picture.png").code == 0
        assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")

    @pytest.mark.parametrize("name", ["picture.pdf", "picture.jpg", "picture", ".png"])
    def test_a_picture_is_a_png_and_nothing_else(self, refused, files, tmp_path, name):
        assert "ends in .png" in refused("evaluate", *files, "--figure", tmp_path / name)

    @pytest.mark.parametrize("option, name", [("--json", "result"), ("--figure", "result.PNG")])
    def test_a_file_that_exists_is_left_unless_it_may_be_replaced(
        self, refused, command, files, tmp_path, option, name
    ):
        path = tmp_path / name
        path.write_text("earlier")
        assert "exists already" in refused("evaluate", *files, option, path)
        assert command("evaluate", *files, option, path, "--overwrite").code == 0
        assert path.read_bytes() != b"earlier"
