"""A page can be read in one sitting, says what it offers, and uses the words of the glossary."""

import ast
import re

MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 60
MOST_ARGUMENTS = 7

EMPTY_WORDS = ("utils", "helpers", "legacy")
UNFINISHED = ("TODO", "FIXME")


class TestSize:
    def test_no_file_is_too_long(self, everything):
        lengths = {page.name: page.text.count("\n") for page in everything}
        assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES_OF_A_FILE} == {}

    def test_no_function_is_too_long(self, everything):
        lengths = {f"{page.name}: {each.name}": each.lines for page in everything for each in page.functions}
        assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES_OF_A_FUNCTION} == {}

    def test_no_function_takes_too_many_arguments(self, source):
        # The arguments of a verb of the command line are its flags, which have a test of their own.
        counts = {
            f"{page.name}: {each.name}": len(arguments(each.node))
            for page in source for each in page.functions if not is_verb(page, each)
        }
        assert {name: count for name, count in counts.items() if count > MOST_ARGUMENTS} == {}


class TestDocumentation:
    def test_every_module_says_what_it_is(self, source):
        assert [page.name for page in source if not ast.get_docstring(page.tree)] == []

    def test_every_public_function_and_class_says_what_it_does(self, source):
        silent = [
            f"{page.name}: {each.name}"
            for page in source for each in page.definitions
            if each.public and not is_overload(each.node) and not ast.get_docstring(each.node)
        ]
        assert silent == []


class TestWords:
    def test_names_and_comments_say_something(self, source):
        assert found(source, EMPTY_WORDS) == []

    def test_nothing_is_left_for_later(self, everything):
        others = [page for page in everything if page.path.name != "test_pages.py"]  # which has to name the words
        assert found(others, UNFINISHED) == []

    def test_no_file_is_a_drawer(self, root):
        names = {path.stem for path in (root / "src").rglob("*")}
        assert names & {"utils", "util", "helpers", "common", "misc", "legacy"} == set()


def arguments(node: ast.AST) -> list[str]:
    """What a caller has to know: all arguments but self and cls."""
    named = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
    return [argument.arg for argument in named if argument.arg not in ("self", "cls")]


def is_verb(page, definition) -> bool:
    """Whether it is the function in `cli/train.py` that is called `train`, and so on."""
    return page.path.parent.name == "cli" and page.path.stem == definition.name


def is_overload(node: ast.AST) -> bool:
    """Whether it only declares types for another definition of the same name."""
    return any(ast.unparse(decorator).endswith("overload") for decorator in node.decorator_list)


def found(pages, words) -> list[str]:
    """The lines in which one of the words stands, also in a name_with_parts; not after a dot, as in torch.nn.utils."""
    pattern = re.compile(r"(?<![A-Za-z.])(" + "|".join(words) + r")(?![A-Za-z])", re.IGNORECASE)
    return [
        f"{page.name}:{number}: {line.strip()}"
        for page in pages for number, line in enumerate(page.text.splitlines(), start=1) if pattern.search(line)
    ]
