"""`gambol train`: options, job files and recipes become one job."""

import shutil

import pytest
import yaml

from gambol.errors import OutputError
from gambol.recipes.presets import choices
from gambol.runs.events import Event


@pytest.fixture
def asked(monkeypatch):
    """The job that was handed to the training, which does nothing but finish."""
    jobs = []

    def run(job):
        jobs.append(job)
        yield Event("finished", None, {"run": "models/[run]", "metrics": {}})

    monkeypatch.setattr("gambol.training.run.run", run)
    return jobs


class TestJobs:
    def test_options_make_a_job(self, command, asked, tmp_path):
        outcome = command("train", "--labels", tmp_path / "a.slp", "--val", tmp_path / "b.slp", "--pipeline", "single",
                          "--out", tmp_path / "run", "--epochs", 3, "--minutes", 1.5, "--device", "cpu", "--overwrite",
                          "--set", "seed=4", "--set", "pipeline.single.batch=2")
        assert outcome.code == 0, outcome.err
        [job] = asked
        assert (job.labels, job.validation, job.out) == tuple(tmp_path / name for name in ("a.slp", "b.slp", "run"))
        assert (job.epochs, job.minutes, job.device, job.overwrite, job.seed) == (3, 1.5, "cpu", True, 4)
        assert (job.pipeline.kind, job.pipeline.single.batch) == ("single", 2)

    def test_it_says_where_the_model_is_and_what_comes_next(self, command, asked):
        outcome = command("train", "--labels", "a.slp", "--pipeline", "single")
        assert "The model is in models/[run]" in outcome.out
        assert "gambol predict VIDEO -m models/[run]" in outcome.out

    def test_a_prediction_that_followed_is_told(self, command, monkeypatch):
        counts = {"frames": 20, "on": "random:20", "instances": 38, "frames_with_animals": 19,
                  "frames_without_animals": 1, "frames_lost": 2, "out": "run/predictions.slp"}

        def run(job):
            yield Event("finished", None, {"run": "run", "metrics": {}, "prediction": counts})

        monkeypatch.setattr("gambol.training.run.run", run)
        out = command("train", "--labels", "a.slp", "--pipeline", "single").out
        assert "Predicted 20 frames (random:20): 38 animals in 19 of them, 1 without any." in out
        assert "2 frames could not be decoded" in out and "run/predictions.slp" in out

    def test_one_that_failed_does_not_spoil_the_end(self, command, monkeypatch):
        def run(job):
            yield Event("finished", None, {"run": "run", "metrics": {}, "prediction": {"problem": "a", "by_hand": "b"}})

        monkeypatch.setattr("gambol.training.run.run", run)
        assert command("train", "--labels", "a.slp", "--pipeline", "single").code == 0

    def test_options_win_over_the_job_file(self, command, asked, tmp_path):
        job = {"labels": "a.slp", "pipeline": {"kind": "top-down", "anchor": "nose"}, "epochs": 7, "seed": 5}
        (tmp_path / "job.yaml").write_text(yaml.safe_dump(job))
        command("train", tmp_path / "job.yaml", "--epochs", 2, "--set", "seed=6")
        command("train", tmp_path / "job.yaml", "--pipeline", "top-down")
        command("train", tmp_path / "job.yaml", "--pipeline", "single")
        first, same, other = asked
        assert (first.labels, first.epochs, first.seed) == (tmp_path / "a.slp", 2, 6)
        assert same.pipeline.anchor == "nose"
        assert other.pipeline.kind == "single"

    def test_a_recipe_gives_what_is_not_asked_for(self, command, asked):
        command("train", "--labels", "a.slp", "--recipe", "top-down")
        assert asked[0].pipeline.kind == "top-down"

    def test_a_recipe_of_some_size_gives_its_network_also_beside_a_job_file(self, command, asked, tmp_path):
        (tmp_path / "job.yaml").write_text("labels: a.slp\npipeline: {kind: top-down, anchor: nose}\n")
        command("train", tmp_path / "job.yaml", "--recipe", "top-down.large")
        assert asked[0].pipeline.anchor == "nose"
        assert asked[0].pipeline.centered_instance.backbone.max_stride == 32


