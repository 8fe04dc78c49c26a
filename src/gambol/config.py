"""The base of every configuration: frozen, and strict about what it is given; and what is said of what it refuses."""

from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, ValidationError


class Config(BaseModel):
    """A group of settings that cannot change once read, and that refuses keys it does not know.

    Each component keeps its settings beside itself as a subclass; every field carries a description
    (with its unit), from which the YAML file, the command line and the app take their texts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


def refusal(config: type[Config], error: ValidationError) -> tuple[str, str]:
    """Of settings that `config` refused: the first one's path as the user writes it, and what is wrong with it."""
    faults = sorted(error.errors(), key=lambda fault: fault["type"] != "extra_forbidden")  # a key misspelt, not missing
    fault = faults[0]
    path, groups, known = _asked(config, fault["loc"])
    if fault["type"] == "extra_forbidden":
        near = get_close_matches(path[-1], known, n=1)
        return ".".join(path), f"it does not exist; {f'the nearest is {near[0]!r}' if near else _are(known)}"
    if fault["type"] == "union_tag_invalid":
        return ".".join([*path, "kind"]), f"input should be one of {fault['ctx']['expected_tags']}"
    if groups and fault["type"] in ("model_type", "model_attributes_type"):
        kinds = [repr(group.model_fields["kind"].default) for group in groups if len(groups) > 1]
        inner = f"its kind is one of {', '.join(kinds)}" if kinds else _are(list(groups[0].model_fields))
        return ".".join(path), f"it is a group of settings, not one; {inner}"
    text = fault["msg"].removeprefix("Value error, ")
    return ".".join(path), text[:1].lower() + text[1:]


def _asked(config: type[Config], place: tuple[int | str, ...]) -> tuple[list[str], list[type[Config]], list[str]]:
    """The path without the kinds that pydantic puts between, the groups that lie there, the names beside its last."""
    path: list[str] = []
    groups, known = [config], list(config.model_fields)
    for part in place:
        kinds = {group.model_fields["kind"].default: group for group in groups if "kind" in group.model_fields}
        if len(groups) > 1 and part in kinds:
            groups = [kinds[part]]
            continue
        fields = {name: field for group in groups for name, field in group.model_fields.items()}
        path.append(str(part))
        known = list(fields)
        groups = _groups(fields[part].annotation) if part in fields else []
    return path, groups, known


def _are(names: list[str]) -> str:
    return f"there are {', '.join(names)}" if names else "there are none"


def _groups(annotation: Any) -> list[type[Config]]:
    """The groups of settings that a value of this type may be."""
    if isinstance(annotation, type) and issubclass(annotation, Config):
        return [annotation]
    return [group for part in get_args(annotation) for group in _groups(part)]
