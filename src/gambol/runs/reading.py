"""Files of a run, read as far as they can be: what is missing or damaged says nothing, and hides nothing else."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from gambol.runs.events import read_events

YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's takes a tenth of the time, where it is there


def events_of(path: Path) -> list[dict[str, Any]]:
    """The lines of a diary, up to the first that cannot be read."""
    return list(_as_far_as_possible(path))


def json_of(path: Path) -> dict[str, Any]:
    """The object in a JSON file, an empty one if there is none."""
    with suppress(OSError, ValueError):
        content = json.loads(path.read_text(encoding="utf-8"))
        return content if isinstance(content, dict) else {}
    return {}


def yaml_of(path: Path) -> dict[str, Any]:
    """The settings in a YAML file, none if there are none."""
    with suppress(OSError, ValueError, yaml.YAMLError):
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=YAML_LOADER)
        return content if isinstance(content, dict) else {}
    return {}


def _as_far_as_possible(path: Path) -> Iterator[dict[str, Any]]:
    with suppress(OSError, ValueError):
        yield from read_events(path)
