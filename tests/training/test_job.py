"""Jobs: what can be asked for, and how it is refused."""

from pathlib import Path

import pytest
import yaml

from gambol.errors import JobError
from gambol.nn.backbones import ResNetConfig
from gambol.training.job import TrainingJob, job_content, make_job

SMALLEST = {"labels": "project.slp", "pipeline": {"kind": "single"}}


class TestChanges:
    def test_a_path_of_words_reaches_any_setting(self):
        job = make_job(dict(SMALLEST), ["optimizer.learning_rate=3e-4", "pipeline.single.batch=3", "seed=7"])
        assert (job.optimizer.learning_rate, job.pipeline.single.batch, job.seed) == (3e-4, 3, 7)

    def test_values_are_read_as_yaml(self):
        job = make_job(dict(SMALLEST), ["pipeline.single.backbone={filters: 5}", "minutes=0.5", "validation=null"])
        assert (job.pipeline.single.backbone.filters, job.minutes, job.validation) == (5, 0.5, None)

    def test_the_last_word_counts(self):
        assert make_job(dict(SMALLEST), ["seed=1", "seed=2"]).seed == 2

    def test_a_backbones_name_alone_is_enough(self):
        job = make_job(dict(SMALLEST), ["pipeline.single.backbone=resnet"])
        assert job.pipeline.single.backbone == ResNetConfig()

    @pytest.mark.parametrize(("changes", "told"), [
        (["pipeline.single.backbone=resnett"], "backbone.kind' cannot be used: input should be one of 'unet', 'leap'"),
        (["pipeline.single.backbone={kind: resnet, output_stride: 64}"], "output_stride' cannot be used"),
        (["pipeline.single.backbone={kind: hourglass, output_stride: 2}"],
         "backbone' cannot be used: output_stride must be from 4 to 64"),
        (["pipeline.single.backbone={output_stride: 64, max_stride: 32}"], "output_stride at most max_stride"),
        (["pipeline.kind=bottom-up", "pipeline.bottom_up.edge_stride=3"], "strides 4, 8, 16, 32, none at 3")])
    def test_a_network_that_cannot_be_is_refused_in_words(self, changes, told):
        with pytest.raises(JobError) as refusal:
            make_job(dict(SMALLEST), changes)
        assert told in str(refusal.value)

    @pytest.mark.parametrize("change", ["seed", "seed=[1", "labels.x=1", "pipeline.kind.x=1"])
    def test_what_is_no_change_is_refused(self, change):
        with pytest.raises(JobError, match="is not a change of a setting"):
            make_job(dict(SMALLEST), [change])

    @pytest.mark.parametrize(
        ("change", "setting"),
        [("sed=1", "sed"), ("optimizer.rate=1", "optimizer.rate"), ("minutes=-1", "minutes"), ("epochs=0", "epochs"),
         ("images=purple", "images"), ("pipeline.single.backbone.max_stride=3", "max_stride"),
         ("pipeline=single", "pipeline"), ("split.validation=1.5", "split.validation")])
    def test_a_setting_that_does_not_exist_or_fit_is_named(self, change, setting):
        with pytest.raises(JobError) as refusal:
            make_job(dict(SMALLEST), [change])
        assert setting in str(refusal.value).partition("cannot be used")[0]

    def test_it_is_named_as_it_was_written_with_the_nearest_that_exists(self):
        with pytest.raises(JobError, match=r"'pipeline\.single\.bacth' cannot be used.* the nearest is 'batch'"):
            make_job(dict(SMALLEST), ["pipeline.single.bacth=4"])

    @pytest.mark.parametrize(("kind", "change", "wrong", "nearest"), [
        ("top-down", "pipeline.anchr=1", "pipeline.anchr", "anchor"),
        ("top-down", "pipeline.centered_instance.crop_sise=1", "pipeline.centered_instance.crop_sise", "crop_size"),
        ("top-down", "pipeline.centroid.backbone.max_strid=1", "pipeline.centroid.backbone.max_strid", "max_stride"),
        ("top-down", "pipeline.centroid.augment.rotaton.degrees=1", "pipeline.centroid.augment.rotaton", "rotation"),
        ("bottom-up", "pipeline.botom_up.batch=1", "pipeline.botom_up", "bottom_up"),
        ("bottom-up", "pipeline.bottom_up.edge_wieght=1", "pipeline.bottom_up.edge_wieght", "edge_weight"),
        ("single", "pipeline.single.hard_nodes.wieght=1", "pipeline.single.hard_nodes.wieght", "weight"),
        ("single", "pipeline.single.hard_node.weight=1", "pipeline.single.hard_node", "hard_nodes"),
        ("single", "optimizer.lerning_rate=1", "optimizer.lerning_rate", "learning_rate"),
    ])
    def test_however_deep_a_misspelt_key_lies_the_nearest_is_named(self, kind, change, wrong, nearest):
        with pytest.raises(JobError) as refusal:
            make_job({"labels": "a.slp", "pipeline": {"kind": kind}}, [change])
        assert f"'{wrong}' cannot be used: it does not exist; the nearest is '{nearest}'" in str(refusal.value)

    @pytest.mark.parametrize("change", [
        "pipeline.single.backbone.output_stride=64", "pipeline.single.backbone.stem_stride=32",
        "pipeline.single.hard_nodes={least: 4, most: 3}"])
    def test_settings_that_contradict_each_other_are_refused(self, change):
        with pytest.raises(JobError, match="must") as refusal:
            make_job(dict(SMALLEST), [change])
        assert str(refusal.value).count(". ") == 2

    def test_a_job_without_labels_is_refused(self):
        with pytest.raises(JobError, match="'labels'"):
            make_job({"pipeline": {"kind": "single"}}, [])


