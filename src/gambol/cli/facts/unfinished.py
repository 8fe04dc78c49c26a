"""Predictions that are being made, or were interrupted, on the terminal."""

from collections.abc import Mapping
from typing import Any

Facts = Mapping[str, Any]


def unfinished(facts: Facts) -> str:
    """A predictions file that is not there yet."""
    return f"{facts['path']}: unfinished predictions. {progress_of(facts['unfinished'])}"


def progress_of(begun: Facts) -> str:
    """How far predictions are, and what becomes of them. begun: what `inference.parts.unfinished` tells."""
    done = f"{begun['frames']} of {begun['total']} frames ({begun['asked']}) are done, in {begun['folder']}"
    if begun["writer"]:
        return f"{done}; {begun['writer']} is at it now."
    return f"{done}. The same command as before goes on from there."
