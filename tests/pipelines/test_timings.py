"""Seconds by kind of work."""

import pytest

from gambol.pipelines.timings import Timings


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test puts forward by itself."""
    hands = [0.0]
    monkeypatch.setattr("gambol.pipelines.timings.time.perf_counter", lambda: hands[0])
    return hands


class TestTimings:
    def test_each_kind_of_work_is_added_up_by_itself(self, clock):
        timings = Timings()
        for work, seconds in (("network", 2.0), ("decoding", 0.5), ("network", 3.0)):
            with timings.of(work):
                clock[0] += seconds
        assert timings.seconds() == {"network": 5.0, "decoding": 0.5}

    def test_work_that_fails_counts_as_well(self, clock):
        timings = Timings()
        with pytest.raises(ZeroDivisionError), timings.of("network"):
            clock[0] += 1
            raise ZeroDivisionError
        assert timings.seconds() == {"network": 1.0}
