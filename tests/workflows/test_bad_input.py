"""Bad input: refused with exit code 2 and three sentences, and nothing half-written stays behind."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from gambol.formats import load, save
from gambol.labels.columns import Columns
from gambol.labels.skeleton import Skeleton
from gambol.video.source import VideoSource


@pytest.fixture
def labels(geckos) -> Columns:
    """The geckos' labels, to be spoilt."""
    return load(geckos.labels)


@pytest.fixture
def project(labels, tmp_path) -> Callable[..., Path]:
    """A project on disk: the geckos' labels with something about them changed."""

    def make(**changes: object) -> Path:
        save(replace(labels, **{**changes, "origin": None}), tmp_path / "project.slp")
        return tmp_path / "project.slp"

    return make


@pytest.fixture(params=["top-down", "bottom-up"])
def train(refused, tmp_path, request) -> Callable[..., str]:
    """Train on a project; it has to be refused, whatever the pipeline."""
    return lambda labels, *words: refused(
        "train", "--labels", labels, "--pipeline", request.param, "--epochs", 1, "--device", "cpu",
        *([] if "--out" in words else ["--out", tmp_path / "run"]), *words)


@pytest.fixture
def predict(refused, trained, tmp_path) -> Callable[..., str]:
    """Predict a file with the tiny model; it has to be refused."""
    return lambda source, *words: refused(
        "predict", source, "-m", trained.run, "--device", "cpu",
        *([] if "-o" in words else ["-o", tmp_path / "out.slp"]), *words)


