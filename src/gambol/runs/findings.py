"""What a check found: something that is well, something to know, or something that must be mended first."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Level = Literal["ok", "warning", "refusal"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, as text for people and as data for programs.

    name: what was looked at, one or two words · text: what was found · remedy: what to do, empty if nothing is to be
    done · data: the figures behind it.
    """

    level: Level
    name: str
    text: str
    remedy: str = ""
    data: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The finding as JSON can say it."""
        return asdict(self)
