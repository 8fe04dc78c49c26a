"""What a running training is asked."""

import pytest

from gambol.runs.control import Cancelled, Control, request
from gambol.runs.layout import RunFolder


@pytest.fixture
def control(tmp_path, monkeypatch) -> Control:
    monkeypatch.setattr("gambol.runs.control.SECONDS_BETWEEN_LOOKS", 0)
    return Control(RunFolder(tmp_path))


class TestControl:
    def test_nothing_was_asked(self, control):
        control.listen()
        assert not control.stop

    def test_to_stop_is_heard_and_holds_until_the_next_stage(self, control, tmp_path):
        request(tmp_path, "stop")
        control.listen()
        control.listen()
        assert control.stop
        control.forget()
        control.listen()
        assert not control.stop

    def test_to_cancel_ends_everything(self, control, tmp_path):
        request(tmp_path, "stop")
        control.listen()
        request(tmp_path, "cancel")
        with pytest.raises(Cancelled):
            control.listen()

    def test_to_cancel_between_two_stages_is_heard_as_well(self, control, tmp_path):
        request(tmp_path, "cancel")
        with pytest.raises(Cancelled):
            control.forget()

    def test_what_was_asked_of_the_process_before_is_not_heard(self, control, tmp_path):
        request(tmp_path, "cancel")
        later = Control(RunFolder(tmp_path))
        later.listen()
        assert not later.stop

    @pytest.mark.parametrize("content", ["", "[1]", "{", '{"request": "dance"}', "\x00"])
    def test_a_file_that_says_nothing_known_is_let_be(self, control, tmp_path, content):
        RunFolder(tmp_path).control.write_text(content)
        control.listen()
        assert not control.stop

    def test_the_disk_is_not_asked_with_every_step(self, tmp_path, monkeypatch):
        looks = []
        monkeypatch.setattr(Control, "_stamp", lambda control: looks.append(1))
        control = Control(RunFolder(tmp_path))
        for _ in range(100):
            control.listen()
        assert len(looks) <= 3
