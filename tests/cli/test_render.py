"""`gambol render`: what it says, what it leaves, and what it refuses."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import cv2
import numpy as np
import pytest

from gambol.formats import load, save
from gambol.labels.skeleton import Skeleton
from gambol.video.reader import open_video
from gambol.video.source import VideoSource

GAMBOL = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # as in a terminal, however the tests were started
from gambol.cli import main
main()
"""


@pytest.fixture
def project(geckos, tmp_path):
    """A project on disk: the geckos' labels with something about them changed."""

    def make(**changes):
        save(replace(load(geckos.labels), **{**changes, "origin": None}), tmp_path / "project.slp")
        return tmp_path / "project.slp"

    return make


def spoilt(kind, whole, path):
    """A file in which something is wrong: gone, empty, cut short, or not what its name says."""
    content = whole.read_bytes()
    wrong = {"missing": None, "empty": b"", "truncated": content[: len(content) // 2],
             "something else": b"Dear diary, today I saw two geckos.\n" * 200}[kind]
    if wrong is not None:
        path.write_bytes(wrong)
    return path


WRONG = pytest.mark.parametrize("kind", ["missing", "empty", "truncated", "something else"])


class TestRender:
    def test_it_leaves_a_film_and_says_how_fast_and_where(self, command, geckos, tmp_path):
        outcome = command("render", geckos.truth, "-o", tmp_path / "film.mp4", "--trail", 5, "--names")
        assert outcome.code == 0, outcome.err
        assert "30 frames in" in outcome.out and f"The video is {tmp_path / 'film.mp4'}" in outcome.out
        with open_video(tmp_path / "film.mp4") as film:
            assert len(film) == 30

    def test_options_reach_the_picture(self, command, geckos, tmp_path):
        pictures = {}
        options = {
            "plain": [], "node": ["--colour", "node"], "palette": ["--palette", "standard"], "trail": ["--trail", 20],
            "trail node": ["--trail", 20, "--trail-node", "nose"], "line": ["--line", 4], "nodes": ["--node", 6],
            "hollow": ["--hollow", "--node", 5], "opacity": ["--opacity", 0.4], "names": ["--names"],
            "labels": ["--labels"], "ground": ["--ground", "white"], "no line": ["--line", 0],
        }
        for number, (name, words) in enumerate(options.items()):
            path = tmp_path / f"{number}.png"
            outcome = command("render", geckos.truth, "-o", path, "--frames", 20, "--scale", 4, *words)
            assert outcome.code == 0, outcome.err
            pictures[name] = cv2.imread(str(path)).tobytes()
        assert len(set(pictures.values())) == len(options)

    def test_a_warning_does_not_stop_it(self, command, geckos, tmp_path):
        labels = replace(load(geckos.truth), origin=None)
        labels.track[:] = -1
        save(labels, tmp_path / "untracked.slp")
        outcome = command("render", tmp_path / "untracked.slp", "-o", tmp_path / "out.png", "--trail", 9)
        assert outcome.code == 0 and "no trail is drawn" in outcome.out

    def test_it_replaces_a_result_only_if_asked(self, command, refused, geckos, tmp_path):
        (tmp_path / "out.png").write_text("an earlier result")
        assert "exists already" in refused("render", geckos.truth, "-o", tmp_path / "out.png")
        assert command("render", geckos.truth, "-o", tmp_path / "out.png", "--overwrite").code == 0
        assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")

    def test_it_needs_no_torch(self, geckos, tmp_path):
        code = "import atexit, sys; atexit.register(lambda: print('torch' in sys.modules)); " \
               "from gambol.cli import main; main()"
        words = ["render", str(geckos.truth), "-o", str(tmp_path / "out.png"), "--names"]
        result = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True)
        assert result.returncode == 0 and result.stdout.endswith("False\n"), result


