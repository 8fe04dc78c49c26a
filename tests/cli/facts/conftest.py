"""Facts, as a person reads them."""

import shutil

import pytest

from gambol.cli.facts import shown


@pytest.fixture
def told(screen):
    """What a person reads of some facts."""

    def tell(facts) -> str:
        for part in shown(facts):
            screen.console.print(part)
        return " ".join(screen.text.split())

    return tell


@pytest.fixture
def finished(trained, tmp_path):
    """A copy of the tiny model's run, to be spoilt."""
    return shutil.copytree(trained.run, tmp_path / "finished")
