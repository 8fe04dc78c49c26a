"""A project or predictions in words."""

from dataclasses import replace

import numpy as np

from gambol.formats import load
from gambol.labels.summary import project_facts


class TestProjects:
    def test_what_made_predictions_is_told(self, told, geckos):
        provenance = {
            "software": "gambol", "environment": {"gambol": "0.1.0"}, "device": "cpu", "engine": "torch fp32",
            "finished": "2026-03-04",
            "models": {"single": "/runs/one/single"}, "frames": 50, "seconds": 20.0, "frames_per_second": 2.5,
            "lost_frames": [{"count": 2, "name": "film.mp4", "frames": "3-4"}]}
        text = told(project_facts(replace(load(geckos.truth), provenance=provenance), geckos.truth))
        assert "gambol 0.1.0, 2026-03-04, on cpu by torch fp32" in text and "/runs/one/single" in text
        assert "50 frames in 20 s, 2.5 frames/s" in text
        assert "2 frames of film.mp4 could not be decoded: 3-4" in text

    def test_tracks_scores_and_what_is_missing_are_told(self, told, geckos):
        labels = replace(load(geckos.truth), provenance={})
        labels.kinds[:], labels.scores[:], labels.point_scores[:] = 1, np.linspace(0, 1, len(labels.kinds)), 0.5
        text = told(project_facts(replace(labels, tracks=["a", "b"]), geckos.truth))
        assert "2: a (30 frames), b (30 frames)" in text
        assert "0.00 to 1.00, half of them 0.25 to 0.75, median 0.50" in text
        assert "mirrored by" in text

    def test_videos_that_are_gone_or_changed_are_told(self, told, geckos):
        facts = project_facts(load(geckos.truth), geckos.truth)
        facts["videos"][0] |= {"found": None, "changed": "film.mp4 has 3 bytes, and had 4"}
        text = told(facts)
        assert "not found" in text and "Video 0 is not the one that was predicted: film.mp4 has 3 bytes" in text
