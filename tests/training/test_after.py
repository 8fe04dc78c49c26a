"""What a job asks for once its networks are trained."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from gambol.errors import JobError
from gambol.pipelines.base import PredictOptions
from gambol.training.after import AfterConfig, PredictAfter
from gambol.training.job import job_content, make_job


class TestAfterConfig:
    def test_nothing_follows_a_training_unless_it_is_asked_for(self):
        assert AfterConfig().predict is None

    def test_it_is_set_like_any_other_setting(self, lone_gecko, tiny):
        content = {"labels": str(lone_gecko.labels), "pipeline": tiny["single"]}
        job = make_job(content, ["after.predict.on=random:20", "after.predict.animals=2"])
        assert (job.after.predict.on, job.after.predict.animals) == ("random:20", 2)

    def test_a_path_in_a_job_is_relative_to_the_job(self, tmp_path):
        (tmp_path / "job.yaml").write_text("labels: mice.slp\nafter: {predict: {out: found/mice.slp}}")
        content = job_content(tmp_path / "job.yaml")
        assert content["after"]["predict"]["out"] == str(tmp_path / "found" / "mice.slp")

    @pytest.mark.parametrize("after", ["5", "{predict: 5}", "{predict: {out: 5}}", "null"])
    def test_a_job_with_something_else_there_can_be_read_to_be_refused(self, tmp_path, after):
        (tmp_path / "job.yaml").write_text(f"labels: mice.slp\nafter: {after}")
        with pytest.raises(JobError):
            make_job(job_content(tmp_path / "job.yaml"), [])


class TestPredictAfter:
    def test_all_that_can_be_chosen_for_a_prediction_can_be_chosen_here(self):
        assert set(PredictOptions.model_fields) < set(PredictAfter.model_fields)

    def test_it_becomes_a_request_for_the_projects_videos(self):
        wanted = PredictAfter(on="random:5", animals=2, batch=7, node_threshold=0.3)
        request = wanted.request(Path("mice.slp"), Path("run"), Path("run/predictions.slp"), "cpu")
        assert (request.source, request.models, request.output) == (
            Path("mice.slp"), [Path("run")], Path("run/predictions.slp"))
        assert (request.on, request.device) == ("random:5", "cpu")
        assert request.options == PredictOptions(animals=2, batch=7, node_threshold=0.3)

    def test_only_the_runs_own_file_is_replaced_unasked(self, tmp_path):
        def overwrites(**settings: object) -> bool:
            return PredictAfter(**settings).request(Path("a.slp"), Path("run"), Path("b.slp"), "cpu").overwrite

        assert overwrites() and overwrites(out=tmp_path / "c.slp", overwrite=True)
        assert not overwrites(out=tmp_path / "c.slp")

    def test_a_single_frame_may_be_a_number(self):
        assert PredictAfter(frames=200).frames == "200"

    @pytest.mark.parametrize(
        ("settings", "wrong"),
        [({"on": "some"}, "does not say which frames"), ({"frames": "1-"}, "does not name frames"),
         ({"frames": "1", "on": "random:3"}, "twice"), ({"batch": 0}, "batch"), ({"animal": 2}, "animal")])
    def test_what_would_be_refused_after_hours_is_refused_at_once(self, settings, wrong):
        with pytest.raises(ValidationError, match=wrong):
            PredictAfter(**settings)
