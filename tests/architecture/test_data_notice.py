"""A test run without the real recordings says so, so that a green one is never mistaken for a whole one."""

import os
import shutil
import subprocess
import sys

import pytest

WANTS_DATA = "def test_of_a_recording(data_folder):\n    assert data_folder.is_dir()\n"


@pytest.fixture
def output_with(root, tmp_path):
    """Run one test that wants data beside a copy of our conftest, with $GAMBOL_DATA as given; what pytest printed."""
    shutil.copy(root / "tests" / "conftest.py", tmp_path)
    (tmp_path / "test_recording.py").write_text(WANTS_DATA)

    def run(value: str | None) -> str:
        others = {name: text for name, text in os.environ.items() if name != "GAMBOL_DATA"}
        environment = others if value is None else {**others, "GAMBOL_DATA": value}
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True).stdout

    return run


class TestNotice:
    def test_without_the_variable_tests_are_skipped_and_counted(self, output_with):
        output = output_with(None)
        assert "1 skipped" in output
        assert "SKIPPED for lack of data: 1 of the tests" in output

    def test_with_the_folder_nothing_is_skipped(self, output_with, tmp_path):
        output = output_with(str(tmp_path))
        assert "1 passed" in output
        assert "Skipped for lack of data: none" in output

    def test_a_variable_that_leads_nowhere_is_a_failure(self, output_with, tmp_path):
        output = output_with(str(tmp_path / "moved"))
        assert "1 error" in output
        assert "which is not a folder" in output
