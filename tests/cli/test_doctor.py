"""`gambol doctor`."""

import json

import pytest

from gambol.runs.findings import Finding


@pytest.fixture
def findings(monkeypatch):
    """Let the check find this."""
    return lambda *found: monkeypatch.setattr("gambol.inference.checkup.checkup", lambda: iter(found))


class TestDoctor:
    def test_where_all_is_well_it_says_so(self, command, findings):
        findings(Finding("ok", "device", "cpu works"), Finding("warning", "cores", "8 [of 16]", "Unset it."))
        outcome = command("doctor")
        assert outcome.code == 0
        assert "cpu works" in outcome.out and "8 [of 16]" in outcome.out and "-> Unset it." in outcome.out
        assert "All that gambol needs is here" in outcome.out

    def test_what_is_broken_ends_with_2(self, command, findings):
        findings(Finding("refusal", "video", "H.264 cannot be read", "pip install --upgrade av"))
        outcome = command("doctor")
        assert outcome.code == 2 and "1 thing" in outcome.out

    def test_for_programs_it_is_json(self, command, findings):
        findings(Finding("ok", "memory", "22 GB are free", data={"free": 22e9}))
        assert json.loads(command("doctor", "--json").out)[0]["data"] == {"free": 22e9}
