"""Commands and flags are a promise to everyone's scripts: they change on purpose or not at all."""

import subprocess
import sys

RENEW = ".venv/bin/python tests/architecture/cli_flags.py > tests/architecture/cli_flags.txt"


def test_the_flags_are_those_that_were_agreed(root):
    folder = root / "tests" / "architecture"
    result = subprocess.run(
        [sys.executable, str(folder / "cli_flags.py")], capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    current = set(result.stdout.split("\n")) - {""}
    agreed = set((folder / "cli_flags.txt").read_text().split("\n")) - {""}
    gone, added = sorted(agreed - current), sorted(current - agreed)
    assert (gone, added) == ([], []), f"If this change is meant, renew the list and review it: {RENEW}"
