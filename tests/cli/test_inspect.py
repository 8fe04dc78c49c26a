"""`gambol inspect`: for people and for programs."""

import json
import shutil
import subprocess
import sys

import pytest

from gambol.cli.facts.gather import everything
from gambol.formats import load, save


class TestInspect:
    def test_a_project(self, command, geckos):
        outcome = command("inspect", geckos.truth)
        assert outcome.code == 0, outcome.err
        assert "60 placed by a person" in outcome.out and "2 in 30 frames" in outcome.out
        assert all(node in outcome.out for node in geckos.world.skeleton.nodes)
        assert "film.mp4" in outcome.out and "80 x 64" in outcome.out and "the project's folder" in outcome.out

    def test_a_run_and_a_folder_of_runs(self, command, trained, tmp_path):
        outcome = command("inspect", trained.run)
        assert outcome.code == 0, outcome.err
        assert "finished" in outcome.out and "centered_instance" in outcome.out and "mAP" in outcome.out
        shutil.copytree(trained.run, tmp_path / "one")
        shutil.copytree(trained.run, tmp_path / "two")
        outcome = command("inspect", tmp_path)
        assert outcome.code == 0, outcome.err
        assert "2 runs in" in outcome.out and "top-down" in outcome.out and "frames/s" in outcome.out

    def test_json_of_a_folder_of_runs_holds_their_comparison(self, command, trained, tmp_path):
        for name in ("one", "two"):
            shutil.copytree(trained.run, tmp_path / name)
        facts = json.loads(command("inspect", tmp_path, "--json", "--sort", "run").out)
        assert [row["run"] for row in facts["comparison"]["rows"]] == ["one", "two"]
        assert facts["comparison"]["comparable"] and len(facts["runs"]) == 2

    def test_predictions_that_were_interrupted(self, command, tmp_path):
        folder = tmp_path / "found.slp.parts"
        folder.mkdir()
        (folder / "manifest.json").write_text('{"frames": {"0": [30, ""]}, "asked": "all"}')
        outcome = command("inspect", tmp_path / "found.slp")
        assert outcome.code == 0 and "0 of 30 frames (all) are done" in outcome.out

    def test_a_video(self, command, geckos):
        outcome = command("inspect", geckos.video)
        assert outcome.code == 0, outcome.err
        assert "80 x 64 pixels, grey" in outcome.out and "h264" in outcome.out and "exact" in outcome.out

    @pytest.mark.parametrize("what", ["truth", "video"])
    def test_json_holds_the_same_for_programs(self, command, geckos, what):
        path = getattr(geckos, what)
        outcome = command("inspect", path, "--json")
        assert outcome.code == 0, outcome.err
        assert json.loads(outcome.out) == json.loads(json.dumps(everything(path), default=str))

    @pytest.mark.parametrize("name", ["nothing.mp4", "diary.txt", "broken.slp", "empty.mp4", "folder"])
    def test_other_files_are_refused(self, refused, tmp_path, name):
        if name == "folder":
            (tmp_path / name).mkdir()
        elif name != "nothing.mp4":
            (tmp_path / name).write_text("" if name == "empty.mp4" else "Dear diary, two geckos.\n" * 300)
        assert name in refused("inspect", tmp_path / name)

    @pytest.mark.parametrize("path", ["truth", "video"])
    def test_no_learning_curve_comes_of_other_things(self, refused, geckos, tmp_path, path):
        assert "folder of runs" in refused("inspect", getattr(geckos, path), "--learning-curve", tmp_path / "a.png")

    def test_it_needs_no_torch(self, trained):
        code = "import atexit, sys; atexit.register(lambda: print('torch' in sys.modules)); " \
               "from gambol.cli import main; main()"
        command = [sys.executable, "-c", code, "inspect", str(trained.run), "--json"]
        result = subprocess.run(command, capture_output=True, text=True)
        assert result.returncode == 0 and result.stdout.endswith("False\n"), result


class TestLearningCurve:
    @pytest.fixture
    def models(self, trained, tmp_path):
        """Two runs on the same validation frames; the second learnt from fewer frames."""
        for name in ("many", "few"):
            shutil.copytree(trained.run, tmp_path / "models" / name)
        figures = tmp_path / "models" / "few" / "metrics.train.json"
        figures.write_text(json.dumps(json.loads(figures.read_text()) | {"frames": 4}))
        return tmp_path / "models"

    def test_it_is_drawn_and_its_table_printed(self, command, models, tmp_path):
        outcome = command("inspect", models, "--learning-curve", tmp_path / "curve.png")
        assert outcome.code == 0, outcome.err
        assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
        assert "labelled" in outcome.out and "curve.png" in outcome.out

    def test_a_figure_that_is_there_stays_unless_it_may_go(self, command, refused, models, tmp_path):
        (tmp_path / "curve.png").write_text("mine")
        assert "curve.png" in refused("inspect", models, "--learning-curve", tmp_path / "curve.png")
        assert command("inspect", models, "--learning-curve", tmp_path / "curve.png", "--overwrite").code == 0

    def test_one_number_of_frames_is_refused_and_how_to_make_more_is_told(self, refused, models, tmp_path):
        shutil.rmtree(models / "few")
        assert "--val" in refused("inspect", models, "--learning-curve", tmp_path / "curve.png")

    def test_other_validation_frames_are_refused(self, refused, models, tmp_path):
        labels = models / "few" / "labels.val.slp"
        changed = load(labels)
        changed.points[:] += 1
        labels.unlink()
        save(changed, labels)
        assert "scored on the same" in refused("inspect", models, "--learning-curve", tmp_path / "curve.png")

    def test_a_name_without_format_is_refused(self, refused, models, tmp_path):
        assert ".pdf" in refused("inspect", models, "--learning-curve", tmp_path / "curve.bmp")
