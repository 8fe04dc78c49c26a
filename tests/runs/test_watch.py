"""Following a run from outside."""

import threading

import pytest

from gambol.runs.events import Diary, Event
from gambol.runs.layout import RunFolder
from gambol.runs.watch import follow
from gambol.storage import locked


@pytest.fixture
def diary(tmp_path):
    made = Diary(RunFolder(tmp_path).events)
    yield made
    made.close()


class TestFollow:
    def test_a_run_at_which_nobody_is_any_more_is_read_to_its_end(self, diary, tmp_path):
        for step in range(3):
            diary.write(Event("step", "single", {"step": step}))
        assert [event["step"] for event in follow(tmp_path)] == [0, 1, 2]

    def test_what_is_not_there_gives_nothing(self, tmp_path):
        assert list(follow(tmp_path / "run")) == []

    def test_events_are_given_as_they_come_until_the_run_is_finished(self, diary, tmp_path):
        with locked(tmp_path.resolve()):
            diary.write(Event("step", "single", {"step": 0}))
            events = follow(tmp_path, seconds=0.01)
            assert next(events)["step"] == 0
            threading.Timer(0.05, lambda: diary.write(Event("finished", "single"))).start()
            assert next(events)["stage"] == "single"
            threading.Timer(0.05, lambda: diary.write(Event("finished"))).start()
            assert [event["kind"] for event in events] == ["finished"]

    def test_half_a_line_waits_for_its_other_half(self, diary, tmp_path):
        diary.write(Event("step", "single", {"step": 0}))
        with RunFolder(tmp_path).events.open("ab") as file:
            file.write(b'{"kind": "st')
        assert len(list(follow(tmp_path))) == 1
        with locked(tmp_path.resolve()):
            events = follow(tmp_path, seconds=0.01)
            next(events)
            with RunFolder(tmp_path).events.open("ab") as file:
                file.write(b'ep", "stage": null, "step": 1}\n')
            assert next(events)["step"] == 1

    def test_several_may_follow_and_begin_anew(self, diary, tmp_path):
        diary.write(Event("step", "single", {"step": 0}))
        assert list(follow(tmp_path)) == list(follow(tmp_path))
