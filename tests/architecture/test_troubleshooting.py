"""The page on what to do when a training goes wrong quotes what is really said."""

import re

import pytest


def quotes(page: str) -> list[str]:
    """What stands in backticks in the first column of its tables."""
    rows = [line.split(" | ")[0] for line in page.splitlines() if line.startswith("| `")]
    return [quote for row in rows for quote in re.findall(r"`([^`]+)`", row)]


@pytest.fixture(scope="module")
def said(root) -> str:
    """All texts in the code, as they read when their lines are put together."""
    code = "".join(path.read_text() for path in sorted((root / "src" / "gambol").rglob("*.py")))
    return re.sub(r"\s+", " ", re.sub(r'"\s*\n\s*f?"', "", code))


def test_every_message_that_it_quotes_is_said_somewhere(root, said):
    page = (root / "docs" / "troubleshooting.md").read_text()
    pieces = [piece.strip(" .:()'") for quote in quotes(page) for piece in re.split(r"…|'[^']*'|\d+(?:\.\d+)?", quote)]
    told = [piece for piece in pieces if len(piece) > 12]
    assert len(told) > 20
    assert [piece for piece in told if piece not in said] == []