class TestRefusals:
    @WRONG
    def test_files(self, refused, geckos, tmp_path, kind):
        assert "bad.slp" in refused("render", spoilt(kind, geckos.labels, tmp_path / "bad.slp"))

    @WRONG
    def test_videos(self, refused, project, geckos, tmp_path, kind):
        path = project(videos=[VideoSource(spoilt(kind, geckos.video, tmp_path / "bad.mp4"))])
        assert "bad.mp4" in refused("render", path)

    def test_other_files_than_projects(self, refused, geckos):
        assert "no format that gambol reads" in refused("render", geckos.video)

    def test_projects_with_nothing_to_draw(self, refused, project, geckos):
        labels = load(geckos.labels)
        assert "bare video" in refused("render", project(visible=np.zeros_like(labels.visible)))
        assert "bare video" in refused("render", project(points=np.full_like(labels.points, np.nan)))
        assert "has no predicted animals" in refused("render", geckos.labels, "--only", "predicted")
        nobody = labels.select_frames(np.zeros(len(labels), bool))
        path = project(**{name: getattr(nobody, name) for name in vars(nobody) if name[0] != "_"})
        assert "bare video" in refused("render", path)

    def test_two_skeletons(self, refused, geckos, tmp_path):
        import sleap_io as sio

        video = sio.Video(filename=str(geckos.video), open_backend=False)
        frames = []
        for number, names in enumerate((["a", "b"], ["c", "d"])):
            skeleton = sio.Skeleton([sio.Node(name) for name in names], name=f"skeleton-{number}")
            animal = sio.Instance.from_numpy(np.array([[1.0, 2.0], [3.0, 4.0]]), skeleton)
            frames.append(sio.LabeledFrame(video=video, frame_idx=number, instances=[animal]))
        sio.Labels(frames).save(str(tmp_path / "two.slp"), embed=False, verbose=False)
        assert "has 2 skeletons" in refused("render", tmp_path / "two.slp")

    @pytest.mark.parametrize("frames", ["30", "0-500", "0-99999999999", "many"])
    def test_frames_that_are_not_there(self, refused, geckos, tmp_path, frames):
        refused("render", geckos.truth, "-o", tmp_path / "out.mp4", "--frames", frames)

    @pytest.mark.parametrize(
        "words", [("--video", "2"), ("--part", "0,0,900,900"), ("--trail-node", "wing"), ("--scale", "0.01"),
                  ("--scale", "16", "--part", "0,0,80,64", "-o", "picture.gif")])
    def test_what_cannot_be_drawn(self, refused, geckos, tmp_path, words):
        refused("render", geckos.truth, *([] if "-o" in words else ["-o", tmp_path / "out.mp4"]), *words)

    @pytest.mark.parametrize("name", ["out.mp4", "out.png"])
    def test_places_that_cannot_be_written(self, refused, geckos, tmp_path, name):
        (tmp_path / "file").write_text("a file")
        assert "could not be written" in refused("render", geckos.truth, "-o", tmp_path / "file" / name)
        (tmp_path / name).mkdir()
        assert "is a folder" in refused("render", geckos.truth, "-o", tmp_path / name, "--overwrite")

    def test_the_video_itself_as_the_result(self, refused, geckos, tmp_path):
        own = tmp_path / "own.mp4"
        own.write_bytes(geckos.video.read_bytes())
        save(replace(load(geckos.truth), videos=[VideoSource(own)], origin=None), tmp_path / "own.slp")
        assert "The recording would be lost" in refused("render", tmp_path / "own.slp", "-o", own, "--overwrite")

    def test_a_disk_that_is_too_small(self, refused, geckos, tmp_path):
        disk = tmp_path / "disk"
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", str(disk)]
        if not sys.platform.startswith("linux") or subprocess.run(mount, capture_output=True).returncode:
            pytest.skip("needs to mount a small disk: Linux, as root")
        try:
            for name in ("out.mp4", "out.png"):
                assert "The disk is full" in refused("render", geckos.truth, "-o", disk / name)
        finally:
            subprocess.run(["umount", "--lazy", str(disk)], check=True)

    def test_nodes_of_one_name_do_no_harm(self, command, project, geckos, tmp_path):
        nodes = load(geckos.labels).skeleton.nodes
        path = project(skeleton=Skeleton(("nose", *nodes[:-1])))
        assert command("render", path, "-o", tmp_path / "out.png", "--labels").code == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT between processes")
def test_ctrl_c_ends_it_with_130_and_leaves_nothing(geckos, tmp_path):
    words = ["render", str(geckos.truth), "-o", str(tmp_path / "out.mp4"), "--scale", "16", "--frames", "0-29"]
    process = subprocess.Popen(
        [sys.executable, "-c", GAMBOL, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        end = time.monotonic() + 100
        while not any(tmp_path.iterdir()) and time.monotonic() < end and process.poll() is None:
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=100)
    finally:
        process.kill()
    assert process.returncode == 130, (out, err)
    assert "Traceback" not in err and not any(tmp_path.iterdir())
