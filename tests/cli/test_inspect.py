"""`gambol inspect`: for people and for programs."""

import json
import shutil
import subprocess
import sys

import pytest

from gambol.runs.look import facts_of


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
        assert "2 runs in" in outcome.out and "top-down" in outcome.out

    def test_a_video(self, command, geckos):
        outcome = command("inspect", geckos.video)
        assert outcome.code == 0, outcome.err
        assert "80 x 64 pixels, grey" in outcome.out and "h264" in outcome.out and "exact" in outcome.out

    @pytest.mark.parametrize("what", ["truth", "video"])
    def test_json_holds_the_same_for_programs(self, command, geckos, what):
        path = getattr(geckos, what)
        outcome = command("inspect", path, "--json")
        assert outcome.code == 0, outcome.err
        assert json.loads(outcome.out) == json.loads(json.dumps(facts_of(path), default=str))

    @pytest.mark.parametrize("name", ["nothing.mp4", "diary.txt", "broken.slp", "empty.mp4", "folder"])
    def test_other_files_are_refused(self, refused, tmp_path, name):
        if name == "folder":
            (tmp_path / name).mkdir()
        elif name != "nothing.mp4":
            (tmp_path / name).write_text("" if name == "empty.mp4" else "Dear diary, two geckos.\n" * 300)
        assert name in refused("inspect", tmp_path / name)

    def test_it_needs_no_torch(self, trained):
        code = "import atexit, sys; atexit.register(lambda: print('torch' in sys.modules)); " \
               "from gambol.cli import main; main()"
        command = [sys.executable, "-c", code, "inspect", str(trained.run), "--json"]
        result = subprocess.run(command, capture_output=True, text=True)
        assert result.returncode == 0 and result.stdout.endswith("False\n"), result
