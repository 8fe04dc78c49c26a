"""A video in words."""

from gambol.runs.look import facts_of


class TestVideos:
    def test_what_is_uncommon_is_told(self, told, geckos):
        facts = facts_of(geckos.video) | {
            "variable_rate": True, "frames_stated": 31, "damaged": [4, 5],
            "keyframe_interval": {"median": 5, "longest": 9}}
        text = told(facts)
        assert "the frame rate varies" in text and "header states 31" in text
        assert "2 frames cannot be read: 4-5" in text and "every 5 frames (at most 9)" in text
