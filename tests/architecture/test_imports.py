"""Who may import whom, and what must not be loaded just to look at gambol."""

import ast
import os
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import numpy as np
import pytest

from gambol.formats import save
from gambol.labels.columns import USER
from gambol.labels.convert import from_poses
from gambol.labels.skeleton import Skeleton
from gambol.poses import Poses
from gambol.video.source import VideoSource

HEAVY = ("torch", "cv2", "av", "h5py", "pandas", "sleap_io", "scipy", "matplotlib")
MAIN = "from gambol.cli import main; main()"


def loaded_after(code: str, *arguments: str) -> set[str]:
    """The heavy packages that a fresh interpreter has loaded when it leaves `code`, however it leaves."""
    program = (
        "import atexit, sys\n"
        f"atexit.register(lambda: print('LOADED', *[name for name in {HEAVY} if name in sys.modules]))\n{code}\n"
    )
    command = [sys.executable, "-c", program, *arguments]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    last = result.stdout.splitlines()[-1].split()
    assert last[0] == "LOADED"
    return set(last[1:])


class TestWhatLooksStaysLight:
    def test_the_test_itself_can_tell(self):
        assert loaded_after("import h5py") == {"h5py"}

    @pytest.mark.parametrize("code, arguments", [("import gambol", ()), (MAIN, ("--help",))])
    def test_nothing_heavy_is_loaded(self, code, arguments):
        assert loaded_after(code, *arguments) == set()


    def test_scoring_needs_no_torch(self, tmp_path):
        skeleton, video = Skeleton(("head", "tail")), VideoSource(tmp_path / "walk.mp4")
        columns = from_poses(skeleton, [video], [(0, 0, Poses.of(np.array([[[10.0, 20.0], [30.0, 40.0]]])))], USER)
        save(columns, tmp_path / "truth.slp")
        assert "torch" not in loaded_after(MAIN, "evaluate", str(tmp_path / "truth.slp"), str(tmp_path / "truth.slp"))

    def test_predicting_with_exported_networks_needs_little(self, trained, geckos, tmp_path):
        words = "predict", geckos.video, "-m", trained.run, "-o", tmp_path / "out.slp", "--device", "cpu"
        assert loaded_after(MAIN, *map(str, words)) == {"cv2", "av", "h5py"}


class TestDirection:
    def test_the_import_contracts_are_kept(self, root):
        # the same executable that `make check` calls, beside the interpreter
        command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
        result = subprocess.run(command, cwd=root, capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"})
        assert result.returncode == 0, result.stdout + result.stderr


class TestDependencies:
    def test_every_package_that_is_imported_is_declared(self, root, source):
        project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
        groups = [project["dependencies"], *project["optional-dependencies"].values()]
        declared = {name_of(requirement) for group in groups for requirement in group}
        known = packages_distributions()
        imported = {name for page in source for name in imports(page.tree)} - set(sys.stdlib_module_names) - {"gambol"}
        undeclared = {
            name for name in imported
            if not {normal(distribution) for distribution in known.get(name, [name])} & declared
        }
        assert undeclared == set()

    def test_the_pins_name_no_machine(self, root):
        lines = (root / "constraints.txt").read_text().splitlines()
        pins = [line for line in lines if not line.startswith("#")]
        assert "torch==2.13.0" in pins
        assert [pin for pin in pins if pin.count("==") != 1 or any(mark in pin for mark in "/@+ ")] == []


def imports(tree: ast.Module) -> set[str]:
    """The packages that a file imports anywhere in it."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names


def name_of(requirement: str) -> str:
    """The distribution that a requirement such as `torch>=2.8` asks for."""
    end = next((i for i, sign in enumerate(requirement) if not (sign.isalnum() or sign in "-_.")), len(requirement))
    return normal(requirement[:end])


def normal(name: str) -> str:
    """A distribution's name as package indexes compare it."""
    return name.lower().replace("_", "-").replace(".", "-")
