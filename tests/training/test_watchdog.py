"""A training that hangs."""

import threading
import time

import pytest

from gambol.runs.events import Event
from gambol.training.watchdog import Watchdog, where_threads_are


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    hands = [100.0]
    monkeypatch.setattr("gambol.training.watchdog.time.monotonic", lambda: hands[0])
    return hands


@pytest.fixture
def told() -> list[Event]:
    return []


class TestWatchdog:
    def test_silence_is_told_once_and_so_is_its_end(self, clock, told):
        dog = Watchdog(told.append)
        dog.saw(Event("step", "single"))
        clock[0] += 59
        dog.look()
        assert told == []
        clock[0] += 2
        dog.look()
        dog.look()
        [stalled] = told
        assert (stalled.kind, stalled.stage, stalled.data["seconds"]) == ("stalled", "single", 61)
        assert "hangs at" in stalled.data["text"]
        dog.saw(Event("step", "single"))
        assert [event.kind for event in told] == ["stalled", "resumed"]

    def test_where_events_are_rare_silence_is_longer(self, clock, told):
        dog = Watchdog(told.append)
        for _ in range(3):
            clock[0] += 30
            dog.saw(Event("step", "single"))
        clock[0] += 500
        dog.look()
        assert told == []
        clock[0] += 200
        dog.look()
        assert [event.kind for event in told] == ["stalled"]

    def test_the_place_is_where_the_thread_waits(self):
        ready, end = threading.Event(), threading.Event()

        def waiting_for_a_disk():
            ready.set()
            end.wait(10)

        thread = threading.Thread(target=waiting_for_a_disk, name="reader")
        thread.start()
        ready.wait(10)
        time.sleep(0.01)
        places = where_threads_are(threading.get_ident())
        end.set()
        thread.join()
        assert "wait" in places["reader"] and "threading.py:" in places["reader"]

    def test_gambols_own_line_is_named_rather_than_the_library_it_called(self):
        from pathlib import Path

        from gambol.runs.heartbeat import Heartbeat
        from gambol.runs.layout import RunFolder

        with Heartbeat(RunFolder(Path("nowhere")), seconds=30):
            time.sleep(0.05)
            places = where_threads_are(threading.get_ident())
        assert places["gambol-heartbeat"].startswith("runs/heartbeat.py:")
        assert "in _beat" in places["gambol-heartbeat"]
