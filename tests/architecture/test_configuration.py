"""Every setting explains itself: its description is the help of the command line and the text in the app."""

import importlib
import pkgutil

import pytest

import gambol
from gambol.config import Config


@pytest.fixture(scope="module")
def settings() -> list[type[Config]]:
    """Every group of settings in the package; importing all modules is what makes them known."""
    for module in pkgutil.walk_packages(gambol.__path__, "gambol."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return subclasses(Config)


def subclasses(parent: type) -> list[type]:
    """The classes of the package that come from `parent`, however far down; not those that tests make up."""
    below = [found for child in parent.__subclasses__() for found in (child, *subclasses(child))]
    return [each for each in below if each.__module__.startswith("gambol.")]


class TestSettings:
    def test_there_are_some(self, settings):
        assert settings

    def test_every_field_is_described(self, settings):
        silent = [
            f"{group.__module__}.{group.__name__}.{name}"
            for group in settings for name, field in group.model_fields.items()
            if not field.description and name != "kind"  # `kind` names the component, whose docstring says it
        ]
        assert silent == []

    def test_every_group_of_settings_is_described(self, settings):
        assert [group.__name__ for group in settings if not group.__doc__] == []

    def test_none_can_change_and_none_takes_unknown_keys(self, settings):
        loose = [
            group.__name__ for group in settings
            if not group.model_config.get("frozen") or group.model_config.get("extra") != "forbid"
        ]
        assert loose == []
