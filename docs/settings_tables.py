"""Fills the page of settings from the code, each time the pages are built, so that it is never out of date."""

from collections.abc import Iterator
from html import escape
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from gambol.config import Config

MARK = "<!-- settings of a training job -->"
BOUNDS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Called by mkdocs for each page: the mark gives way to the tables."""
    if MARK not in markdown:
        return markdown
    from gambol.training.job import TrainingJob

    seen: set[type[Config]] = set()
    return markdown.replace(MARK, "\n".join(tables(TrainingJob, "", seen)))


def tables(group: type[Config], path: str, seen: set[type[Config]]) -> Iterator[str]:
    """A section for a group of settings, then those for the groups inside it; each group where it is first met."""
    seen.add(group)
    kind = group.model_fields.get("kind")
    title = f"`{path}`" if path else "The job"
    yield f"\n## {title}{f', kind: {kind.default}' if kind else ''}\n"
    yield (group.__doc__ or "").split("\n\n")[0].replace("\n", " ") + "\n"
    yield "| setting | default | values | meaning |\n|---|---|---|---|"
    for name, field in group.model_fields.items():
        cells = name, default(field), values(field), field.description or "which one"
        yield "| `{}` | {} | {} | {} |".format(*(escape(cell).replace("|", "\\|") for cell in cells))
    for name, field in group.model_fields.items():
        for inner in groups(field.annotation):
            if inner not in seen:
                yield from tables(inner, f"{path}.{name}" if path else name, seen)


def default(field: FieldInfo) -> str:
    """What a setting is when nobody sets it."""
    value = field.get_default(call_default_factory=True, validated_data={}) if not field.is_required() else None
    if isinstance(value, Config):
        return ", ".join(f"{name} {plain}" for name, plain in chosen(value, ""))
    if field.is_required():
        return "required"
    return "empty" if value is None else f"{value}"


def chosen(group: Config, path: str) -> Iterator[tuple[str, Any]]:
    """The settings in which a group differs from the defaults of its kind, also those further inside."""
    for name in type(group).model_fields:
        value = getattr(group, name)
        if isinstance(value, Config):
            yield from chosen(value, f"{path}{name}.")
        elif name in group.model_fields_set:
            yield path + name, value


def values(field: FieldInfo) -> str:
    """What a setting may be: choices, bounds, or that it has settings of its own."""
    if any(True for _ in groups(field.annotation)):
        return "settings below"
    choices = [str(choice) for literal in literals(field.annotation) for choice in get_args(literal)]
    bounds = [f"{sign} {getattr(mark, name)}" for mark in field.metadata
              for name, sign in BOUNDS.items() if hasattr(mark, name)]
    return ", ".join(choices or bounds)


def groups(annotation: Any) -> Iterator[type[Config]]:
    """The groups of settings that a type mentions, such as the members of a union."""
    if isinstance(annotation, type) and issubclass(annotation, Config):
        yield annotation
    for part in get_args(annotation):
        yield from groups(part)


def literals(annotation: Any) -> Iterator[Any]:
    """The lists of choices that a type mentions."""
    if get_origin(annotation) is Literal:
        yield annotation
    else:
        for part in get_args(annotation):
            yield from literals(part)
