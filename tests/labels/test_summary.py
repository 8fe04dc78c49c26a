"""What a project holds, in figures."""

import json
from dataclasses import replace

import numpy as np
import pytest

from gambol.labels.columns import PREDICTED, empty_columns
from gambol.labels.summary import project_facts
from gambol.video.fingerprint import fingerprint
from gambol.video.source import VideoSource
from gambol.video.writer import VideoWriter


@pytest.fixture
def path(tmp_path):
    """Where the project lies; only its size is looked at."""
    (tmp_path / "beetles.slp").write_bytes(b"x" * 77)
    return tmp_path / "beetles.slp"


@pytest.fixture
def walk(tmp_path):
    """The first video of the beetles, beside the project; the second is nowhere."""
    with VideoWriter(tmp_path / "walk.mp4", 20, (16, 32)) as film:
        for _ in range(12):
            film.write(np.zeros((16, 32, 1), np.uint8))
    return tmp_path / "walk.mp4"


class TestProjectFacts:
    def test_frames_and_animals_are_counted(self, beetles, path):
        facts = project_facts(beetles, path)
        assert (facts["kind"], facts["bytes"]) == ("project", 77)
        assert facts["instances"] == {"user": 4, "predicted": 3}
        assert facts["frames"] == {
            "labelled": 5, "with_user": 3, "with_predicted": 2, "without_animals": 2, "share_without_animals": 0.4,
            "marked_empty": 1}
        assert facts["suggestions"] == 1
        json.dumps(facts)

    def test_an_animal_counts_once_if_it_was_predicted_and_corrected(self, beetles, path):
        assert project_facts(beetles, path)["animals_per_frame"] == {"0": 2, "1": 1, "2": 2}

    def test_nodes_are_those_of_visible_animals(self, beetles, path):
        facts = project_facts(beetles, path)
        assert facts["visible_nodes"] == {"nose": 1.0, "left": 1.0, "right": 0.8}
        assert facts["skeleton"] == {
            "name": "beetle", "nodes": ["nose", "left", "right"], "edges": [["nose", "left"], ["nose", "right"]],
            "symmetries": [["left", "right"]]}

    def test_tracks_and_scores_are_summed_up(self, beetles, path):
        facts = project_facts(beetles, path)
        assert facts["tracks"] == {"count": 2, "animals_without": 0, "animals": {"A": 3, "B": 3}}
        assert facts["scores"] == {"animals": [0.9] * 5, "nodes": [0.5] * 5}

    def test_predictions_are_called_so(self, beetles, path):
        assert project_facts(beetles.only(PREDICTED), path)["kind"] == "predictions"

    def test_videos_are_looked_for(self, beetles, path, walk):
        found, missing = project_facts(beetles, path)["videos"]
        assert (found["found"], found["width"], found["height"]) == (walk.as_posix(), 32, 16)
        assert (found["frames"], found["fps"], found["labelled_frames"]) == (12, 20.0, 3)
        assert missing["found"] is None and "rest.mp4 was not found" in missing["problem"]
        assert missing["labelled_frames"] == 2

    def test_what_is_remembered_of_a_video_helps_where_it_is_gone(self, beetles, path):
        videos = [replace(video, shape=(90, 480, 640, 1)) for video in beetles.videos]
        video = project_facts(replace(beetles, videos=videos), path)["videos"][0]
        assert (video["frames"], video["height"], video["width"]) == (90, 480, 640)

    def test_a_video_that_changed_is_told(self, beetles, path, walk):
        prints = [fingerprint(VideoSource(walk)), {}]
        predicted = replace(beetles, provenance={"videos": prints})
        assert project_facts(predicted, path)["videos"][0]["changed"] is None
        walk.write_bytes(walk.read_bytes() + b"more")
        assert "walk.mp4 has" in project_facts(predicted, path)["videos"][0]["changed"]

    def test_an_empty_project_has_facts_too(self, beetles, path):
        facts = project_facts(empty_columns(beetles.skeleton, []), path)
        assert facts["frames"]["labelled"] == 0 and facts["frames"]["share_without_animals"] is None
        assert facts["scores"] is None and facts["animals_per_frame"] == {}
        assert facts["visible_nodes"] == dict.fromkeys(("nose", "left", "right"))
        json.dumps(facts)
