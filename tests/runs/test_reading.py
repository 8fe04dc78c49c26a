"""Files of a run, read as far as they can be."""

import pytest

from gambol.runs.reading import events_of, json_of, yaml_of


class TestReading:
    def test_what_is_whole_is_given(self, tmp_path):
        path = tmp_path / "file"
        path.write_text('{"a": 1}\n')
        assert json_of(path) == yaml_of(path) == {"a": 1}
        assert events_of(path) == [{"a": 1}]

    @pytest.mark.parametrize("content", [None, b"", b"[1]", b"a: [", b"\xff\x00"])
    def test_what_is_missing_or_damaged_says_nothing(self, tmp_path, content):
        path = tmp_path / "file"
        if content is not None:
            path.write_bytes(content)
        assert json_of(path) == yaml_of(path) == {}

    def test_a_diary_is_read_up_to_the_damage(self, tmp_path):
        path = tmp_path / "events.jsonl"
        path.write_text('{"a": 1}\n{"a": \n{"a": 3}\n')
        assert events_of(path) == [{"a": 1}]
