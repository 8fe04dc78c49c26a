"""A training in words."""

from gambol.runs.look import facts_of


class TestRuns:
    def test_how_to_go_on_is_told(self, told, trained):
        facts = facts_of(trained.run)
        facts |= {"state": "failed", "why": "disk full", "continue_with": "gambol train --resume X"}
        facts["stages"][1] |= {"finished": False, "best_epoch": 2}
        text = told(facts)
        assert "failed: disk full Go on with: gambol train --resume X" in text
        assert "2 so far" in text and "unet, 4 filters" in text
