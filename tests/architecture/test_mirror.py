"""The tests stand where the code stands, so that a page and its specification are found together."""

ELSEWHERE = ("architecture", "workflows", "browser")  # what belongs to no single page of the code


def test_every_test_file_specifies_a_page_of_the_code(root):
    tests, source = root / "tests", root / "src" / "gambol"
    orphans = []
    for path in sorted(tests.rglob("test_*.py")):
        relative = path.relative_to(tests)
        page = source / relative.parent / relative.stem.removeprefix("test_")
        if relative.parts[0] not in ELSEWHERE and not page.is_dir() and not page.with_suffix(".py").is_file():
            orphans.append(relative.as_posix())
    assert orphans == []


def test_every_room_has_tests(root):
    rooms = {path.parent.name for path in (root / "src" / "gambol").glob("*/__init__.py")}
    tested = {path.name for path in (root / "tests").iterdir() if any(path.rglob("test_*.py"))}
    assert rooms - tested == set()
