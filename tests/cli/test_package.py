"""`gambol package`, and `gambol train` on what it made."""

import shutil
import zipfile
from pathlib import Path

import pytest
import yaml

from gambol.errors import JobError
from gambol.formats import load
from gambol.runs.events import Event
from gambol.runs.find import runs_in
from gambol.runs.layout import RunFolder
from gambol.training.package import JOB, LABELS
from gambol.training.resume import require_run


@pytest.fixture
def job_file(tiny, tmp_path) -> Path:
    path = tmp_path / "job.yaml"
    path.write_text(yaml.safe_dump({"labels": "other.slp", "pipeline": tiny["single"], "epochs": 7, "device": "cpu"}))
    return path


def packed_job(path: Path) -> dict:
    with zipfile.ZipFile(path) as packed:
        return yaml.safe_load(packed.read(JOB))


class TestPackage:
    def test_a_job_file_and_a_project_make_a_package(self, command, job_file, geckos, tmp_path, tiny):
        outcome = command("package", geckos.labels, "--job", job_file, "-o", tmp_path / "night.zip")
        assert outcome.code == 0, outcome.err
        assert "Packed 10 labelled frames" in outcome.out and "gambol train night.zip" in outcome.out
        content = packed_job(tmp_path / "night.zip")
        assert (content["labels"], content["epochs"]) == (LABELS["labels"], 7)
        assert content["pipeline"]["single"]["batch"] == tiny["single"]["single"]["batch"]

    def test_options_do_as_they_do_for_train(self, command, job_file, geckos, tmp_path):
        words = ("--job", job_file, "--minutes", 2, "--epochs", 3, "--val", geckos.truth, "--set", "seed=5")
        assert command("package", geckos.labels, *words, "-o", tmp_path / "a.zip").code == 0
        content = packed_job(tmp_path / "a.zip")
        assert (content["minutes"], content["epochs"], content["seed"]) == (2, 3, 5)
        assert content["validation"] == LABELS["validation"]
        assert command("package", geckos.labels, "--pipeline", "bottom-up", "-o", tmp_path / "b.zip").code == 0
        assert packed_job(tmp_path / "b.zip")["pipeline"]["kind"] == "bottom-up"
        assert command("package", geckos.labels, "--recipe", "top-down", "-o", tmp_path / "c.zip").code == 0
        assert packed_job(tmp_path / "c.zip")["pipeline"]["kind"] == "top-down"

    def test_it_lies_beside_the_project_under_its_name(self, command, geckos, tmp_path):
        for name, zipped in (("flies.slp", "flies.zip"), ("mice.pkg.slp", "mice.zip")):
            shutil.copy(geckos.labels, tmp_path / name)
            assert command("package", tmp_path / name, "--pipeline", "single").code == 0
            assert (tmp_path / zipped).is_file()

    def test_suggested_frames_are_counted(self, command, geckos, tmp_path):
        outcome = command("package", geckos.labels, "--pipeline", "single", "--suggested", "-o", tmp_path / "a.zip")
        assert "10 labelled frames and 0 suggested ones" in outcome.out

    def test_bad_input_is_refused(self, refused, geckos, tmp_path):
        assert "pipeline" in refused("package", geckos.labels, "-o", tmp_path / "a.zip")
        assert "gone.slp" in refused("package", tmp_path / "gone.slp", "--pipeline", "single", "-o", tmp_path / "a.zip")
        (tmp_path / "a.zip").write_text("mine")
        assert "exists already" in refused("package", geckos.labels, "--pipeline", "single", "-o", tmp_path / "a.zip")


class TestTrainingAPackage:
    @pytest.fixture
    def package(self, command, geckos, job_file, tmp_path) -> Path:
        (tmp_path / "there").mkdir()
        assert command("package", geckos.labels, "--job", job_file, "-o", tmp_path / "there" / "job.zip").code == 0
        return tmp_path / "there" / "job.zip"

    @pytest.fixture
    def asked(self, monkeypatch) -> list:
        """The jobs that were handed to the training, which do nothing but finish; runs that were to go on."""
        jobs = []

        def run(job):
            jobs.append(job)
            yield Event("finished", None, {"run": "models/run", "metrics": {}})

        monkeypatch.setattr("gambol.training.run.run", run)
        monkeypatch.setattr("gambol.training.run.resume", lambda path, device=None: run((path, device)))
        return jobs

    def test_it_is_unpacked_beside_itself_and_its_job_is_trained(self, command, package, asked):
        outcome = command("train", package)
        assert outcome.code == 0, outcome.err
        [job] = asked
        assert job.labels == package.with_name("job") / LABELS["labels"]
        assert (job.out, job.epochs, job.device) == (None, 7, "auto")
        assert len(load(job.labels)) == 10

    def test_options_win_over_its_job(self, command, package, asked, tmp_path):
        outcome = command("train", package, "--minutes", 4, "--epochs", 2, "--device", "cpu", "--out", tmp_path / "run")
        assert outcome.code == 0, outcome.err
        [job] = asked
        assert (job.minutes, job.epochs, job.device, job.out) == (4, 2, "cpu", tmp_path / "run")

    def test_the_same_command_goes_on_where_it_was_stopped(self, command, package, asked, trained):
        command("train", package)
        run = Path(shutil.copytree(trained.run, package.with_name("job") / "models" / "run"))
        (run / "metrics.val.json").unlink()
        outcome = command("train", package, "--device", "cpu")
        assert outcome.code == 0 and "its training goes on" in outcome.out
        assert asked[1] == (run, "cpu")

    def test_a_finished_one_is_refused_but_not_under_another_name(self, command, package, asked, trained, tmp_path):
        command("train", package)
        shutil.copytree(trained.run, package.with_name("job") / "models" / "run")
        outcome = command("train", package)
        assert (outcome.code, len(outcome.sentences)) == (2, 3) and "is finished" in outcome.err
        assert command("train", package, "--out", tmp_path / "other").code == 0

    def test_resume_does_not_take_a_package_beside_it(self, refused, package, trained):
        assert "a job file" in refused("train", package, "--resume", trained.run)

    def test_its_folder_is_no_run_but_one_may_be_in_it(self, command, package, asked, trained):
        command("train", package)
        folder = package.with_name("job")
        with pytest.raises(JobError, match="is not a run folder"):
            require_run(RunFolder(folder))
        shutil.copytree(trained.run, folder / "models" / "run")
        assert runs_in(package.parent) == [folder / "models" / "run"]

    def test_a_damaged_one_is_refused_and_nothing_is_left(self, refused, package):
        package.write_bytes(package.read_bytes()[:-50])
        assert "damaged" in refused("train", package)

    def test_one_that_reaches_outside_is_refused_and_nothing_is_left(self, refused, package):
        with zipfile.ZipFile(package, "a") as packed:
            packed.writestr("../../escaped.txt", "harm")
        assert "leads out" in refused("train", package)
