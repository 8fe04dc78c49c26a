"""Names of the files of a run: a contract that other programs rely on."""

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from gambol.runs.layout import PARTS, RunFolder, default_run, environment


class TestRunFolder:
    def test_files_have_the_names_of_the_contract(self):
        run = RunFolder(Path("run"))
        assert [path.as_posix() for path in (run.job, run.resolved, run.environment, run.events)] == [
            "run/job.yaml", "run/resolved.yaml", "run/environment.json", "run/events.jsonl"]
        assert run.stage("centroid") == Path("run/centroid")
        assert run.log("centroid") == Path("run/centroid/training_log.csv")
        assert [run.labels(part).name for part in PARTS] == ["labels.train.slp", "labels.val.slp", "labels.test.slp"]
        assert run.predictions("val") == Path("run/predictions.val.slp")
        assert run.metrics("test") == Path("run/metrics.test.json")
        assert run.checkpoint("centroid") == Path("run/centroid/checkpoint")
        assert run.finished("centroid") == Path("run/centroid/checkpoint/finished.json")
        assert [path.as_posix() for path in (run.speed, run.project_predictions, run.prediction)] == [
            "run/speed.json", "run/predictions.slp", "run/prediction.json"]

    def test_it_is_complete_when_each_part_of_the_split_has_its_figures(self, tmp_path):
        run = RunFolder(tmp_path)
        steps = [run.labels("train"), run.labels("val"), run.resolved, run.metrics("train"), run.metrics("val")]
        for path in steps:
            assert not run.complete
            path.touch()
        assert run.complete
        run.labels("test").touch()
        assert not run.complete

    def test_a_prediction_that_the_job_wants_belongs_to_it(self, tmp_path):
        run = RunFolder(tmp_path)
        run.resolved.write_text("after: {predict: {on: all}}")
        for path in (run.labels("train"), run.metrics("train")):
            assert not run.scored
            path.touch()
        assert run.scored and not run.complete
        run.prediction.touch()
        assert run.complete

    def test_a_job_that_wants_none_is_complete_without(self, tmp_path):
        run = RunFolder(tmp_path)
        for path in (run.labels("train"), run.metrics("train")):
            path.touch()
        for content in ("after: {predict: null}", "after: null", "seed: 0", "]"):
            run.resolved.write_text(content)
            assert run.complete


class TestDefaultRun:
    def test_a_run_lies_beside_its_project_and_tells_when_what_and_how_much(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        now = datetime(2026, 3, 4, 5, 6, 7)
        expected = tmp_path.resolve() / "models" / "260304_050607.top_down.n=120"
        assert default_run(tmp_path / "mice.slp", "top_down", 120, now) == expected
        assert default_run(Path("mice.slp"), "top_down", 120, now) == expected


class TestEnvironment:
    def test_it_names_versions_and_machine_in_json(self):
        facts = json.loads(json.dumps(environment()))
        assert {"gambol", "torch", "numpy", "python", "system", "cores"} <= set(facts)
        assert all(facts.values())

    def test_nothing_here_needs_torch(self):
        code = """
import sys
from gambol.runs.layout import environment
import gambol.runs.events
environment()
assert "torch" not in sys.modules
"""
        subprocess.run([sys.executable, "-c", code], check=True)
