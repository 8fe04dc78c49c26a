"""The repository as the house rules see it: where it lies, its Python files, and what each of them defines."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Definition:
    """A function or class: its syntax, its dotted name within the file, and whether outsiders may use it."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    name: str
    public: bool

    @property
    def lines(self) -> int:
        """Lines from the first decorator to the last statement."""
        first = min([self.node.lineno, *(decorator.lineno for decorator in self.node.decorator_list)])
        return (self.node.end_lineno or first) - first + 1


@dataclass(frozen=True)
class Page:
    """One Python file."""

    path: Path

    @property
    def name(self) -> str:
        """Its path within the repository."""
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        """What stands in it."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return ast.parse(self.text)

    @cached_property
    def definitions(self) -> list[Definition]:
        """All functions and classes, also those inside others."""
        return list(definitions_in(self.tree.body, "", True))

    @property
    def functions(self) -> list[Definition]:
        """All functions and methods."""
        return [each for each in self.definitions if not isinstance(each.node, ast.ClassDef)]


def definitions_in(body: list[ast.stmt], prefix: str, public: bool) -> Iterator[Definition]:
    """Definitions of a block, then those inside them; what a function defines is nobody else's business."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            seen = public and not node.name.startswith("_")
            yield Definition(node, prefix + node.name, seen)
            yield from definitions_in(node.body, f"{prefix}{node.name}.", seen and isinstance(node, ast.ClassDef))
        else:
            for inner in (getattr(node, block, []) for block in ("body", "orelse", "finalbody")):
                yield from definitions_in(inner, prefix, public)


def pages_under(*folders: str) -> list[Page]:
    """The Python files of some folders of the repository, in order; a folder that is not there has none."""
    return [Page(path) for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def source() -> list[Page]:
    """The files of the package."""
    return pages_under("src")


@pytest.fixture(scope="session")
def everything() -> list[Page]:
    """The package, its tests, its measurements, and what the documentation runs."""
    return pages_under("src", "tests", "benchmarks", "docs", "examples")
