"""The checks that a machine does, and the documentation that it builds, pass without a word."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("check", [("ruff", "check", "."), ("mypy",)], ids=lambda check: check[0])
def test_the_check_finds_nothing(check, root):
    run(root, *check)


def test_the_documentation_builds_without_warnings(root, tmp_path):
    run(root, "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site"))
    assert (tmp_path / "site" / "index.html").is_file()


def run(root, *command: str) -> None:
    """Run a module of this interpreter in the repository; its output is the failure."""
    environment = {**os.environ, "NO_COLOR": "1"}
    result = subprocess.run(
        [sys.executable, "-m", *command], cwd=root, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
