"""What the commands' pages are tested with: a terminal that can be read."""

import io

import pytest
from rich.console import Console

from gambol.cli.progress import TerminalProgress


class Screen(TerminalProgress):
    """A terminal 120 characters wide, whose text can be read."""

    def __init__(self) -> None:
        self.paper = io.StringIO()
        super().__init__(Console(file=self.paper, width=120))

    @property
    def text(self) -> str:
        return self.paper.getvalue()


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def figures(trained) -> dict:
    """The JSON form of an evaluation: the tiny model on its training frames."""
    return trained.events[-1].data["metrics"]["train"]