def spoilt(kind: str, whole: Path, path: Path) -> Path:
    """A file in which something is wrong: gone, empty, cut short, or not what its name says."""
    content = whole.read_bytes()
    wrong = {"missing": None, "empty": b"", "truncated": content[: len(content) // 2],
             "something else": b"Dear diary, today I saw two geckos.\n" * 200}[kind]
    if wrong is not None:
        path.write_bytes(wrong)
    return path


WRONG = pytest.mark.parametrize("kind", ["missing", "empty", "truncated", "something else"])


@WRONG
class TestFiles:
    def test_a_project_to_train_on(self, train, geckos, tmp_path, kind):
        assert "bad.slp" in train(spoilt(kind, geckos.labels, tmp_path / "bad.slp"))

    def test_labels_to_validate_on(self, train, geckos, tmp_path, kind):
        assert "bad.slp" in train(geckos.labels, "--val", spoilt(kind, geckos.labels, tmp_path / "bad.slp"))

    def test_the_video_of_a_project_to_train_on(self, train, project, geckos, tmp_path, kind):
        video = spoilt(kind, geckos.video, tmp_path / "bad.mp4")
        assert "bad.mp4" in train(project(videos=[VideoSource(video)]))

    def test_a_video_to_predict(self, predict, geckos, tmp_path, kind):
        assert "bad.mp4" in predict(spoilt(kind, geckos.video, tmp_path / "bad.mp4"))

    def test_a_project_to_predict(self, predict, geckos, tmp_path, kind):
        assert "bad.slp" in predict(spoilt(kind, geckos.labels, tmp_path / "bad.slp"))

    def test_the_video_of_a_project_to_predict(self, predict, project, geckos, tmp_path, kind):
        video = spoilt(kind, geckos.video, tmp_path / "bad.mp4")
        assert "bad.mp4" in predict(project(videos=[VideoSource(video)]))

    def test_truth_and_predictions_to_compare(self, refused, geckos, tmp_path, kind):
        bad = spoilt(kind, geckos.labels, tmp_path / "bad.slp")
        assert "bad.slp" in refused("evaluate", bad, geckos.labels)
        assert "bad.slp" in refused("evaluate", geckos.labels, bad)


class TestProjects:
    @pytest.mark.parametrize(("edges", "fault"), [
        (lambda edges: edges[1:], "no edge connects"), (lambda edges: (*edges, (1, 0)), "closes a ring"),
    ])
    def test_whose_edges_are_not_a_tree(self, refused, project, labels, tmp_path, edges, fault):
        path = project(skeleton=replace(labels.skeleton, edges=edges(labels.skeleton.edges)))
        words = "--epochs", 1, "--device", "cpu", "--out", tmp_path / "run"
        assert fault in refused("train", "--labels", path, "--pipeline", "bottom-up", *words)

    def test_without_labels(self, train, project, labels):
        nobody = labels.select_frames(np.zeros(len(labels), bool))
        path = project(**{name: getattr(nobody, name) for name in vars(nobody) if name[0] != "_"})
        assert "nothing to train on" in train(path)

    def test_with_nothing_visible(self, train, project, labels):
        text = train(project(points=np.full_like(labels.points, np.nan), visible=np.zeros_like(labels.visible)))
        assert "All points are missing" in text

    def test_with_a_node_that_nobody_labelled(self, command, project, labels, tmp_path):
        visible = labels.visible.copy()
        visible[:, 3] = False
        path, name = project(visible=visible), labels.skeleton.nodes[3]
        outcome = command("train", "--labels", path, "--pipeline", "top-down", "--device", "cpu", "--explain")
        assert outcome.code == 0, outcome.err
        assert f"The node {name} is labelled in none" in outcome.out

    def test_with_two_nodes_of_one_name(self, train, project, labels):
        nodes = ("nose", *labels.skeleton.nodes[:-1])
        assert "more than one node called nose" in train(project(skeleton=replace(labels.skeleton, nodes=nodes)))

    def test_with_two_skeletons(self, train, predict, tmp_path, geckos):
        import sleap_io as sio

        video = sio.Video(filename=str(geckos.video), open_backend=False)
        frames = []
        for number, names in enumerate((["a", "b"], ["c", "d"])):
            skeleton = sio.Skeleton([sio.Node(name) for name in names], name=f"skeleton-{number}")
            animal = sio.Instance.from_numpy(np.array([[1.0, 2.0], [3.0, 4.0]]), skeleton)
            frames.append(sio.LabeledFrame(video=video, frame_idx=number, instances=[animal]))
        sio.Labels(frames).save(str(tmp_path / "two.slp"), embed=False, verbose=False)
        assert "has 2 skeletons" in train(tmp_path / "two.slp")
        assert "has 2 skeletons" in predict(tmp_path / "two.slp")

    def test_whose_skeleton_is_not_the_models(self, predict, project, labels):
        other = Skeleton(("snout", *labels.skeleton.nodes[1:]))
        assert "only in the model: nose" in predict(project(skeleton=other))

    def test_whose_labels_lie_beyond_the_video(self, train, project, labels):
        assert "Frame 9027" in train(project(frame_index=np.append(labels.frame_index[:-1], 9027)))


class TestJobs:
    """Impossible combinations; what is explained is refused as what is trained."""

    @pytest.fixture(params=[[], ["--explain"]], ids=["trained", "explained"])
    def ask(self, refused, geckos, tmp_path, request) -> Callable[..., str]:
        return lambda kind, *changes: refused(
            "train", "--labels", geckos.labels, "--pipeline", kind, "--epochs", 1, "--device", "cpu",
            "--out", tmp_path / "run", *request.param, *(word for one in changes for word in ("--set", one)))

    @pytest.mark.parametrize(("kind", "changes", "said"), [
        ("top-down", ["centroid.backbone.max_strid=8"], "the nearest is 'max_stride'"),
        ("top-down", ["centroid.backbone.output_stride=32"], "output_stride at most max_stride"),
        ("bottom-up", ["bottom_up.edge_stride=64"], "has features at the strides 4, 8, 16, 32, none at 64"),
        ("bottom-up", ["bottom_up.backbone.max_stride=64", "bottom_up.window=32"], "largest stride is 64 px"),
        ("top-down", ["centered_instance.crop_size=16"], "cuts every labelled animal"),
        ("top-down", ["centered_instance.backbone.max_stride=64", "centered_instance.crop_size=48"],
         "largest stride is 64 px"),
        ("top-down", ["anchor=knee"], "'knee' is not a node"),
    ])
    def test_that_cannot_be(self, ask, kind, changes, said):
        assert said in ask(kind, *(f"pipeline.{change}" for change in changes))

    def test_of_a_recipe_that_does_not_exist(self, refused, geckos):
        assert "bottom-up.large" in refused("train", "--labels", geckos.labels, "--recipe", "huge", "--explain")


class TestVideosThatMoved:
    def test_are_found_by_whoever_does_what_the_refusal_says(
        self, predict, command, project, geckos, trained, tmp_path, monkeypatch
    ):
        folders = tmp_path / "settings" / "prefixes.json"
        monkeypatch.setenv("GAMBOL_PREFIXES", str(folders))
        moved = project(videos=[VideoSource(Path("/gone/day 3") / geckos.video.name)])
        told = predict(moved)
        assert str(folders) in told and geckos.video.name in told
        line = told.strip().rstrip(".").rpartition("projects: ")[2]
        folders.parent.mkdir()
        folders.write_text(line.replace("the folder where it is now", geckos.video.parent.as_posix()))
        outcome = command("predict", moved, "-m", trained.run, "--device", "cpu", "--on", "labelled",
                          "-o", tmp_path / "out.slp")
        assert outcome.code == 0, outcome.err
        assert load(tmp_path / "out.slp").videos[0].path == geckos.video


class TestFrames:
    @pytest.mark.parametrize("frames", ["30", "0-500", "0-99999999999"])
    def test_that_the_video_does_not_have(self, predict, geckos, frames):
        assert "Frame 30 was asked for" in predict(geckos.video, "--frames", frames)

    @pytest.mark.parametrize("words", [("--frames", "many"), ("--on", "most"), ("--on", "suggested")])
    def test_that_nobody_can_name(self, predict, geckos, words):
        predict(geckos.video, *words)


class TestModels:
    def test_that_are_not_there(self, refused, geckos, tmp_path):
        assert "holds no trained stage" in refused("predict", geckos.video, "-m", tmp_path / "run")

    def test_of_which_a_stage_is_missing(self, refused, geckos, trained, tmp_path):
        text = refused("predict", geckos.video, "-m", trained.run / "centroid", "-o", tmp_path / "out.slp")
        assert "do not make a pipeline" in text

    @pytest.fixture
    def edited(self, trained, tmp_path) -> Callable[..., Path]:
        """A copy of the run in which one stage's settings were edited."""
        def make(**changes: object) -> Path:
            run = Path(shutil.copytree(trained.run, tmp_path / "run"))
            file = run / "centroid" / "model.yaml"
            file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | changes))
            return run

        return make

    @pytest.mark.parametrize("engine", ["openvino", "torch"])
    def test_whose_backbone_was_swapped(self, refused, geckos, edited, small_backbones, tmp_path, engine):
        changed = small_backbones["resnet"] | {"output_stride": 4}
        text = refused("predict", geckos.video, "-m", edited(backbone=changed), "-o", tmp_path / "out.slp",
                       "--device", "cpu", "--engine", engine)
        assert "are not those of a network such as model.yaml beside them describes (resnet)" in text

    def test_whose_maps_are_finer_than_their_backbone_gives(self, refused, geckos, edited, trained, tmp_path):
        backbone = yaml.safe_load((trained.run / "centroid" / "model.yaml").read_text())["backbone"]
        run = edited(backbone=backbone | {"output_stride": 8})
        assert "features at the strides 8, none at 4" in refused("predict", geckos.video, "-m", run)

    def test_whose_stage_leads_out_of_the_folder(self, refused, geckos, edited, tmp_path):
        run = edited(name="../../elsewhere")
        assert "'../../elsewhere' is not a word" in refused("predict", geckos.video, "-m", run)

    @pytest.mark.parametrize("name", ["best.ckpt", "model.pth"])
    def test_that_are_pickles(self, refused, geckos, edited, tmp_path, name):
        run = edited()
        (run / "centroid" / name).write_bytes(b"cos\nsystem\n(S'touch ran'\ntR.")
        for path in (run, run / "centroid", run / "centroid" / name):
            assert f"{name} is not a file of gambol's" in refused("predict", geckos.video, "-m", path)