class TestFiles:
    def test_paths_in_a_job_count_from_its_folder(self, tmp_path):
        (tmp_path / "job.yaml").write_text("labels: sub/a.slp\nvalidation: /there/b.slp\nout: ../run\nseed: 3\n")
        content = job_content(tmp_path / "job.yaml")
        assert Path(content["labels"]) == tmp_path / "sub/a.slp"
        assert Path(content["validation"]) == Path("/there/b.slp")
        assert Path(content["out"]).resolve() == tmp_path.parent / "run"
        assert content["seed"] == 3

    @pytest.mark.parametrize("content", ["", "- a\n- b", "just words", "a: [", b"\xff\xfe\x80"])
    def test_what_is_no_job_is_refused(self, tmp_path, content):
        path = tmp_path / "job.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(JobError):
            job_content(path)

    def test_a_missing_job_is_refused(self, tmp_path):
        with pytest.raises(JobError, match="Check the path"):
            job_content(tmp_path / "job.yaml")

    @pytest.mark.parametrize("value", ["5", "[a, b]", "{a: 1}"])
    def test_a_path_that_is_none_is_refused_with_the_job(self, tmp_path, value):
        (tmp_path / "job.yaml").write_text(f"labels: {value}\npipeline: {{kind: single}}\n")
        with pytest.raises(JobError, match="'labels'"):
            make_job(job_content(tmp_path / "job.yaml"), [])


class TestTrainingJob:
    def test_it_comes_back_from_yaml_as_it_was(self):
        job = make_job(dict(SMALLEST), ["pipeline.single.batch=3", "minutes=2", "split.by=block"])
        again = yaml.safe_load(yaml.safe_dump(job.model_dump(mode="json", exclude_unset=True)))
        assert TrainingJob.model_validate(again) == job
        assert TrainingJob.model_validate(job.model_dump(mode="json")) == job

    def test_it_can_be_carried_out_from_any_folder(self, monkeypatch, tmp_path):
        monkeypatch.chdir(tmp_path)
        job = make_job({**SMALLEST, "out": "run"}, [])
        assert (job.labels, job.out) == (tmp_path / "project.slp", tmp_path / "run")
