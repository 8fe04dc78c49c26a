"""Runs, found among other folders."""

from gambol.runs.find import is_run, runs_in
from gambol.runs.summary import run_facts


class TestRunsIn:
    def test_runs_are_found_some_folders_down(self, finished, stopped, tmp_path):
        assert runs_in(tmp_path) == [finished, stopped]
        assert runs_in(finished.parent) == [finished, stopped]
        assert runs_in(finished) == []

    def test_a_training_that_has_only_begun_is_one(self, tmp_path):
        assert not is_run(tmp_path)
        (tmp_path / "job.yaml").write_text("labels: mice.slp")
        assert is_run(tmp_path)
        facts = run_facts(tmp_path)
        assert (facts["state"], facts["project"], facts["stages"]) == ("unfinished", "mice.slp", [])
