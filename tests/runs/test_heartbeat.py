"""The sign of life of a run."""

import json
import os
import time

import pytest

from gambol.runs import heartbeat
from gambol.runs.events import Event
from gambol.runs.heartbeat import Heartbeat, read_heartbeat
from gambol.runs.layout import RunFolder
from gambol.storage import locked


@pytest.fixture
def sign(tmp_path):
    """Leave a sign of life with these facts, as another process would have."""

    def leave(**facts) -> None:
        told = {"time": time.time(), "pid": os.getpid() + 1, "host": heartbeat.platform.node()} | facts
        RunFolder(tmp_path).heartbeat.write_text(json.dumps(told))

    return leave


class TestHeartbeat:
    def test_it_tells_what_is_being_done_and_goes_when_the_run_ends(self, tmp_path):
        beats = []
        with Heartbeat(RunFolder(tmp_path), lambda: beats.append(1), seconds=0.01) as beating:
            beating.doing(Event("step", "single", {"step": 7, "epoch": 1, "loss": 0.5}))
            while not (read_heartbeat(tmp_path) or {}).get("step"):
                time.sleep(0.005)
            facts = read_heartbeat(tmp_path)
        assert (facts["stage"], facts["step"], facts["pid"], facts["life"]) == ("single", 7, os.getpid(), "alive")
        assert len(beats) >= 2
        assert read_heartbeat(tmp_path) is None

    def test_a_folder_that_refuses_does_not_disturb(self, tmp_path):
        with Heartbeat(RunFolder(tmp_path / "not there"), seconds=0.01):
            time.sleep(0.05)
        assert not (tmp_path / "not there").exists()


class TestLife:
    def test_somebody_at_work_is_alive_and_one_who_is_late_busy(self, tmp_path, sign):
        with locked(tmp_path.resolve()):
            sign()
            assert read_heartbeat(tmp_path)["life"] == "alive"
            sign(time=time.time() - 60)
            assert read_heartbeat(tmp_path)["life"] == "busy"

    def test_without_a_lock_there_is_nobody_any_more(self, tmp_path, sign):
        sign()
        assert read_heartbeat(tmp_path)["life"] == "dead"

    def test_of_another_machine_only_the_sign_is_known(self, tmp_path, sign):
        sign(host="another")
        assert read_heartbeat(tmp_path)["life"] == "alive"
        sign(host="another", time=time.time() - 60)
        assert read_heartbeat(tmp_path)["life"] == "dead"

    @pytest.mark.parametrize("content", ["", "{", "[]", '{"time": "noon"}'])
    def test_what_cannot_be_read_says_nothing(self, tmp_path, content):
        RunFolder(tmp_path).heartbeat.write_text(content)
        assert read_heartbeat(tmp_path) is None