class TestOutputs:
    """Tests may run as root, who may write everywhere: so folders stand where files should be, and the reverse."""

    def test_below_a_file(self, train, predict, refused, geckos, trained, tmp_path):
        (tmp_path / "file").write_text("a file")
        assert "could not be written" in train(geckos.labels, "--out", tmp_path / "file" / "run")
        assert "could not be written" in predict(geckos.video, "-o", tmp_path / "file" / "out.slp")
        pair = trained.run / "labels.val.slp", trained.run / "predictions.val.slp"
        assert "could not be written" in refused("evaluate", *pair, "--json", tmp_path / "file" / "figures.json")
        assert "could not be written" in refused("evaluate", *pair, "--figure", tmp_path / "file" / "picture.png")

    @pytest.mark.parametrize("overwrite", [[], ["--overwrite"]])
    def test_where_a_folder_is(self, predict, geckos, tmp_path, overwrite):
        (tmp_path / "out.slp").mkdir()
        assert "is a folder" in predict(geckos.video, *overwrite)

    def test_that_exist(self, train, predict, geckos, tmp_path):
        (tmp_path / "out.slp").write_text("an earlier result")
        assert "exists already" in predict(geckos.video)
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / "weights").write_text("precious")
        assert "exists already" in train(geckos.labels)

    def test_that_are_the_input(self, predict, geckos, tmp_path):
        (tmp_path / "own.slp").write_bytes(geckos.labels.read_bytes())
        assert "Its labels would be lost" in predict(tmp_path / "own.slp", "-o", tmp_path / "own.slp", "--overwrite")


