"""The diary of a run."""

import json
from pathlib import Path

import pytest

from gambol.runs.events import Diary, Event, read_events


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a diary is kept; its folder does not exist yet."""
    return tmp_path / "run" / "events.jsonl"


class TestDiary:
    def test_each_event_is_a_line_of_json_at_once(self, path):
        diary = Diary(path)
        for epoch in range(3):
            diary.write(Event("epoch", "centroid", {"epoch": epoch, "val_loss": 0.5}, at=1000.1234))
            lines = path.read_text().split("\n")  # while it is open: a watcher needs no closing
            assert len(lines) == epoch + 2 and lines[-1] == ""
            assert json.loads(lines[epoch]) == {
                "kind": "epoch", "stage": "centroid", "time": 1000.123, "epoch": epoch, "val_loss": 0.5}
        diary.close()

    def test_it_goes_on_where_an_earlier_one_ended(self, path):
        for text in ("first", "second\nwith a line break and a mouse 🐭"):
            diary = Diary(path)
            diary.write(Event("warning", data={"text": text}))
            diary.close()
        assert [event["text"][:6] for event in read_events(path)] == ["first", "second"]

    def test_after_a_line_that_was_cut_short_it_goes_on_with_a_whole_one(self, path):
        path.parent.mkdir()
        path.write_text(Event("best").line() + '\n{"kind": "epo')
        diary = Diary(path)
        diary.write(Event("finished"))
        diary.close()
        assert [event["kind"] for event in read_events(path)] == ["best", "finished"]

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
    def test_what_json_has_no_word_for_is_null(self, path, value):
        line = Event("epoch", data={"val_loss": value, "accuracy": {"median": [value, 1.5]}}).line()

        def refuse(word: str) -> None:
            raise AssertionError(f"{word} is not JSON")

        read = json.loads(line, parse_constant=refuse)
        assert read["val_loss"] is None and read["accuracy"] == {"median": [None, 1.5]}


class TestReadEvents:
    def test_a_last_line_that_is_still_being_written_is_left_for_later(self, path):
        path.parent.mkdir()
        whole = Event("best", "single", {"epoch": 4}).line() + "\n"
        path.write_text(whole + whole[:-1])
        assert len(list(read_events(path))) == 1
        path.write_text(whole + whole)
        assert len(list(read_events(path))) == 2

    def test_an_empty_diary_has_no_events(self, path):
        Diary(path).close()
        assert list(read_events(path)) == []
