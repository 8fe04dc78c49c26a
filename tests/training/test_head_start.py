"""A training that starts from another run: with its weights, and soon without needing it."""

import json
import shutil

import numpy as np
import pytest
import torch
import yaml
from safetensors.torch import load_file

from gambol.errors import JobError, ModelError
from gambol.formats import load, save
from gambol.labels.skeleton import Skeleton
from gambol.pipelines.saved import read_stage, read_weights, stage_hash
from gambol.runs.events import Diary
from gambol.runs.layout import RunFolder
from gambol.training.begin import begun
from gambol.training.head_start import begin
from gambol.training.prepare import Prepared, prepare, read_labels
from gambol.training.run import resume, run


@pytest.fixture
def source(trained, tmp_path):
    """A copy of the geckos' run, to be spoilt."""
    return shutil.copytree(trained.run, tmp_path / "source")


@pytest.fixture
def asked(job, tiny, geckos, source):
    """A job for the geckos that starts from their earlier run; words change it."""
    usual = {"labels": geckos.labels, "pipeline": tiny["top-down"], "start_from": source}
    return lambda **changes: job(**usual | changes)


def prepared(job) -> tuple[Prepared, list]:
    made = Prepared(job, RunFolder(job.out), read_labels(job)[0])
    with begun(job, made.folder):
        return made, list(prepare(made))


def weights(folder: RunFolder, stage: str) -> dict[str, torch.Tensor]:
    return read_weights(folder.stage(stage), read_stage(folder.stage(stage))).state_dict()


def warnings(events) -> str:
    return "\n".join(event.data["text"] for event in events if event.kind == "warning")


@pytest.mark.usefixtures("short_epochs")
class TestBeforeTheFirstStep:
    def test_every_stage_has_the_weights_of_the_run(self, asked, source):
        made, events = prepared(asked())
        for name in ("centroid", "centered_instance"):
            begins, learnt = load_file(made.folder.start(name)), weights(RunFolder(source), name)
            assert begins.keys() == learnt.keys()
            assert all(torch.equal(begins[key], learnt[key]) for key in begins)
        assert "fits" not in warnings(events)

    def test_the_network_begins_with_them(self, asked, source):
        made, _ = prepared(asked())
        network = made.plans[0].stage.build()
        begin(network, made.folder, "centroid")
        learnt = weights(RunFolder(source), "centroid")
        assert all(torch.equal(tensor, learnt[name]) for name, tensor in network.state_dict().items())

    def test_without_any_the_network_stays_as_it_is(self, asked, tmp_path):
        made, _ = prepared(asked(start_from=None))
        network = made.plans[0].stage.build()
        before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
        begin(network, RunFolder(tmp_path / "none"), "centroid")
        assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())

    def test_which_weights_they_were_is_written_down(self, asked, source):
        made, _ = prepared(asked())
        resolved = yaml.safe_load(made.folder.resolved.read_text())
        found = {name: stage_hash(source / name) for name in ("centroid", "centered_instance")}
        assert resolved["start_from"]["stages"] == found
        assert resolved["start_from"]["runs"] == [str(source)]
        noted = json.loads(made.folder.environment.read_text())["started_from"]
        assert noted["centroid"] == {"path": str(source / "centroid"), "hash": found["centroid"]}

    def test_the_learning_rate_is_the_share_that_is_asked_for(self, asked, source):
        start = {"runs": source, "learning_rate": 0.25}
        made, _ = prepared(asked(start_from=start, optimizer={"learning_rate": 0.004}))
        assert yaml.safe_load(made.folder.resolved.read_text())["optimizer"]["learning_rate"] == pytest.approx(0.001)
        assert made.job.optimizer.learning_rate == pytest.approx(0.001)

    def test_nodes_of_another_order_and_name_are_told(self, asked, geckos, tmp_path, source):
        labels = load(geckos.labels)
        labels.skeleton = Skeleton((*labels.skeleton.nodes[:0:-1], "snout"))
        labels.points, labels.visible = labels.points[:, ::-1], labels.visible[:, ::-1]
        save(labels, tmp_path / "renamed.slp")
        made, events = prepared(asked(labels=tmp_path / "renamed.slp"))
        assert "the nodes snout begin untrained" in warnings(events)
        assert "of the nodes nose is not used" in warnings(events)
        begins, name = load_file(made.folder.start("centered_instance")), "heads.nodes.maps.weight"
        assert torch.equal(begins[name][0], weights(RunFolder(source), "centered_instance")[name][-1])

    def test_a_stage_that_was_not_given_begins_untrained_and_it_is_said(self, asked, source):
        made, events = prepared(asked(start_from=source / "centroid"))
        assert "centered_instance. They begin untrained" in warnings(events)
        assert not made.folder.start("centered_instance").exists()
        assert made.folder.start("centroid").is_file()

    @pytest.mark.parametrize("parts", ["all", "backbone"])
    def test_another_backbone_is_refused_before_anything_is_trained(self, asked, tiny, parts, source, tmp_path):
        other = tiny["top-down"] | {"centroid": {**tiny["top-down"]["centroid"], "backbone": {"filters": 6}}}
        with pytest.raises(JobError, match="filters 4 there and 6 here"):
            prepared(asked(pipeline=other, start_from={"runs": source, "parts": parts}))
        assert not (tmp_path / "run").exists()

    def test_a_run_of_another_pipeline_is_refused(self, asked, tiny, lone_gecko):
        with pytest.raises(JobError, match="nothing in common") as refusal:
            prepared(asked(labels=lone_gecko.labels, pipeline=tiny["single"]))
        assert "stages centered_instance, centroid, and this one trains single" in str(refusal.value)

    def test_heads_that_know_none_of_the_nodes_are_refused(self, asked, lone_gecko, tiny, job, tmp_path):
        list(run(job(out=tmp_path / "lone")))
        labels = load(lone_gecko.labels)
        labels.skeleton = Skeleton(tuple(f"other {number}" for number in range(len(labels.skeleton))))
        save(labels, tmp_path / "renamed.slp")
        start = {"runs": tmp_path / "lone", "parts": "heads"}
        with pytest.raises(JobError, match="none of its heads fits in single"):
            prepared(asked(labels=tmp_path / "renamed.slp", pipeline=tiny["single"], start_from=start))

    def test_other_weights_than_the_job_says_are_refused(self, asked, source):
        with pytest.raises(ModelError, match="other weights than the job says"):
            prepared(asked(start_from={"runs": source, "stages": {"centroid": "0" * 64}}))

    @pytest.mark.parametrize("spoilt", ["weights.safetensors", "model.yaml"])
    def test_a_pickle_in_the_place_of_a_model_is_refused_unopened(self, asked, source, spoilt):
        (source / "centroid" / spoilt).write_bytes(b"\x80\x04cos\nsystem\n(S'false'\ntR.")
        with pytest.raises(ModelError, match="cannot be read"):
            prepared(asked())

    def test_weights_of_another_network_are_refused(self, asked, source):
        shutil.copy(source / "centered_instance" / "weights.safetensors", source / "centroid")
        with pytest.raises(ModelError, match="are not those of a network such as"):
            prepared(asked())


