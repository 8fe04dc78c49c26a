"""What every test may ask for: the real recordings, if this machine has them."""

import os
from pathlib import Path

import pytest

VARIABLE = "GAMBOL_DATA"


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real recordings that $GAMBOL_DATA names; without one the test is skipped, and counted.

    A variable that names no folder is a mistake, not a machine without data: then the test fails.
    """
    value = os.environ.get(VARIABLE)
    if not value:
        pytest.skip(f"needs real recordings: set {VARIABLE} to their folder")
    folder = Path(value)
    if not folder.is_dir():
        pytest.fail(f"{VARIABLE} is {value}, which is not a folder", pytrace=False)
    return folder


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Close by saying how much was left untested for want of data, so that green never hides it."""
    skipped = terminalreporter.stats.get("skipped", [])
    missed = [report for report in skipped if VARIABLE in str(report.longrepr)]
    terminalreporter.section("real recordings")
    if missed:
        terminalreporter.write_line(
            f"SKIPPED for lack of data: {len(missed)} of the tests. Set {VARIABLE} to the folder of recordings.",
            red=True, bold=True)
    else:
        terminalreporter.write_line("Skipped for lack of data: none.")
