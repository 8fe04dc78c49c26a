"""Files that are whole or not there, and the lock that keeps two processes from one file."""

import os
import subprocess
import sys

import pytest

from gambol.errors import OutputError
from gambol.storage import locked, replacing, writer_of

HOLD = """
import sys
from pathlib import Path
from gambol.storage import locked
with locked(Path(sys.argv[1])):
    print("mine", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock of `out.slp` until its standard input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "out.slp")], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout.readline().strip() == b"mine"
    yield process
    process.kill()
    process.communicate()


class TestLocked:
    def test_a_second_process_is_refused_and_told_which_one_is_at_it(self, holder, tmp_path):
        said = rf"process {holder.pid} on .+\. Two at once"
        with pytest.raises(OutputError, match=said), locked(tmp_path / "out.slp"):
            pass

    def test_so_is_a_second_time_in_one_process(self, tmp_path):
        with (pytest.raises(OutputError, match=f"process {os.getpid()}"), locked(tmp_path / "out.slp"),
              locked(tmp_path / "out.slp")):
            pass

    def test_other_files_of_the_folder_are_free(self, holder, tmp_path):
        with locked(tmp_path / "other.slp"):
            pass

    def test_the_lock_of_a_process_that_was_killed_is_free(self, holder, tmp_path):
        holder.kill()
        holder.wait()
        assert (tmp_path / ".out.slp.lock").exists()
        with locked(tmp_path / "out.slp"):
            pass

    def test_it_leaves_nothing_behind(self, tmp_path):
        with pytest.raises(ZeroDivisionError), locked(tmp_path / "out.slp"):
            raise ZeroDivisionError
        assert list(tmp_path.iterdir()) == []

    def test_a_lock_that_its_owner_removed_meanwhile_is_taken_anew(self, tmp_path, monkeypatch):
        """Otherwise two processes could hold it: one the removed file, one the file in its place."""
        from gambol import storage

        acquire, place = storage._acquire, tmp_path / ".out.slp.lock"

        def removed_once(file):
            monkeypatch.setattr(storage, "_acquire", acquire)
            place.unlink()
            return acquire(file)

        monkeypatch.setattr(storage, "_acquire", removed_once)
        with locked(tmp_path / "out.slp"):
            assert place.exists()

    def test_who_writes_can_be_asked_without_disturbing(self, tmp_path):
        path = tmp_path / "out.slp"
        assert writer_of(path) is None and not list(tmp_path.iterdir())
        with locked(path):
            assert str(os.getpid()) in writer_of(path)
            assert str(os.getpid()) in writer_of(path)
        (tmp_path / ".out.slp.lock").write_text("99999 on another machine, killed")
        assert writer_of(path) is None

    def test_a_folder_that_refuses_is_said(self, tmp_path):
        (tmp_path / "file").touch()
        with pytest.raises(OutputError, match="could not be written"), locked(tmp_path / "file" / "out.slp"):
            pass


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    (tmp_path / "x").write_text("old")
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "x") as temporary:
        temporary.write_text("half of the ne")
        raise ZeroDivisionError
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("x", "old")]
    with replacing(tmp_path / "x") as temporary:
        temporary.write_text("new")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("x", "new")]
