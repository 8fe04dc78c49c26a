"""What a job would train and why, and the command that says all of it."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from gambol.errors import LabelsError
from gambol.formats import load, save
from gambol.runs.events import Event
from gambol.training.compose import ASKED, Composed, compose
from gambol.training.explain import explain
from gambol.training.job import make_job
from gambol.training.scene import look

KINDS = "single", "top-down", "bottom-up"


def because(explanation, setting: str) -> str:
    """The reason for a setting."""
    [text] = [reason.because for reason in explanation.reasons if reason.setting == setting]
    return text


def asked_again(explanation, monkeypatch, command):
    """The job that the explanation's command asks for."""
    jobs = []

    def run(job):
        jobs.append(job)
        yield Event("finished", None, {"run": "run", "metrics": {}})

    monkeypatch.setattr("gambol.training.run.run", run)
    assert command(*explanation.command[1:]).code == 0
    return jobs[0]


class TestReasons:
    @pytest.mark.parametrize("kind", KINDS)
    def test_every_setting_that_follows_from_the_labels_is_there_with_its_value(self, geckos, kind):
        job = make_job({"labels": geckos.labels, "pipeline": {"kind": kind}, "device": "cpu"})
        explanation, seen = explain(Composed.of(job)), look(job)
        values = {reason.setting: reason.value for reason in explanation.reasons}
        for plan in job.pipeline.plan(seen.labels, seen.channels, seen.frame):
            path = f"pipeline.{plan.stage.name}"
            assert values[f"{path}.scale"] == plan.stage.view.scale
            assert values[f"{path}.sigma"] == next(iter(plan.stage.heads.values())).sigma
            assert values[f"{path}.batch"] == plan.batch
            assert values[f"{path}.backbone.max_stride"] == plan.stage.backbone.max_stride
            assert values[f"{path}.augment.rotation.degrees"] == list(plan.augment.rotation.degrees)
            assert values[f"{path}.augment.flip.probability"] == 0
        assert len(values) == len(explanation.reasons)  # each once

    def test_it_tells_the_numbers_that_it_has_seen(self, geckos):
        explanation = explain(compose({"labels": geckos.labels, "device": "cpu"}, "auto"))
        assert "80 x 64 px, grey" in explanation.seen[1]
        assert "9 of 9 labelled frames" in because(explanation, "pipeline.kind")
        assert "px long" in because(explanation, "pipeline.centroid.scale")
        assert "°" in because(explanation, "pipeline.centroid.augment.rotation.degrees")

    def test_what_was_asked_for_is_told_so_also_what_no_label_tells(self, geckos):
        changes = ["pipeline.centered_instance.crop_size=50", "pipeline.centroid.scale=0.5", "minutes=2", "images=rgb",
                   "pipeline.centered_instance.peak_weight=5"]
        explanation = explain(compose({"labels": geckos.labels, "device": "cpu"}, "auto", changes))
        for setting in ("pipeline.centroid.scale", "minutes", "images", "pipeline.centered_instance.peak_weight"):
            assert because(explanation, setting) == ASKED
        assert because(explanation, "pipeline.centered_instance.crop_size").startswith(f"{ASKED}: 50")

    def test_what_a_recipe_says_is_told_so(self, geckos):
        explanation = explain(compose({"labels": geckos.labels, "device": "cpu"}, "top-down.large"))
        assert "top-down.large" in because(explanation, "pipeline.centered_instance.backbone.max_stride")

    def test_a_job_made_in_python_is_explained_as_well(self, geckos):
        pipeline = {"kind": "top-down", "centered_instance": {"crop_size": 80}}
        explanation = explain(Composed.of(make_job({"labels": geckos.labels, "pipeline": pipeline, "device": "cpu"})))
        assert because(explanation, "pipeline.centered_instance.crop_size") == ASKED

    def test_doubts_are_told_as_a_training_tells_them(self, geckos, tmp_path):
        labels = load(geckos.labels)
        labels.visible[:, 2] = False
        save(labels, tmp_path / "labels.slp")
        job = make_job({"labels": tmp_path / "labels.slp", "pipeline": {"kind": "single"}, "device": "cpu"})
        texts = " ".join(explain(Composed.of(job)).warnings)
        assert f"The node {labels.skeleton.nodes[2]} is labelled in none" in texts
        assert "show more than one animal" in texts


class TestCommand:
    @pytest.mark.parametrize("recipe", ["auto", "single.small", "top-down", "bottom-up.large"])
    def test_it_asks_for_the_same_training(self, geckos, recipe, monkeypatch, command):
        content = {"labels": geckos.labels, "device": "cpu", "seed": 4, "overwrite": True}
        composed = compose(content, recipe, ["split.validation=0.3", "optimizer.learning_rate=0.002"])
        again = asked_again(explain(composed), monkeypatch, command)
        seen = look(composed.job)
        plans = [job.pipeline.plan(seen.labels, seen.channels, seen.frame) for job in (composed.job, again)]
        assert plans[0] == plans[1]
        rest = {"pipeline", "images", "epochs"}  # which it spells out
        assert again.model_dump(exclude=rest) == composed.job.model_dump(exclude=rest)
        assert (again.images, again.epochs) == ("grey", 100)

    def test_it_leaves_nothing_to_the_labels(self, geckos, lone_gecko, monkeypatch, command):
        composed = compose({"labels": geckos.labels, "device": "cpu"}, "top-down")
        again, large = asked_again(explain(composed), monkeypatch, command), look(composed.job)
        points = large.labels.points * 1.3
        other = again.pipeline.plan(replace(large.labels, points=points), 1, (999, 999))
        assert other == composed.job.pipeline.plan(large.labels, 1, large.frame)

    def test_a_path_with_spaces_survives_the_shell(self, geckos, tmp_path):
        folder = tmp_path / "two words"
        folder.mkdir()
        save(load(geckos.labels), folder / "labels.slp")
        line = explain(compose({"labels": folder / "labels.slp", "device": "cpu"}, "auto")).command_line
        assert f"'{folder / 'labels.slp'}'" in line


class TestExplain:
    def test_as_data_it_is_json(self, geckos):
        data = explain(compose({"labels": geckos.labels, "device": "cpu"}, "auto")).as_json()
        assert json.loads(json.dumps(data)) == data
        assert data["reasons"][0]["setting"] == "pipeline.kind"
        assert data["command"][:2] == ["gambol", "train"]

    def test_labels_that_a_training_would_refuse_are_refused(self, tmp_path):
        with pytest.raises(LabelsError):
            explain(Composed.of(make_job({"labels": tmp_path / "missing.slp", "pipeline": {"kind": "single"}})))

    def test_it_needs_no_torch(self, geckos):
        code = (
            "import sys; from gambol.cli import app; "
            f"app(['train', '--labels', {str(geckos.labels)!r}, '--recipe', 'auto', '--device', 'cpu', '--explain'], "
            "standalone_mode=False); assert 'torch' not in sys.modules")
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
