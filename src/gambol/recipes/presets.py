"""Finding and reading recipes by name."""

from importlib.resources import files
from typing import Any

from gambol.errors import JobError

AUTO = "auto"  # not a file: what the labels themselves recommend


def names() -> list[str]:
    """The recipes there are."""
    found = (file.name for file in files(__package__).iterdir())
    return sorted(name.removesuffix(".yaml") for name in found if name.endswith(".yaml"))


def choices() -> list[str]:
    """What can be asked for as a recipe: `auto`, and those there are."""
    return [AUTO, *names()]


def read_recipe(name: str) -> dict[str, Any]:
    """A recipe's settings. Raises `JobError` if there is no recipe of that name."""
    import yaml  # so that the command line can name the recipes without it

    if name not in names():
        raise JobError(
            f"There is no recipe called '{name}'. "
            "Training was not started, because it would not be what you asked for. "
            f"Choose one of: {', '.join(choices())}.")
    content: dict[str, Any] = yaml.safe_load((files(__package__) / f"{name}.yaml").read_text(encoding="utf-8"))
    return content
