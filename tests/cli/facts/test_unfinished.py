"""Unfinished predictions in words."""

from gambol.cli.facts.unfinished import progress_of, unfinished

BEGUN = {"frames": 16, "total": 30, "asked": "all", "folder": "found.slp.parts", "writer": None}


class TestUnfinished:
    def test_how_far_it_is_and_how_it_goes_on(self):
        text = unfinished({"path": "found.slp", "unfinished": BEGUN})
        assert text.startswith("found.slp: unfinished predictions. 16 of 30 frames (all) are done, in found.slp.parts")
        assert text.endswith("The same command as before goes on from there.")

    def test_who_is_at_it(self):
        assert "process 5 on lab is at it now" in progress_of(BEGUN | {"writer": "process 5 on lab"})