class TestDisks:
    @pytest.fixture
    def small_disk(self, tmp_path):
        """A disk of 16 kB."""
        disk = tmp_path / "disk"
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(disk)]
        if not sys.platform.startswith("linux") or subprocess.run(mount, capture_output=True).returncode:
            pytest.skip("needs to mount a small disk: Linux, as root")
        yield disk
        subprocess.run(["umount", "--lazy", str(disk)], check=True)

    def test_that_are_too_small_for_predictions(self, command, geckos, trained, small_disk, monkeypatch):
        """What was finished stays, and the same command goes on when there is room."""
        monkeypatch.setattr("gambol.inference.collect.SECONDS", 0)  # a part for each block of 16 frames
        words = ["predict", geckos.video, "-m", trained.run, "-o", small_disk / "out.slp", "--device", "cpu",
                 "--threshold", 0, "--animal-threshold", 0.001, "--animals", 1]
        outcome = command(*words)
        assert (outcome.code, len(outcome.sentences)) == (2, 3), outcome
        assert "The disk is full" in outcome.err
        assert "The 16 frames that were finished stay there" in outcome.err
        subprocess.run(["mount", "-o", "remount,size=1m", str(small_disk)], check=True)
        outcome = command(*words)
        assert outcome.code == 0, outcome
        assert "16 frames were there already" in outcome.out
        assert [path.name for path in small_disk.iterdir()] == ["out.slp"]

    def test_that_are_too_small_for_a_run(self, train, geckos, small_disk):
        assert "The disk is full" in train(geckos.labels, "--out", small_disk / "run")

    def test_that_are_full_before_figures_are_written(self, refused, trained, small_disk):
        (small_disk / "filler").write_bytes(b"x" * 16_000)
        pair = trained.run / "labels.val.slp", trained.run / "predictions.val.slp"
        refused("evaluate", *pair, "--figure", small_disk / "picture.png")