@pytest.mark.usefixtures("short_epochs")
class TestTraining:
    @pytest.fixture(autouse=True)
    def unscored(self, monkeypatch):
        """Nothing is predicted and scored at the end, which would take most of the time."""
        monkeypatch.setattr("gambol.training.run.finish", lambda prepared: iter(()))

    def test_it_begins_where_the_run_ended(self, asked):
        first = {}
        for start in (None, asked().start_from):
            events = list(run(asked(start_from=start, overwrite=True)))
            first[start is None] = next(event.data["train_loss"] for event in events if event.kind == "epoch")
        assert first[False] < 0.7 * first[True]

    @pytest.mark.parametrize("when", [("build", "centroid"), ("epoch", "centroid"), ("build", "centered_instance")])
    def test_stopped_anywhere_it_goes_on_bit_for_bit_without_the_run(self, asked, source, tmp_path, monkeypatch, when):
        whole, folder = (RunFolder(tmp_path / name) for name in ("whole", "run"))
        list(run(asked(out=whole.path, epochs=2)))
        stopped(asked(out=folder.path, epochs=2), when, monkeypatch)
        shutil.rmtree(source)
        list(resume(folder.path))
        for stage in ("centroid", "centered_instance"):
            one, other = weights(whole, stage), weights(folder, stage)
            assert all(torch.equal(one[name], other[name]) for name in one)

    def test_when_it_is_finished_nothing_but_its_own_weights_is_kept(self, asked):
        made = RunFolder(asked().out)
        list(run(asked()))
        assert not made.start("centroid").exists()
        assert not made.start("centered_instance").exists()


def stopped(job, when, monkeypatch) -> None:
    """Train until an event of this kind or phase in this stage comes, and be killed there."""
    class Killed(BaseException):
        pass

    def dying(diary, event):
        if (event.data.get("phase", event.kind), event.stage) == when:
            raise Killed
        return write(diary, event)

    write = Diary.write
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Diary, "write", dying)
        patch.setattr("gambol.training.begin._take_back", lambda *_: None)
        list(run(job))


def test_the_same_labels_and_seed_begin_alike(asked, tmp_path):
    made = [prepared(asked(out=tmp_path / name, start_from={"runs": asked().start_from.runs, "parts": "backbone"}))[0]
            for name in ("a", "b")]
    one, other = (load_file(each.folder.start("centroid")) for each in made)
    assert all(np.array_equal(one[name], other[name]) for name in one)