class TestAuto:
    @pytest.mark.parametrize("words", [("--recipe", "auto"), ("--pipeline", "auto"),
                                       ("--recipe", "auto", "--pipeline", "auto")])
    def test_gambol_chooses_and_says_why(self, command, asked, geckos, words):
        outcome = command("train", "--labels", geckos.labels, *words, "--device", "cpu")
        assert outcome.code == 0, outcome.err
        assert asked[0].pipeline.kind == "top-down"
        assert "pipeline.kind = top-down\n      9 of 9 labelled frames show several animals" in outcome.out

    def test_what_is_asked_for_wins(self, command, asked, geckos, tmp_path):
        job = {"labels": str(geckos.labels), "pipeline": {"kind": "bottom-up", "bottom_up": {"batch": 5}}}
        (tmp_path / "job.yaml").write_text(yaml.safe_dump(job))
        outcome = command("train", tmp_path / "job.yaml", "--pipeline", "auto", "--set", "pipeline.bottom_up.sigma=4")
        assert outcome.code == 0, outcome.err
        stage = asked[0].pipeline.bottom_up
        assert (asked[0].pipeline.kind, stage.batch, stage.sigma) == ("bottom-up", 5, 4)
        assert "pipeline.kind" not in outcome.out

    def test_without_it_nothing_is_chosen(self, command, asked, geckos):
        assert "Chosen" not in command("train", "--labels", geckos.labels, "--pipeline", "single").out


class TestExplain:
    @pytest.fixture
    def outcome(self, command, asked, geckos, tmp_path):
        return command("train", "--labels", geckos.labels, "--recipe", "auto", "--explain", "--out", tmp_path / "run",
                       "--device", "cpu", "--set", "pipeline.centroid.batch=3")

    def test_every_setting_stands_there_with_its_reason(self, outcome):
        assert outcome.code == 0, outcome.err
        assert "pipeline.centroid.batch = 3\n      as you asked" in outcome.out
        assert "pipeline.centered_instance.crop_size = " in outcome.out
        assert "--set pipeline.centered_instance.crop_size=" in outcome.out

    def test_nothing_is_trained_and_nothing_written(self, outcome, asked, tmp_path):
        assert asked == []
        assert list(tmp_path.iterdir()) == []

    def test_any_job_can_be_explained(self, command, geckos, asked, tmp_path):
        (tmp_path / "job.yaml").write_text(f"labels: {geckos.labels}\npipeline: {{kind: bottom-up}}\ndevice: cpu\n")
        assert "pipeline.bottom_up.window = " in command("train", tmp_path / "job.yaml", "--explain").out

    def test_labels_that_cannot_be_trained_on_are_refused(self, refused, tmp_path):
        assert "bad.slp" in refused("train", "--labels", tmp_path / "bad.slp", "--recipe", "auto", "--explain")

    def test_a_package_is_not_unpacked_for_it(self, refused, tmp_path):
        (tmp_path / "job.zip").write_bytes(b"PK")
        assert "Unzip it" in refused("train", tmp_path / "job.zip", "--explain")

    def test_help_lists_the_recipes(self, command, monkeypatch):
        monkeypatch.setenv("COLUMNS", "300")
        text = command("train", "--help").out
        assert all(name in text for name in choices())


class TestResume:
    @pytest.fixture
    def resumed(self, monkeypatch):
        """The runs that were to be continued, and on which device."""
        runs = []

        def resume(path, device=None):
            runs.append((path, device))
            yield Event("phase", None, {"phase": "resume", "run": "models/run"})
            yield Event("phase", "single", {"phase": "resume", "epoch": 3, "step": 640})
            yield Event("finished", None, {"run": "models/run", "metrics": {}})

        monkeypatch.setattr("gambol.training.run.resume", resume)
        return runs

    def test_a_run_goes_on_and_it_is_said_where(self, command, resumed, tmp_path):
        outcome = command("train", "--resume", tmp_path / "run")
        assert outcome.code == 0, outcome.err
        assert resumed == [(tmp_path / "run", None)]
        assert "goes on at epoch 4, step 640" in outcome.out

    def test_it_may_go_on_on_another_device(self, command, resumed, tmp_path):
        command("train", "--resume", tmp_path / "run", "--device", "cpu")
        assert resumed == [(tmp_path / "run", "cpu")]

    @pytest.mark.parametrize(("words", "named"), [
        (("job.yaml",), "a job file"), (("--labels", "a.slp"), "--labels"), (("--val", "a.slp"), "--val"),
        (("--epochs", 3), "--epochs"), (("--minutes", 3), "--minutes"), (("--out", "run"), "--out"),
        (("--pipeline", "single"), "--pipeline"), (("--recipe", "single"), "--recipe"),
        (("--explain",), "--explain"), (("--set", "seed=1"), "--set"),
        (("--overwrite",), "--overwrite"), (("--start-from", "b"), "--start-from")])
    def test_anything_else_beside_it_is_refused(self, refused, resumed, words, named):
        assert f"but {named} was given" in refused("train", "--resume", "run", *words)
        assert resumed == []

    def test_what_is_no_run_is_refused(self, refused, tmp_path):
        assert "does not exist" in refused("train", "--resume", tmp_path / "run")
        (tmp_path / "folder").mkdir()
        assert "is not a run folder" in refused("train", "--resume", tmp_path / "folder")

    def test_a_finished_run_is_refused(self, refused, trained):
        assert "is finished" in refused("train", "--resume", trained.run)

    @pytest.mark.parametrize("stop", [KeyboardInterrupt, OutputError])
    def test_whoever_stops_it_is_told_how_to_go_on(self, command, monkeypatch, tmp_path, stop):
        def run(job):
            yield Event("phase", None, {"phase": "begin", "run": str(tmp_path)})
            raise stop("The disk is full. It was. Free some.")

        monkeypatch.setattr("gambol.training.run.run", run)
        outcome = command("train", "--labels", "a.slp", "--pipeline", "single")
        assert outcome.code == (130 if stop is KeyboardInterrupt else 2)
        assert f"gambol train --resume {tmp_path}" in outcome.out


