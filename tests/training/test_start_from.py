"""What a training may start from: found, offered, or refused."""

import os
import shutil

import pytest
from pydantic import ValidationError

from gambol.errors import JobError, ModelError
from gambol.formats import load, save
from gambol.labels.skeleton import Skeleton
from gambol.training.job import TrainingJob, job_content, make_job
from gambol.training.start_from import StartFrom, latest, offer, require_sources, source_stages, with_latest


@pytest.fixture
def project(trained, geckos, tmp_path):
    """The geckos' project in a folder of its own, with a finished run in models/."""
    (tmp_path / "models").mkdir()
    labels = load(geckos.labels)
    save(labels, tmp_path / "labels.slp")
    shutil.copytree(trained.run, tmp_path / "models" / "first")
    return tmp_path / "labels.slp"


@pytest.fixture
def asked(project, tiny):
    """A job for the project, as the earlier run was asked for; words change it."""
    def make(**changes) -> TrainingJob:
        return TrainingJob.model_validate({"labels": project, "pipeline": tiny["top-down"]} | changes)

    return make


class TestSettings:
    @pytest.mark.parametrize("given", ["a/run", ["a/run"], {"runs": "a/run"}, {"runs": ["a/run"]}])
    def test_a_path_alone_means_the_runs(self, given, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        assert StartFrom.model_validate(given).runs == (tmp_path / "a/run",)

    def test_none_is_not_a_run(self):
        with pytest.raises(ValidationError):
            StartFrom.model_validate({"runs": []})

    def test_in_a_job_file_paths_count_from_the_file(self, tmp_path):
        (tmp_path / "job.yaml").write_text(
            "labels: a.slp\nstart_from: [models/one, latest]\nsplit: {keep: models/two}\npipeline: {kind: single}\n")
        job = make_job(job_content(tmp_path / "job.yaml"), ["start_from.parts=backbone"])
        assert job.start_from.runs[0] == tmp_path / "models/one"
        assert (str(job.start_from.runs[1]), job.start_from.parts) == ("latest", "backbone")
        assert job.split.keep == tmp_path / "models/two"

    def test_a_stage_belongs_to_its_run(self, trained, tmp_path):
        shutil.copytree(trained.run / "centroid", tmp_path / "alone")
        start = StartFrom(runs=(trained.run / "centroid", trained.run / "centered_instance", tmp_path / "alone"))
        assert [run.path for run in start.run_folders()] == [trained.run]


class TestOffer:
    def test_a_finished_run_beside_the_project_is_offered_with_the_option_to_pass(self, asked, project):
        offered = offer(asked())
        assert offered.run == project.parent / "models" / "first"
        assert f"--start-from {offered.run}" in offered.text
        assert "--start-from latest" in offered.text

    def test_the_newest_one_counts(self, asked, project):
        newer = shutil.copytree(project.parent / "models" / "first", project.parent / "models" / "another")
        os.utime(newer / "resolved.yaml", (2e9, 2e9))
        assert latest(asked()) == newer

    def test_nodes_may_have_another_order(self, asked, project):
        labels = load(project)
        labels.skeleton = Skeleton(labels.skeleton.nodes[::-1], ())
        save(labels, project)
        assert offer(asked()) is not None

    @pytest.mark.parametrize("what", ["it starts from a run", "another pipeline", "another backbone", "unfinished",
                                      "other nodes", "no labels", "no models"])
    def test_nothing_is_offered(self, what, asked, project, tiny):
        changes, run = {}, project.parent / "models" / "first"
        if what == "it starts from a run":
            changes = {"start_from": run}
        elif what == "another pipeline":
            changes = {"pipeline": tiny["single"]}
        elif what == "another backbone":
            changes = {"pipeline": {"kind": "top-down"}}
        elif what == "unfinished":
            (run / "metrics.val.json").unlink()
        elif what == "other nodes":
            labels = load(project)
            labels.skeleton = Skeleton(("other", *labels.skeleton.nodes[1:]))
            save(labels, project)
        elif what == "no labels":
            project.unlink()
        else:
            shutil.rmtree(run.parent)
        assert offer(asked(**changes)) is None


class TestLatest:
    def test_the_word_gives_way_to_the_run(self, asked, project):
        job = with_latest(asked(start_from={"runs": "latest", "parts": "backbone"}))
        assert job.start_from.runs == (project.parent / "models" / "first",)
        assert job.start_from.parts == "backbone"

    def test_without_one_it_is_refused(self, asked, project):
        shutil.rmtree(project.parent / "models")
        with pytest.raises(JobError, match="no finished run of the same pipeline"):
            with_latest(asked(start_from="latest"))

    def test_other_jobs_stay_as_they_are(self, asked):
        assert with_latest(job := asked()) is job
        assert with_latest(job := asked(start_from="some/run")) is job


class TestSources:
    def test_a_run_its_stages_or_several(self, trained):
        both = {"centroid": trained.run / "centroid", "centered_instance": trained.run / "centered_instance"}
        assert source_stages(StartFrom(runs=(trained.run,))) == both
        assert source_stages(StartFrom(runs=tuple(both.values()))) == both

    def test_what_is_not_there_is_refused(self, tmp_path):
        with pytest.raises(JobError, match="There is no run at"):
            source_stages(StartFrom(runs=(tmp_path / "gone",)))

    @pytest.mark.parametrize("name", ["best.ckpt", "model.pkl", "best_model.h5", "weights.pt"])
    @pytest.mark.parametrize("inside", [True, False])
    def test_a_model_of_another_program_is_refused_unopened(self, tmp_path, name, inside):
        (tmp_path / "theirs").mkdir()
        file = tmp_path / "theirs" / name
        file.write_bytes(b"cos\nsystem\n(S'false'\ntR.")  # a pickle that runs a command
        with pytest.raises(JobError, match=rf"holds no model of gambol, but {name}"):
            source_stages(StartFrom(runs=(file.parent if inside else file,)))

    def test_two_of_a_kind_are_refused(self, trained, tmp_path):
        shutil.copytree(trained.run, tmp_path / "copy")
        with pytest.raises(ModelError, match="Two models"):
            source_stages(StartFrom(runs=(trained.run, tmp_path / "copy")))

    def test_a_run_is_not_replaced_by_what_starts_from_it(self, asked, project):
        run = project.parent / "models" / "first"
        for start in (run, run / "centroid"):
            with pytest.raises(JobError, match="would be replaced"):
                require_sources(asked(start_from=start, out=run, overwrite=True))
        require_sources(asked(start_from=run, out=run.with_name("second")))
        require_sources(asked())
