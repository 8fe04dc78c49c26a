"""Facts, as a person reads them."""

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