class TestRefusals:
    def test_labels_and_pipeline_are_needed(self, refused):
        for words in ((), ("--labels", "a.slp"), ("--pipeline", "single")):
            assert "--labels PROJECT.slp with --pipeline" in refused("train", *words)

    def test_a_setting_that_does_not_exist_is_refused(self, refused):
        text = refused("train", "--labels", "a.slp", "--pipeline", "single", "--set", "learning_rate=1")
        assert "'learning_rate' cannot be used" in text

    def test_a_recipe_that_does_not_exist_is_refused(self, refused):
        text = refused("train", "--labels", "a.slp", "--recipe", "octopus")
        assert all(name in text for name in choices())

    def test_a_recipe_beside_a_pipeline_that_gambol_is_to_choose_is_refused(self, refused):
        words = "--recipe", "single.small", "--pipeline", "auto"
        assert "Only one of them" in refused("train", "--labels", "a.slp", *words)

    def test_a_job_that_is_not_there_is_refused(self, refused, tmp_path):
        assert "job.yaml" in refused("train", tmp_path / "job.yaml")

    def test_a_job_that_names_its_pipeline_by_a_word_is_refused(self, refused, tmp_path):
        (tmp_path / "job.yaml").write_text("labels: a.slp\npipeline: single\n")
        assert "'pipeline'" in refused("train", tmp_path / "job.yaml")

    def test_a_device_that_is_not_there_is_refused(self, refused, lone_gecko, tmp_path):
        refused("train", "--labels", lone_gecko.labels, "--pipeline", "single", "--device", "abacus",
                "--out", tmp_path / "run")

    def test_words_that_are_no_options_end_with_2(self, command):
        assert command("train", "--octopus").code == 2


class TestStartingFromARun:
    @pytest.fixture
    def project(self, geckos, trained, tmp_path):
        """The geckos' project with a finished run beside it."""
        shutil.copy(geckos.labels, tmp_path / "labels.slp")
        shutil.copytree(trained.run, tmp_path / "models" / "first")
        return tmp_path / "labels.slp"

    @pytest.fixture
    def job_file(self, project, tiny):
        """A job for the project as its earlier run was asked for."""
        project.with_name("job.yaml").write_text(yaml.safe_dump({"labels": "labels.slp", "pipeline": tiny["top-down"]}))
        return project.with_name("job.yaml")

    def test_runs_and_stages_are_named_by_the_option(self, command, asked, tmp_path):
        words = "train", "--labels", "a.slp", "--pipeline", "single"
        command(*words, "--start-from", tmp_path / "run", "--start-from", tmp_path / "other",
                "--set", "start_from.parts=backbone", "--set", "split.keep=false")
        assert asked[0].start_from.runs == (tmp_path / "run", tmp_path / "other")
        assert (asked[0].start_from.parts, asked[0].split.keep) == ("backbone", False)

    def test_it_wins_over_the_job_files_runs_and_leaves_its_other_settings(self, command, asked, tmp_path):
        job = {"labels": "a.slp", "pipeline": {"kind": "single"}, "start_from": {"runs": "b", "learning_rate": 0.3}}
        (tmp_path / "job.yaml").write_text(yaml.safe_dump(job))
        command("train", tmp_path / "job.yaml", "--start-from", tmp_path / "c")
        assert asked[0].start_from.runs == (tmp_path / "c",)
        assert asked[0].start_from.learning_rate == 0.3

    def test_whoever_begins_anew_is_told_of_the_run_that_is_there(self, command, asked, job_file):
        outcome = command("train", job_file)
        assert f"Pass --start-from {job_file.parent / 'models' / 'first'}, or --start-from latest" in outcome.out
        assert asked[0].start_from is None

    def test_whoever_starts_from_it_is_not(self, command, asked, job_file):
        assert "Pass --start-from" not in command("train", job_file, "--start-from", "latest").out

    def test_what_is_not_there_is_refused(self, refused, geckos, tmp_path):
        text = refused("train", "--labels", geckos.labels, "--pipeline", "top-down", "--out", tmp_path / "run",
                       "--start-from", tmp_path / "gone")
        assert "There is no run at" in text

    def test_latest_of_none_is_refused(self, refused, job_file):
        shutil.rmtree(job_file.parent / "models")
        assert "no finished run of the same pipeline" in refused("train", job_file, "--start-from", "latest")
