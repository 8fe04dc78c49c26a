"""A training in words."""

import pytest

from gambol.cli.facts.gather import everything


@pytest.fixture
def facts(trained):
    return everything(trained.run)


class TestRuns:
    def test_all_that_a_scientist_asks_is_told_on_one_screen(self, told, facts, trained, screen):
        text = told(facts)
        for piece in ("run, finished", "top-down, 2 epochs for each stage", "labels.slp", "frames with",
                      "split by frame", "min of training", "unet, stride 8 to 4",
                      "crop 40 px", "centroid loss", "on validation frames",
                      "mAP", "worst nodes", "frames/s on cpu", f"gambol predict VIDEO -m {trained.run}"):
            assert piece in text, piece
        assert len(screen.text.splitlines()) < 55

    def test_how_to_go_on_is_told(self, told, facts):
        facts |= {"state": "failed", "why": "disk full", "continue_with": "gambol train --resume X",
                  "reached": "training centroid, epoch 3"}
        facts["stages"][1] |= {"finished": False, "best_epoch": 2}
        text = told(facts)
        assert "failed: disk full It was last heard of in: training centroid, epoch 3" in text
        assert "Go on with: gambol train --resume X" in text and "2 so far" in text

    @pytest.mark.parametrize(
        ("state", "words"), [
            ("unfinished", "ended without a word"), ("cancelled", "cancelled: by the app"),
            ("running", "running now (by the app)")])
    def test_each_state_has_its_words(self, told, facts, state, words):
        assert words in told(facts | {"state": state, "why": "by the app"})

    def test_how_far_it_sees_is_told_in_image_pixels(self, told, facts):
        facts["stages"][0] |= {"receptive_field": 76}
        assert facts["stages"][0]["view"]["scale"] == 0.5
        assert "152 px" in told(facts)

    def test_many_settings_are_cut_short(self, told, facts):
        asked = {"pipeline": {"kind": "single", **{f"setting{number}": number for number in range(12)}}}
        text = told(facts | {"asked": asked})
        assert "pipeline.setting7=7, and 4 more in job.yaml" in text

    def test_a_prediction_that_followed_is_told(self, told, facts):
        counts = {"frames": 20, "on": "random:20", "instances": 38, "frames_with_animals": 19,
                  "frames_without_animals": 1, "frames_lost": 0, "out": "found.slp"}
        assert "38 animals in 19 of them, 1 without any" in told(facts | {"prediction": counts})

    def test_one_that_failed_is_told_with_the_command(self, told, facts):
        text = told(facts | {"prediction": {"problem": "The video is gone.", "by_hand": "gambol predict X"}})
        assert "The video is gone. The command: gambol predict X" in text

    def test_one_that_is_being_made_is_told(self, told, facts):
        begun = {"frames": 16, "total": 30, "asked": "all", "folder": "run/predictions.slp.parts", "writer": None}
        assert "16 of 30 frames (all) are done" in told(facts | {"unfinished": begun})

    def test_nodes_that_were_never_found_are_the_worst(self, told, facts):
        node = {"node": "tail", "visible": 4, "missed": 4, "error_px": {"median": None, "p95": None}}
        assert "tail never found" in told(facts | {"nodes": {"val": [node]}})

    def test_a_training_that_has_only_begun_is_told(self, told, tmp_path):
        (tmp_path / "job.yaml").write_text("labels: mice.slp\npipeline: {kind: single}")
        text = told(everything(tmp_path))
        assert "run, unfinished" in text and "mice.slp" in text and "predict VIDEO" not in text
