"""Explanations of a training in the terminal: each setting with its reason, and the command that says them all."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gambol.pipelines.reason import Reason
    from gambol.training.explain import Explanation


def lines_of(explanation: "Explanation") -> Iterator[str]:
    """A whole explanation, line by line."""
    yield "What there is to see:"
    yield from (f"  {line}" for line in explanation.seen)
    yield "\nWhat would be trained, and why:"
    yield from choices_of(explanation.reasons)
    if explanation.warnings:
        yield "\nWhat speaks against it:"
        yield from (f"  {text}" for text in explanation.warnings)
    yield "\nThe same with every choice spelled out:"
    yield f"  {explanation.command_line}"
    yield "\nNothing was trained, and nothing written."


def choices_of(reasons: "Iterable[Reason]") -> Iterator[str]:
    """A line for each setting, and one for its reason."""
    for reason in reasons:
        yield f"  {reason.setting} = {shown(reason.value)}"
        yield f"      {reason.because}"


def shown(value: Any) -> str:
    """A value as a person reads it: three digits, nothing for what is not there."""
    if isinstance(value, list | tuple):
        return ", ".join(shown(one) for one in value)
    if isinstance(value, float):
        return f"{value:.3g}"
    return "none" if value is None else str(value)
