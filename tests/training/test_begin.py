"""The folder of a run: reserved, made, and taken back."""

from contextlib import contextmanager

import pytest
import yaml

from gambol.errors import JobError, OutputError
from gambol.runs.layout import RunFolder
from gambol.training.begin import begun, remove_earlier, reserved


@contextmanager
def begin(job, folder=None):
    """Begin a job in its run folder, as a training does."""
    folder = folder or RunFolder(job.out)
    with reserved(folder), begun(job, folder):
        yield folder


def finish(folder: RunFolder) -> None:
    """Let a run look as if it had come to its end."""
    for path in (folder.resolved, folder.labels("train"), folder.metrics("train")):
        path.write_text("")


class TestBegun:
    def test_the_job_is_kept_as_it_was_asked_for(self, job):
        with begin(job(seed=5)) as folder:
            kept = yaml.safe_load(folder.job.read_text())
        assert kept["seed"] == 5
        assert "patience" not in kept
        assert folder.environment.is_file()

    def test_an_empty_folder_may_be_used(self, job, tmp_path):
        (tmp_path / "run").mkdir()
        with begin(job()) as folder:
            assert folder.job.is_file()

    def test_a_finished_run_is_left_alone(self, job):
        with begin(job(seed=1)) as folder:
            finish(folder)
        with pytest.raises(OutputError, match="exists already"), begin(job(seed=2)):
            pass
        assert "seed: 1" in folder.job.read_text()

    def test_an_unfinished_run_is_left_alone_and_it_is_said_how_to_go_on(self, job):
        with begin(job(seed=1)) as folder:
            pass
        with pytest.raises(OutputError, match=f"gambol train --resume {folder.path}"), begin(job(seed=2)):
            pass
        assert "seed: 1" in folder.job.read_text()

    @pytest.mark.parametrize("name", ["run", "310203.single.n=10", "run[1]"])
    def test_a_run_is_replaced_if_that_is_asked_for(self, job, tmp_path, name):
        for seed in (1, 2):
            with begin(job(out=tmp_path / name, seed=seed, overwrite=True)) as folder:
                assert not (folder.path / "old").exists()
                (folder.path / "old").touch()
        assert "seed: 2" in folder.job.read_text()
        assert [path.name for path in tmp_path.iterdir()] == [name]

    def test_what_is_no_run_is_never_replaced(self, job, tmp_path):
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / "thesis.txt").write_text("years of work")
        with pytest.raises(JobError, match="is not a run folder"), begin(job(overwrite=True)):
            pass
        assert (tmp_path / "run" / "thesis.txt").read_text() == "years of work"

    def test_a_file_in_its_place_is_refused(self, job, tmp_path):
        (tmp_path / "run").write_text("a file")
        with pytest.raises(JobError, match="is not a run folder"), begin(job(overwrite=True)):
            pass
        assert (tmp_path / "run").read_text() == "a file"

    def test_a_training_that_cannot_begin_leaves_nothing(self, job, tmp_path):
        with pytest.raises(RuntimeError), begin(job(out=tmp_path / "deep" / "down" / "run")):
            raise RuntimeError
        assert list(tmp_path.iterdir()) == []

    def test_nor_does_it_where_somebody_had_made_a_folder_for_it(self, job, tmp_path):
        (tmp_path / "run").mkdir()
        with pytest.raises(RuntimeError), begin(job()):
            raise RuntimeError
        assert list(tmp_path.rglob("*")) == [tmp_path / "run"]

    def test_a_training_that_cannot_begin_gives_back_the_run_it_was_to_replace(self, job, tmp_path):
        with begin(job(seed=1)) as folder:
            (folder.path / "weights").write_text("precious")
        with pytest.raises(RuntimeError), begin(job(seed=2, overwrite=True)):
            raise RuntimeError
        assert "seed: 1" in folder.job.read_text()
        assert (folder.path / "weights").read_text() == "precious"
        assert [path.name for path in tmp_path.iterdir()] == ["run"]

    def test_the_run_that_a_killed_training_was_to_replace_goes_when_another_begins(self, job, tmp_path):
        (tmp_path / ".run.4711.earlier" / "single").mkdir(parents=True)
        (tmp_path / ".other.4711.earlier").mkdir()
        remove_earlier(RunFolder(tmp_path / "run"))
        assert [path.name for path in tmp_path.iterdir()] == [".other.4711.earlier"]


class TestReserved:
    def test_nobody_else_trains_into_it_not_even_to_replace_it(self, job, tmp_path):
        with begin(job(seed=1)) as folder:
            before = sorted(tmp_path.rglob("*"))
            for changes in ({}, {"overwrite": True}):
                with pytest.raises(OutputError, match="is being written already"), begin(job(**changes)):
                    pass
            assert sorted(tmp_path.rglob("*")) == before
        assert "seed: 1" in folder.job.read_text()

    def test_other_names_of_the_folder_are_reserved_as_well(self, job, tmp_path):
        (tmp_path / "alias").symlink_to(tmp_path / "run")
        with (begin(job()), pytest.raises(OutputError, match="is being written already"),
              reserved(RunFolder(tmp_path / "alias"))):
            pass

    def test_folders_around_it_stay_if_something_lies_in_them(self, tmp_path):
        folder = RunFolder(tmp_path / "deep" / "run")
        with pytest.raises(RuntimeError), reserved(folder):
            folder.path.mkdir()
            raise RuntimeError
        assert folder.path.is_dir()
